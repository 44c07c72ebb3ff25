"""A to-do: what, who, until when, about whom."""

import re

from agents.planner.resolve import find_contact, put_record, rather_company, shown_contact
from agents.planner.scene import Draft, Found, Scene, clean
from agents.planner.text import Span

_EMPTY_TITLE = re.compile(
    r"(?:(?:please|pls|create|add|make|new|set|open|put|give|i|need|want|a|an|the|me|us|my|for|task|todo|to-do|to do|reminder|remind|up|another|quick|it|this|that|can|could|you)\W*)*"
)


_DUE_LEAD = re.compile(
    r"(?:\b(?:by|on|before|until|till|due(?: on| by| date)?:?|for|at|not later than|no later than|latest|from|starting|this|in|within)\s*|[,;:-]\s*|\bthe\s+)+$"
)


_TITLE_LEADS = (
    r"\b(?:to )?(?:be )?(?:done|finished|due)\s+__\s*:\s+",
    r"\b(?:remi?nde?r?|remnd|nudge|ping|poke|alert|notify|prod|buzz)\b(?: (?:me|us|myself))?(?: again)?(?:\s+(?P<due>__))?\s*(?:to|that i(?: have to| need to| should| must)?|:|,|about|of|i need to)\s+",
    r"\b(?:task|to-?do|todo|taks|reminder|action item|action|follow-?up task|item)\b(?:\s+(?:item|called|named|titled))?(?:\s+for\s+(?:me|myself))?\s*(?:to|:|-|,|that(?: i(?: need to| should)?)?|for me to)\s+",
    r"\b(?:note to self|remember|don'?t (?:let me )?forget|do not (?:let me )?forget)\b\s*(?:to|:|that)?\s+",
    r"\b(?:i|we) (?:need|have|must|should|ought|want|got|gotta|still need|still have)\s+(?:to\s+)?",
    r"\b(?:add|put|get|stick)\s+(?=.*\b(?:to|on) my (?:to-?do|list|tasks?|plate|todo))",
    r"\b(?:add to|put on|put in|write on) (?:my|the|our) (?:to-?do )?(?:list|tasks?|todos?|to-?dos?|plate)\s*(?:list)?\s*[:,-]?\s*(?:to |that i )?",
    r"\b(?:ask|tell|have|get|make|let|assign|want|give|needs?|should|has|must|remind|for)\s+(?:__USER__)\s*(?:a task|a todo|a to-?do)?\s*(?:to|:|about|that|,)?\s+",
    r"\b(?:create|add|new|make|set|open|log|schedule|put|set up|enter|crate|creat)\s+(?:up\s+)?(?:a |an |the |me |new |my |in )*(?:task|to-?do|todo|taks|reminder)\b\s*(?:for __USER__)?\s*(?:to|:|-|,|for|about|that)?\s*",
    r"^\W*(?:task|todo|to-?do|reminder)s?\b\s*(?:for __USER__)?\s*(?:to|:|-|,)?\s*",
)


_TAIL = re.compile(
    r"\s*(?:,?\s*(?:please|pls|thanks|thx|ok|okay)|,?\s*(?:to|on|in) my (?:to-?do(?: list)?|list|todo list|tasks?|plate|calendar)|,?\s*(?:assign(?:ed)?(?: it)? to|owner:?|assignee:?)\s*\S.*)\s*$"
)


def task(scene: Scene) -> Draft:
    draft = Draft("task.create")
    assignee = _assignee(scene)
    put_record(draft, "assignee", assignee)
    due = _due(scene)
    if due:
        value = due.value[0] if due.kind == "period" else due.value.coming
        draft.put("due", value.isoformat(), due)
    start, end = _title_bounds(scene, assignee.span, due)
    title = _title(scene, start, end, due)
    bare = (
        title.lower().replace(scene.low[assignee.span.start : assignee.span.end], "")
        if assignee.span
        else title.lower()
    )
    if not _EMPTY_TITLE.fullmatch(bare.strip()) and not _only_a_name(scene, start, end):
        draft.put("title", title, Span("text", start, end))
    _put_subjects(draft, scene, assignee.span)
    return draft


def _only_a_name(scene: Scene, start: int, end: int) -> bool:
    """As in "create a task for Anna Weiss": whom it is about, not what is to be done."""
    return any(
        span.value[0].record.kind in {"contact", "company", "deal"}
        and not scene.low[start : span.start].strip(" :,-")
        and not scene.low[span.end : end].strip(" .!?,")
        for span in scene.sentence.of("name")
    ) and not scene.has(r"\b(?:remi?nd|todo|to-do)\b|:")


