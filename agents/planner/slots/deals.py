"""Deals: a new one, and the changed fields of one that exists."""

import re
from typing import Any

from agents.planner.grammar.numbers import parse_number
from agents.planner.lexicon.stages import lost_stage, next_stage, won_stage
from agents.planner.names import Record
from agents.planner.resolve import find_contact, need_deal, put_record, shown_contact
from agents.planner.scene import Draft, Scene, clean
from agents.planner.slots.stages import close_date, find_stage
from agents.planner.text import Span

_OWNER = re.compile(
    r"\b(?:owner(?:ship)?(?: is| to|:)?|owned by|assign(?:ed)?(?: to)?|reassign|hand(?:ed)?(?: over)?(?: to)?|give|transfer(?:red)?(?: to)?|belongs? to|for|to|rep|ae:?|pass(?: on)? to|make|by|with|under)\s+(?:[a-z]+\s+){0,3}$"
)
_BY = re.compile(r"\b(?:by|with|for)\s+(?:an?(?:other|dditional)?\s+|another\s+)?$")
_RAISE = re.compile(r"\b(?:increase|raise|up|bump|add|grow|lift|plus|more|higher)\w*\b")
_LOWER = re.compile(r"\b(?:decrease|reduce|lower|cut|drop|discount|minus|less|down|shave|trim|knock)\w*\b")
_LOST = re.compile(
    r"\b(?:lost|lose|losing|closed[- ]lost|dead|went with (?:a |another |the )?(?:competitor|someone else|other)|fell through|didn'?t make it|no deal)\b"
)
_WON = re.compile(
    r"\b(?:won|win|wins|signed|closed[- ]won|they signed|bought|sealed|landed|in the bag|(?:we|i)(?:'ve| have)? (?:just |finally )?closed(?! lost))\b"
)
_REASON = re.compile(
    r"(?:\b(?:because(?: of)?|due to|reason(?: is| was|:)?|since|as (?=they|he|she|the|we|no|budget)|over(?= (?:price|budget|cost))|on (?=price|budget|cost|timing)|thanks to|owing to|for lack of|for)(?:\s*:)?\s*|[,:;-]\s*|\bto (?=(?:a|an|the|another|some|our|their)\b|competitor|competition|rival|[A-Z]))(?P<why>[^\s.;][^.;]*)$",
)
# "…, mark as lost" orders; it is no reason.
_TOLD = re.compile(
    r"(?:(?:so|please|pls|and|then|you can)\s+)*(?:mark|set|move|put|close|update|change|make|flag|call)\b",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"\b(?:next stage|one stage (?:forward|ahead|further|up|on)|(?:a|one) step (?:forward|ahead)|the following stage|next step|next phase)\b|\badvance\b(?!.*\bto\b)"
)
_RENAME = re.compile(r"\b(?:rename|call|name)\b.*?\b(?:to|as|it)\s+(?P<name>.+)$")
_NAMED = re.compile(
    r"\b(?:called|named|name(?:d)?:?|titled|name it|call it)\s+(?P<name>[^,;:]+?)(?=,|;|$|\s+(?:for|with|worth|at|closing|in|over|owner)\b)"
)
_BETWEEN = re.compile(
    r"\b(?:[Dd]eal|[Oo]pportunity|[Oo]pp)\s+(?P<name>[A-Z][\w&-]*(?:\s+[A-Z0-9][\w&-]*)+)\s+(?:with|for|at|to)\s"
)
_CLOSE = re.compile(r"\b(?:clos\w*|due|expected|sign\w*|by|until|till|for|to|deliver\w*|end\w*|date)\b")


def create(scene: Scene) -> Draft:
    draft = Draft("deal.create")
    company = scene.named("company")
    contact = find_contact(scene)
    if company.span and contact.span and company.span.overlaps(contact.span):
        contact = type(contact)()
    put_record(draft, "contact", contact)
    record = put_record(draft, "company", company)
    if record is None and "company" not in draft.missing:
        _company_otherwise(draft, scene, contact.one)
    _put_money(draft, scene)
    _put_details(draft, scene)
    return draft


def _company_otherwise(draft: Draft, scene: Scene, contact: Record | None) -> None:
    """Unsaid, the company is that of the contact or the one in focus; an unknown name is asked about."""
    shown = scene.shown("company")
    if contact is not None and contact.company:
        draft.put("company", contact.company)
    elif scene.unknown() is None and shown.one is not None:
        draft.put("company", shown.one.key)
    elif scene.unknown() is None and (person := shown_contact(scene).one) is not None and person.company:
        draft.put("company", person.company)
    else:
        draft.ask("company")


