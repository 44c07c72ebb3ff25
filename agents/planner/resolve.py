"""From words to one record, or to a question: deals through their companies, people through the mail in focus."""

import re

from agents.planner.names import Record
from agents.planner.scene import FULL, Draft, Found, Scene
from agents.planner.text import Span


def put_record(draft: Draft, slot: str, found: Found) -> Record | None:
    """Fill the slot with the one record, or ask which."""
    record = found.one
    if record is not None:
        draft.put(slot, record.key, found.span)
    elif len(found.records) > 1:
        draft.ask(slot, found.names)
    return record


def need_campaign(draft: Draft, scene: Scene) -> Record | None:
    """The campaign named, else the one carried or in focus; else ask, with the campaigns there are."""
    found = scene.named("campaign")
    if not found.records:
        found = scene.shown("campaign")
    if not found.records:
        draft.ask("campaign", [r.key for r in scene.world.campaigns][:8])
        return None
    return put_record(draft, "campaign", found)


def find_deal(scene: Scene) -> tuple[Found, bool]:
    """(deals meant, whether anything was named at all)."""
    deal, company = scene.named("deal"), scene.named("company")
    if deal.records and (scene.score(deal, "deal") >= 0.65 or not company.records):
        return deal, True
    if company.records:
        return _deals_of(scene, company), True
    contact = scene.named("contact")
    if contact.records and contact.one is None:
        return contact, True
    if contact.one is not None and contact.one.company:
        return Found(tuple(scene.world.names.related(contact.one.company, "deal")), contact.span), True
    stranger = scene.unknown()
    if stranger is not None and not _points_at_screen(scene, stranger):
        return Found(), True
    return _deal_on_screen(scene), False


def _points_at_screen(scene: Scene, stranger: Span) -> bool:
    """As in "mark it lost, no bugdet": "it" is the deal on screen, the odd word behind it no name."""
    pointing = re.search(r"\b(?:it|this|that)\b", scene.low[: stranger.start])
    return pointing is not None and scene.context.focused("deal") != "" and str(stranger.value).islower()


def _deals_of(scene: Scene, company: Found) -> Found:
    deals: list[Record] = []
    for record in company.records:
        deals += scene.world.names.related(record.name, "deal")
    return Found(tuple(deals), company.span)


def _deal_on_screen(scene: Scene) -> Found:
    shown = scene.shown("deal")
    if shown.records:
        return shown
    for kind in ("company", "contact"):
        other = scene.shown(kind)
        if other.one is not None:
            owner = other.one.name if kind == "company" else other.one.company
            return Found(tuple(scene.world.names.related(owner, "deal")))
    return Found()


def need_deal(draft: Draft, scene: Scene) -> Record | None:
    found, _ = find_deal(scene)
    if not found.records:
        draft.ask("deal")
        return None
    return put_record(draft, "deal", found)


def find_contact(scene: Scene, *, before: int | None = None, after: int = 0) -> Found:
    """The contact named; a namesake is told apart by the company said beside the name, or by the address."""
    found = scene.named("contact", before=before, after=after)
    if found.one is None and found.records:
        company = scene.named("company")
        same = [
            r for r in found.records if company.records and r.company in {c.name for c in company.records}
        ]
        found = Found(tuple(same), found.span) if same else found
    return found if found.records else _by_address(scene)


def _by_address(scene: Scene) -> Found:
    for span in scene.sentence.of("email"):
        address = scene.low[span.start : span.end]
        for record in scene.world.names.lookup(address, ("contact",)):
            if str(record.facts.get("email", "")).lower() == address:
                return Found((record,), span)
    return Found()


def sender(scene: Scene) -> Found:
    """Who wrote the mail in focus, when we know the address."""
    focus = scene.context.focus
    if focus is None or not focus.sender:
        return Found()
    address = focus.sender.lower()
    return Found(
        tuple(
            r
            for r in scene.world.names.lookup(address, ("contact",))
            if str(r.facts.get("email", "")).lower() == address
        )[:1]
    )


def shown_contact(scene: Scene) -> Found:
    shown = scene.shown("contact")
    return shown if shown.records else sender(scene)


def put_parties(draft: Draft, scene: Scene, *, before: int | None = None, after: int = 0) -> bool:
    """Fill contact, company and deal as far as they were said. True when something was named, known or not."""
    contact = find_contact(scene, before=before, after=after)
    company = scene.named("company", before=before, after=after)
    deal = scene.named("deal", before=before, after=after)
    if deal.records and scene.score(deal, "deal") >= 0.7 and not rather_company(scene, deal, company):
        put_record(draft, "deal", deal)
        if company.span and deal.span and company.span.overlaps(deal.span):
            company = Found()
    if contact.records and contact.span is not None and _is_company_name(scene, contact, company):
        contact = Found()
    put_record(draft, "contact", contact)
    if company.records and not (contact.span and company.span and company.span.overlaps(contact.span)):
        put_record(draft, "company", company)
    return bool(contact.records or company.records or draft.slots.get("deal"))


def rather_company(scene: Scene, deal: Found, company: Found) -> bool:
    """As in "Summit Foods" said in full is the company, though a deal's name begins with it."""
    same = deal.span is not None and company.span is not None and company.span.overlaps(deal.span)
    return same and scene.score(company, "company") >= FULL > scene.score(deal, "deal")


def _is_company_name(scene: Scene, contact: Found, company: Found) -> bool:
    """The same words may be a company's name said in full and somebody's first name."""
    same = company.span is not None and contact.span is not None and company.span.overlaps(contact.span)
    return (
        same
        and scene.score(company, "company") > scene.score(contact, "contact")
        and scene.score(company, "company") >= FULL
    )
