"""What the four tabs of an account's page show; each is read only when it is opened."""

from collections import Counter
from itertools import islice
from typing import Any

from django.db.models import Count, Max, Q

from agents.selectors.recommendations import advice
from crm.models import Company, Deal
from crm.selectors.deal_health import LARGEST, deal_score
from crm.selectors.lists import tasks_in
from crm.selectors.objections import visible_objections
from crm.selectors.visibility import visible_deals, visible_meetings
from gtmos.context.models import Claim, MessageTree, Product
from gtmos.context.selectors.messages import default_product, products
from gtmos.kernel import clock, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.fields.services.locks import locks_of
from gtmos.kernel.history.models import Change
from gtmos.kernel.records import visible_to
from gtmos.kernel.rights import hidden_fields
from gtmos.workspace.selectors.action_sets import action_set
from outreach.enums import TouchState
from outreach.models import Enrollment, Touch
from outreach.scoring.formulas import grade
from outreach.selectors.campaigns import visible_campaigns
from outreach.selectors.prospects import visible_prospects

SHOWN = 20
HAPPENINGS = (("", "All"), ("changes", "Changes"), ("events", "Events"), ("runs", "Runs"))


def action_tab(company: Company, *, actor: Actor) -> dict[str, Any]:
    """What one can do, what is recommended, what the next stage asks for, what colleagues say."""
    found = advice(company, actor=actor)
    tasks = tasks_in("all", actor=actor).filter(company=company).defer(None).select_related(None)
    name, actions = action_set(company, actor=actor)
    return {
        "recommendations": found.recommendations,
        "steps": found.steps,
        "tasks": tasks.select_related("owner")[:SHOWN],
        "set_name": name,
        "actions": actions,
        "now": clock.now(),
        "counts": {"action": len(found.recommendations)},
    }


def assets_tab(company: Company, *, actor: Actor) -> dict[str, Any]:
    """Meetings and campaigns; documents stand in a fragment of their own."""
    meetings = visible_meetings(actor=actor).select_related(None).select_related("owner")
    seen = visible_campaigns(actor=actor).select_related(None).order_by().values("pk")
    rows = Enrollment.objects.filter(contact__company=company, campaign__in=seen).order_by()
    campaigns = (
        rows.values("campaign_id", "campaign__name", "campaign__state")
        .annotate(
            people=Count("contact", distinct=True),
            sent=Count("touches", filter=Q(touches__state=TouchState.SENT), distinct=True),
            replied=Count(
                "touches",
                filter=Q(touches__replied_at__isnull=False) & ~Q(touches__reply_category="out_of_office"),
                distinct=True,
            ),
            last=Max("touches__sent_at"),
        )
        .order_by("-last", "campaign__name")
    )
    return {
        "meetings": meetings.filter(company=company).order_by("-starts_at", "-pk")[:SHOWN],
        "campaigns": list(campaigns[:SHOWN]),
    }


def message_tree_tab(company: Company, *, actor: Actor, product_key: str = "") -> dict[str, Any]:
    """The words about the product of their deal, with what people here were sent and what they objected to."""
    product = _product(company, product_key, actor)
    tree = MessageTree.objects.filter(product=product).first() if product else None
    heard, touches = _heard(company, actor)
    claims = list(Claim.objects.filter(tree=tree)) if tree else []
    return {
        "product": product,
        "products": products(actor=actor)[:SHOWN],
        "tree": tree,
        "lines": _lines(tree, claims, heard) if tree else [],
        "touches": touches,
        "objections": visible_objections(actor=actor)
        .select_related("contact")
        .filter(company=company)
        .order_by("-raised_at")[:SHOWN],
    }


def _product(company: Company, key: str, actor: Actor) -> Product | None:
    known = products(actor=actor)
    if key:
        return known.filter(pk=key).first()
    deals = visible_deals(actor=actor).filter(company=company, product__isnull=False)
    named = deals.order_by("-created_at").values_list("product", flat=True).first()
    return known.filter(pk=named).first() if named else default_product(actor=actor)


