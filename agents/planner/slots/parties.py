"""Companies and contacts: new ones, changed ones, doubled ones."""

import re
from typing import Any

from agents.planner.scene import Draft, Scene, clean
from agents.planner.slots.generic import after, word


def company_create(scene: Scene) -> Draft:
    draft = Draft("company.create")
    rest = after(
        scene,
        r"^.*?\b(?:company|account|customer|register|enter|put|add)\b(?:\s+(?:called|named|record|for|new|a|the|as|prospect))*\s*:?\s*",
    )
    domain = scene.first("domain")
    if rest:
        name = re.split(r",|\s+(?:in|as|with|based|owned|domain|at|from)\s|\s+\S+\.\w+", rest[0])[0]
        draft.put("name", clean(name))
    draft.put("domain", scene.raw[domain.start : domain.end] if domain else None, domain)
    for slot, kind in (("industry", "industry"), ("location", "place"), ("segment", "segment")):
        span = scene.first(kind)
        draft.put(slot, span.value if span else None, span)
    heads = scene.find(r"\b(\d[\d,]*)\s+(?:people|employees|staff|heads)\b")
    draft.put("headcount", int(heads.group(1).replace(",", "")) if heads else None)
    state = next((s for s in scene.world.customer_states if scene.has(rf"\b{re.escape(s)}\b")), None)
    draft.put("state", state)
    user = scene.named("user")
    draft.put("owner", user.names[0] if user.one else None, user.span)
    return draft


def company_update(scene: Scene) -> Draft:
    draft = Draft("company.update")
    company = scene.named("company")
    if company.one is None and not company.records:
        company = scene.shown("company")
    draft.put("company", company.names[0] if company.one else None, company.span)
    if company.one is None:
        draft.ask("company", company.names)
    changes: dict[str, Any] = {}
    state = next((s for s in scene.world.customer_states if word(scene, re.escape(s))), None)
    for key, kind in (("industry", "industry"), ("location", "place"), ("segment", "segment")):
        span = scene.first(kind)
        if span and not (company.span and span.overlaps(company.span)):
            changes[key] = span.value
    heads = scene.find(
        r"\b(?:headcount|employees|people|staff)\b[^\d]{0,12}(\d[\d,]*)|(\d[\d,]*)\s+(?:people|employees|staff|heads)\b"
    )
    user, domain = scene.named("user"), scene.first("domain")
    changes |= {k: v for k, v in (
        ("state", state), ("headcount", int((heads.group(1) or heads.group(2)).replace(",", "")) if heads else None),
        ("owner", user.names[0] if user.one else None), ("domain", scene.raw[domain.start : domain.end] if domain else None),
    ) if v is not None}  # fmt: skip
    draft.put("set", changes)
    return draft


def contact_create(scene: Scene) -> Draft:
    draft = Draft("contact.create")
    mail = scene.first("email")
    draft.put("email", scene.raw[mail.start : mail.end] if mail else None, mail)
    person = re.search(r"\b[A-Z][\w'’-]+(?:\s+(?:de|van|von|da|di)\b)?(?:\s+[A-Z][\w'’-]+)+", scene.raw[4:])
    stranger = scene.first("unknown")
    if stranger:
        draft.put("name", clean(stranger.value), stranger)
    elif person:
        draft.put("name", person.group())
    title, company = scene.first("title"), scene.named("company")
    draft.put("title", title.value[0] if title else None, title)
    draft.put("company", company.names[0] if company.one else None, company.span)
    if company.records and company.one is None:
        draft.ask("company", company.names)
    phone = scene.find(r"(?<!\w)\+?\d[\d ()-]{6,}\d")
    draft.put("phone", clean(phone.group()) if phone else None)
    return draft


def contact_update(scene: Scene) -> Draft:
    draft = Draft("contact.update")
    contact = scene.named("contact")
    if not contact.records:
        contact = scene.shown("contact")
    draft.put("contact", contact.names[0] if contact.one else None, contact.span)
    if contact.one is None:
        draft.ask("contact", contact.names)
    changes: dict[str, Any] = {}
    mail, title = scene.first("email"), scene.first("title")
    given = after(
        scene,
        r"\b(?:title|role|position)\b.*?\b(?:to|is|:)\s+|\b(?:is now|promoted to|became)\s+(?:the |a )?",
    )
    phone = scene.find(r"(?<!\w)\+?\d[\d ()-]{6,}\d")
    if mail:
        changes["email"] = scene.raw[mail.start : mail.end]
    elif title or given:
        changes["title"] = given[0] if given else title.value[0] if title else ""
    elif phone:
        changes["phone"] = clean(phone.group())
    elif scene.has(r"\bopt(?:ed)?[- ]?out\b|\bunsubscribed\b"):
        changes["opted_out"] = True
    company = scene.named("company")
    if not changes and company.one is not None:
        changes["company"] = company.one.key
    draft.put("set", changes)
    return draft


def dedupe(scene: Scene) -> Draft:
    draft = Draft("records.dedupe")
    company, contact = scene.mentions("company"), scene.mentions("contact")
    entity = "contacts" if contact or scene.has(r"\b(?:contacts?|people)\b") else "companies"
    draft.put("entity", entity)
    found = contact or company
    target = found[-1].span if len(found) > 1 else None
    if target and scene.has(r"\binto\b"):
        draft.put("keep", scene.raw[target.start : target.end], target)
    elif target:
        draft.put("merge", found[0].names[0], found[0].span)
    elif found and found[0].span:
        draft.put("merge", scene.raw[found[0].span.start : found[0].span.end], found[0].span)
    return draft