def _put_money(draft: Draft, scene: Scene) -> None:
    money = scene.first("money")
    if money:
        draft.put("amount", money.value, money)
        return
    number = next((s for s in scene.sentence.of("number") if s.value >= 100), None)
    worth = scene.find(r"\b(?:worth|amount|value[d]?|at|of|for|over|size)\b")
    if (
        number
        and worth
        and not re.match(
            r"\s*(?:seats?|users?|licen[cs]es?|months?|days?|people|units)", scene.low[number.end :]
        )
    ):
        draft.put("amount", {"amount": number.value, "currency": scene.world.currency}, number)


def _put_details(draft: Draft, scene: Scene) -> None:
    stage = find_stage(scene)
    if stage:
        draft.put("stage", stage.value, stage)
    date = close_date(scene)
    if date:
        draft.put("close_date", date[0], date[1])
    product = scene.named("product")
    if product.records:
        put_record(draft, "product", product)
    _put_owner(draft, scene)
    quoted = scene.first("quoted")
    if quoted:
        draft.put("name", quoted.value, quoted)
    elif between := _named_before_party(scene):
        draft.put("name", scene.text_of(between.start, between.end), between)
    elif match := _NAMED.search(scene.low):
        draft.put(
            "name",
            clean(scene.raw[match.start("name") : match.end("name")]),
            Span("text", *match.span("name")),
        )


def _named_before_party(scene: Scene) -> Span | None:
    """As in "create deal Kite Cargo with Kite Airlines": what stands between, written as a name, is the deal's."""
    match = _BETWEEN.search(scene.raw)
    if match is None:
        return None
    span = Span("text", *match.span("name"))
    taken = any(
        f.span and f.span.start <= span.start and f.span.end >= span.end for f in scene.mentions("company")
    )
    return None if taken else span


def _put_owner(draft: Draft, scene: Scene) -> None:
    user = scene.named("user")
    if user.records and not _same_words(draft, user.span):
        put_record(draft, "owner", user)
    elif match := scene.find(
        r"\b(?:owner|owned by|assign\w*(?: it)? to|give it to|for)\s*:?\s*(me|myself)\b"
    ):
        mine = None if scene.low[: match.start(1)].rstrip().endswith(" for") else scene.world.me
        draft.put("owner", mine, Span("text", *match.span(1)))


def _same_words(draft: Draft, span: Span | None) -> bool:
    return span is not None and any(span.overlaps(other) for _, other in draft.marks)


def update(scene: Scene) -> Draft:
    draft = Draft("deal.update")
    deal = need_deal(draft, scene)
    changes: dict[str, Any] = {}
    marks: list[Span] = []
    _change_stage(changes, marks, scene, deal)
    _change_amount(changes, marks, scene, deal)
    _change_rest(changes, marks, scene, draft)
    draft.put("set", changes, *marks)
    if not changes and "set" not in draft.missing:
        draft.ask("set")
    return draft


def _change_stage(changes: dict[str, Any], marks: list[Span], scene: Scene, deal: Record | None) -> None:
    stages = scene.world.deal_stages
    lost, won = _outside_name(_LOST, scene), _outside_name(_WON, scene)
    stage = find_stage(scene)
    if lost and lost_stage(stages):
        changes["stage"] = lost_stage(stages)
        marks.append(Span("stage", *lost.span()))
        _change_reason(changes, marks, scene, lost.end())
    elif stage is not None:
        changes["stage"] = stage.value
        marks.append(stage)
    elif won and won_stage(stages):
        changes["stage"] = won_stage(stages)
        marks.append(Span("stage", *won.span()))
    elif (match := _NEXT.search(scene.low)) and deal is not None:
        after = next_stage(str(deal.facts.get("stage", "")), stages)
        if after:
            changes["stage"] = after
            marks.append(Span("stage", *match.span()))


def _outside_name(pattern: re.Pattern[str], scene: Scene) -> re.Match[str] | None:
    names = scene.sentence.of("name", "quoted")
    return next(
        (m for m in pattern.finditer(scene.low) if not any(n.start <= m.start() < n.end for n in names)), None
    )


def _change_reason(changes: dict[str, Any], marks: list[Span], scene: Scene, after: int) -> None:
    said = re.match(r"\s*(?:deal|opportunity|as well|now|today)?\s*", scene.low[after:])
    start = after + (said.end() if said else 0)
    match = _REASON.search(scene.raw[start:])
    if match is None:
        return
    begin, end = start + match.start("why"), start + match.end("why")
    reason = clean(
        re.sub(
            r"^(?:reason(?: is| was)?:?|because(?: of)?|due to|they (?:said|told us))\s*",
            "",
            clean(scene.raw[begin:end]),
            flags=re.IGNORECASE,
        )
    )
    name = any(
        s.start <= begin and s.end >= end for s in scene.sentence.of("name", "date", "period", "money")
    )
    if reason and not name and not _TOLD.match(reason):
        changes["lost_reason"] = reason
        marks.append(Span("text", begin, end))