def _heard(company: Company, actor: Actor) -> tuple[Counter[str], int]:
    """How many mails to people here were built on each text of the tree."""
    campaigns = visible_campaigns(actor=actor).select_related(None).order_by().values("pk")
    sent = Touch.objects.filter(contact__company=company, state=TouchState.SENT, campaign__in=campaigns)
    rows = list(sent.order_by().values("step__sources").annotate(count=Count("pk")))
    heard: Counter[str] = Counter()
    for row in rows:
        for text in {str(source.get("text", "")) for source in row["step__sources"] or ()}:
            heard[text] += row["count"]
    return heard, sum(row["count"] for row in rows)


def _lines(tree: MessageTree, claims: list[Claim], heard: Counter[str]) -> list[dict[str, Any]]:
    lines = [
        _line("Story", tree.founding_narrative, heard),
        _line("Headline", tree.headline, heard, is_strong=True),
        *(_line(f"Value {place}", text, heard) for place, text in enumerate(tree.value_props, start=1)),
        *(_claim(each, heard) for each in claims),
        _line("Specs", tree.technical_specs, heard),
        _line("Asks for", tree.call_to_action, heard),
    ]
    return [each for each in lines if each["text"]]


def _line(name: str, text: str, heard: Counter[str], *, is_strong: bool = False) -> dict[str, Any]:
    return {"name": name, "text": text, "used": heard[text], "is_strong": is_strong, "is_below": False}


def _claim(claim: Claim, heard: Counter[str]) -> dict[str, Any]:
    name = {"demonstrable_value": "Proof", "demonstrable_craftsmanship": "Craft"}.get(claim.kind, "Users")
    has_expired = claim.expires_on is not None and claim.expires_on < clock.today()
    why = "no proof yet" if not claim.evidence_url else "expired" if has_expired else ""
    return {**_line(name, claim.text, heard), "is_below": True, "url": claim.evidence_url, "why": why}


def inspect_tab(company: Company, *, actor: Actor, which: str = "") -> dict[str, Any]:
    """Scores in their parts, where each fact came from, and what happened, by whom."""
    prospect = visible_prospects(actor=actor).filter(company=company).order_by("-created_at").first()
    deals = visible_deals(actor=actor).filter(company=company, deal_state="open").order_by(LARGEST, "id")
    return {
        "prospect": prospect,
        "grade": grade(prospect.priority_score) if prospect else "",
        "deal_scores": [(each, deal_score(each, actor=actor)) for each in deals[:3]],
        "kept": _kept(company, actor),
        "happenings": _happenings(company, actor, which),
        "which": which,
        "kinds": HAPPENINGS,
    }


def _kept(company: Company, actor: Actor) -> list[dict[str, str]]:
    """Facts that only people change, as far as the reader may see them."""
    hidden = hidden_fields(Company, actor=actor)
    return [
        {"label": name.rpartition(".")[2].replace("_", " "), "by": note["by"], "at": note["at"][:10]}
        for name, note in sorted(locks_of(company).items())
        if name.partition(".")[0] not in hidden
    ]


def _happenings(company: Company, actor: Actor, which: str) -> list[dict[str, Any]]:
    changes = _changes(company) if which in {"", "changes"} else []
    events = _events(company, actor) if which in {"", "events", "runs"} else []
    if which == "runs":
        events = [each for each in events if each["run"]]
    return sorted([*changes, *events], key=lambda each: each["at"], reverse=True)[: SHOWN * 2]


def _changes(company: Company) -> list[dict[str, Any]]:
    rows: list[Change] = list(history.of_record(company)[:SHOWN])
    return [
        {
            "at": each.timestamp,
            "kind": "Change",
            "name": ", ".join(islice(each.changed_fields, 3)) or each.change_category.lower(),
            "text": each.summary,
            "by": each.user_name,
            "run": None,
        }
        for each in rows
    ]


def _events(company: Company, actor: Actor) -> list[dict[str, Any]]:
    """About the company itself and its deals that the reader sees; ids only, so nothing hidden is told."""
    deals = visible_to(actor, Deal.objects.filter(company=company)).order_by().values_list("pk", flat=True)
    rows = EventRecord.objects.filter(subject_id__in=[company.pk, *deals[:50]]).order_by("-happened_at")
    return [
        {
            "at": each.happened_at,
            "kind": "Run" if each.run_id else "Event",
            "name": each.name,
            "text": "",
            "by": each.actor_label,
            "run": each.run_id,
        }
        for each in rows[:SHOWN]
    ]