def _put_subjects(draft: Draft, scene: Scene, taken: Span | None) -> None:
    """The records a task is about. A name that is the assignee's is not looked at again."""
    contact, company, deal = find_contact(scene), scene.named("company"), scene.named("deal")
    if taken and contact.span and contact.span.overlaps(taken):
        contact = Found()
    if contact.span and company.span and company.span.overlaps(contact.span):
        contact = Found() if scene.score(company, "company") > scene.score(contact, "contact") else contact
        company = company if not contact.records else Found()
    if deal.records and scene.score(deal, "deal") >= 0.7 and not rather_company(scene, deal, company):
        put_record(draft, "deal", deal)
        company = Found() if company.span and deal.span and company.span.overlaps(deal.span) else company
    put_record(draft, "contact", contact)
    put_record(draft, "company", company)
    if not (contact.records or company.records or deal.records):
        _pronoun(draft, scene)


def _pronoun(draft: Draft, scene: Scene) -> None:
    """As in "call her", "send them the deck": the person or company an earlier step or the screen has."""
    if scene.has(r"\b(?:him|her|them|they|he|she)\b"):
        shown = shown_contact(scene)
        kind = "contact"
        if not shown.records and scene.has(r"\b(?:them|they)\b"):
            shown, kind = scene.shown("company"), "company"
        if shown.one is not None:
            draft.put(kind, shown.one.key)


def _assignee(scene: Scene) -> Found:
    """A colleague asked, told or named as the one to do it."""
    for found in scene.mentions("user"):
        if found.span is None:
            continue
        before, after = scene.low[: found.span.start], scene.low[found.span.end :]
        lead = re.search(
            r"\b(?:remind|remnd|ask|tell|have|get|make|let|assign(?:ed)?(?: it)?(?: to)?|task|todo|to-?do|give|for|want|owner:?|assignee:?|on|nudge|ping|@)\s*:?\s*$",
            before,
        )
        if re.search(
            r"\b(?:task|todo|to-do|reminder|me|remember|forget)\b.*\bto\s+(?:ask|tell|ping|give|nudge)\s*$",
            before,
        ):
            continue
        verb = re.match(
            r"\s*(?:,|:|-)?\s*(?:should|must|needs? to|has to|to|:|please|can|could|a (?:task|todo|to-?do))\b",
            after,
        )
        if (lead or (verb and not before.strip())) and not _is_contact(scene, found):
            return found
        if verb and re.search(r"\b(?:task|todo|reminder)\b.*\bfor\s*$", before):
            return found
    return Found()


def _is_contact(scene: Scene, found: Found) -> bool:
    contact = scene.named("contact")
    same = bool(contact.span and found.span and contact.span.overlaps(found.span))
    return same and scene.score(contact, "contact") > scene.score(found, "user")


def _due(scene: Scene) -> Span | None:
    """The last day said; "call Bill about the June 3 visit" would need a lead before it."""
    dates = [s for s in scene.sentence.of("date") if not re.match(r"\s*(?:'s|s')\s", scene.low[s.end :])]
    periods = [
        s
        for s in scene.sentence.of("period")
        if re.search(r"\b(?:next|this|coming)\b", scene.low[s.start : s.end])
        and s.value[0] >= scene.today.replace(day=1)
    ]
    led = [
        s
        for s in [*dates, *periods]
        if _DUE_LEAD.search(scene.low[: s.start]) or not scene.low[s.end :].strip(" .!?")
    ]
    chosen = led or dates or [p for p in periods if not scene.low[p.end :].strip(" .!?")]
    return max(chosen, key=lambda s: s.start) if chosen else None


def _title_bounds(scene: Scene, assignee: Span | None, due: Span | None) -> tuple[int, int]:
    """From the end of the longest lead to the end of the sentence."""
    text = list(scene.low)
    if assignee:
        text[assignee.start : assignee.end] = "\x01" * assignee.width
    if due:
        text[due.start : due.end] = "\x02" * due.width
    masked = "".join(text)
    start = 0
    for lead in _TITLE_LEADS:
        pattern = lead.replace("__USER__", r"\x01+").replace("__", r"(?:on |by |in |at )?\x02+,?")
        match = re.search(pattern, masked)
        if match and match.end() < len(masked) and match.start() <= max(start, 45):
            start = max(start, match.end())
            break
    start = _skip(masked, start)
    tail = _TAIL.search(masked[: len(masked)])
    return start, tail.start() if tail and tail.start() > start else len(scene.raw)


def _skip(masked: str, start: int) -> int:
    """Past the assignee, the date and the joints between them."""
    match = re.match(
        r"(?:\s|[,:;-]|\x01|(?:(?:by|on|for|due|before|until|at|in)\s+)?\x02+|(?:to|for|that|he|she|they|should|must|needs|has|please|a task|task)\b(?=\s|\x01|\x02|:))*",
        masked[start:],
    )
    end = start + (match.end() if match else 0)
    return end if end < len(masked) else start


def _title(scene: Scene, start: int, end: int, due: Span | None) -> str:
    text = scene.raw[start:end]
    if due and start <= due.start < end:
        lead = _DUE_LEAD.search(scene.raw[start : due.start].lower())
        cut = start + (lead.start() if lead else due.start - start)
        text = scene.raw[start:cut] + " " + scene.raw[due.end : end]
    return clean(re.sub(r"\s+,", ",", text))