def _change_amount(changes: dict[str, Any], marks: list[Span], scene: Scene, deal: Record | None) -> None:
    span, value = _amount(scene)
    if span is None or value is None:
        return
    delta = _BY.search(scene.low[: span.start])
    sign = 1 if _RAISE.search(scene.low) else -1 if _LOWER.search(scene.low) else 0
    if delta and sign and deal is not None:
        now = deal.facts.get("amount")
        if not isinstance(now, int | float):
            return
        value = {"amount": now + sign * value["amount"], "currency": value["currency"]}
    changes["amount"] = value
    marks.append(span)


def _amount(scene: Scene) -> tuple[Span | None, dict[str, Any] | None]:
    spans = scene.sentence.of("money") or _raised_to(scene)
    if spans:
        target = next((s for s in spans if re.search(r"\bto\s+(?:be\s+)?$", scene.low[: s.start])), spans[-1])
        return target, target.value
    for span in scene.sentence.of("number"):
        cue = re.search(
            r"\b(?:amount|value|worth|to|at|is|now|size|of)\s*(?:of|to|is|=|:)?\s*$", scene.low[: span.start]
        )
        if (
            cue
            and span.value >= 100
            and not re.match(r"\s*(?:seats|users|days|months|%)", scene.low[span.end :])
        ):
            return span, {"amount": span.value, "currency": scene.world.currency}
    for pattern in (r"\b(?:to|at|is)\s+(\d[\d., ]*\d)\b",):
        match = scene.find(pattern)
        if (
            match
            and (number := parse_number(match.group(1).replace(" ", "")))
            and number >= 1000
            and not scene.sentence.of("date")
        ):
            return Span("number", *match.span(1)), {"amount": number, "currency": scene.world.currency}
    return None, None


def _raised_to(scene: Scene) -> list[Span]:
    """As in "bump it up to 45k", which is no limit but the new amount."""
    if not (_RAISE.search(scene.low) or scene.has(r"\b(?:bring|push|take|goes|went|move)\w*\b")):
        return []
    return [
        Span("money", s.start, s.end, {"amount": s.value["max"], "currency": s.value["currency"]})
        for s in scene.sentence.of("money_range", "range")
        if s.value["min"] is None and scene.low[s.start :].startswith("up to")
    ]


def _change_rest(changes: dict[str, Any], marks: list[Span], scene: Scene, draft: Draft) -> None:
    if changes.get("stage") != lost_stage(scene.world.deal_stages):
        date = close_date(scene)
        if date and (
            _CLOSE.search(scene.low)
            or not changes
            or scene.has(r"\b(?:push|slip|delay|postpone|move|bring|shift|pull)\w*\b")
        ):
            changes["close_date"] = date[0]
            marks.append(date[1])
    user = scene.named("user")
    if (
        user.one is not None
        and user.span
        and not _same_words(draft, user.span)
        and (_OWNER.search(scene.low[: user.span.start]) or scene.has(r"\bowner\b"))
    ):
        changes["owner"] = user.one.key
        marks.append(user.span)
    elif (
        user.records
        and len(user.records) > 1
        and _OWNER.search(scene.low[: user.span.start if user.span else 0])
    ):
        draft.ask("set", user.names)
    elif scene.world.me and (
        match := scene.find(
            r"\b(?:assign\w*|give|transfer|hand\w*(?: over)?|owner)\b.*\b(?:to|is)\s+(me|myself)\b"
        )
    ):
        changes["owner"] = scene.world.me
        marks.append(Span("text", *match.span(1)))
    _change_name(changes, marks, scene)
    product = scene.named("product")
    if product.one is not None and scene.has(r"\bproduct\b") and product.span:
        changes["product"] = product.one.key
        marks.append(product.span)


def _change_name(changes: dict[str, Any], marks: list[Span], scene: Scene) -> None:
    if not scene.has(r"\b(?:rename|call it|name it|new name)\b"):
        return
    quoted = scene.first("quoted")
    match = _RENAME.search(scene.low)
    if quoted:
        changes["name"] = quoted.value
        marks.append(quoted)
    elif match:
        changes["name"] = clean(scene.raw[match.start("name") : match.end("name")])
        marks.append(Span("text", *match.span("name")))
