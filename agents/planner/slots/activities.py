"""What happened, and what is to be done."""

import re

from agents.planner.resolve import find_contact, put_parties, put_record, rather_company, shown_contact
from agents.planner.scene import Draft, Found, Scene, clean
from agents.planner.text import Span

_TYPES = (
    ("note", r"^\W*(?:please |pls )?(?:(?:log|add|make|put|leave|write|take|drop|record|enter|create|jot|save|quick|new)\s+)*(?:a |an |my |the |this |quick |short |down )*\b(?:notes?|memo|comment|remark)\b|\b(?:jot|write) down\b|^\W*(?:please |pls |can you |could you )*note\b"),
    ("call", r"\bcall(?:s|ed)?\b|\brang\b|\bphon(?:e|ed)\b|\bvoice-?mails?\b|\bvm\b|\b(?:pick(?:ed)? up)\b|\bno answer\b|\bspoke(?:n)?\b|\btalk(?:ed)?\b|\bdial(?:l?ed)?\b|\breach(?:ed)?\b|\bgot (?:hold|off)\b|\bchat(?:ted)?\b|\bcaught\b"),
    ("meeting", r"\bmet\b|\bmeeting\b|\bmeet\b|\bdemo(?:ed|s)?\b|\blunch\b|\bcoffee\b|\bdinner\b|\bbreakfast\b|\bvisit(?:ed)?\b|\bworkshop\b|\bpresentation\b|\bpresented\b|\bsat down\b|\bon-?site\b|\bqbr\b|\bkick-?off\b|\bsession\b|\bzoom\b|\bsync\b|\bdrinks\b"),
    ("email", r"\be-?mail(?:ed|s)?\b|\bmail(?:ed)?\b|\bwrote\b|\bsent\b|\breplied\b"),
    ("note", r"\bnotes?\b|\bnoted\b|\bfor the record\b"),
)  # fmt: skip
_OUTCOMES = (
    ("voicemail", r"\bvoice-?mail\b|\bleft (?:a |him |her |them )*(?:message|vm)\b|\bvm\b|\bmail-?box\b|\banswering machine\b"),
    ("no_answer", r"\bno (?:answer|pick ?up|response|reply)\b|\b(?:did not|didn'?t|does not|doesn'?t|not|never|nobody|no one|without|wouldn'?t)\s+(?:even )?(?:pick(?:ing|ed)? up|answer(?:ing|ed)?|reach(?:ed|able|ing)?)|\bunreachable\b|\bcould ?n[o']t reach\b|\bcould not reach\b|\bnot reached\b|\brang out\b|\bno luck\b"),
    ("negative", r"\bwent (?:badly|poorly|terribly)\b|\bnegative\b|\bbad (?:call|meeting|chat)\b|\bnot interested\b|\bdid ?n[o']?t go well\b|\bdifficult (?:call|meeting)\b|\bterrible (?:call|meeting)\b"),
    ("positive", r"\bwent (?:really |very |pretty |quite )?(?:well|great|good|fine|smoothly)\b|\bpositive\b|\b(?:good|great|excellent|productive|nice|super|fantastic) (?:\w+ )?(?:call|meeting|chat|talk|conversation|demo)\b"),
    ("neutral", r"\bneutral\b"),
    ("connected", r"\bconnected\b(?! to)|\boutcome:? connected\b"),
)  # fmt: skip
_LEAD = re.compile(
    r"(?:\bthat\b|\bsaying\b(?: that)?|\babout\b|\bregarding\b|\bre:|\bon the topic of\b|\bconcerning\b|\bsummary:?|\bwhere\b|\bstating\b|\bto say(?: that)?|\bto discuss\b|\band (?=(?:he|she|they|it|we|discussed|talked|agreed|asked))|:|;|,(?!\s*\d{4}\b)| - | -- |\(|\.\s)\s*"
)
_CLAUSE = re.compile(r"(?:i|we)(?:'ve| have| had| just)* (?:called|rang|phoned|spoke|talked|met|emailed|mailed|wrote|sent|left|tried|had|saw|reached|visited|demoed|presented|chatted|caught)\b")
_SKIP = re.compile(r"^(?:that|about|and|saying|he said|she said|they said|summary:?|the|:)\s+(?=\S)")
_EMPTY_TITLE = re.compile(r"(?:(?:please|pls|create|add|make|new|set|open|put|give|i|need|want|a|an|the|me|us|my|for|task|todo|to-do|to do|reminder|remind|up|another|quick|it|this|that|can|could|you)\W*)*")
_WHEN_TAIL = re.compile(r"\s*(?:,|;|\bon|\bat|\bfrom)?\s*$")
_DUE_LEAD = re.compile(
    r"(?:\b(?:by|on|before|until|till|due(?: on| by| date)?:?|for|at|not later than|no later than|latest|from|starting|this|in|within)\s*|[,;:-]\s*|\bthe\s+)+$"
)
_TITLE_LEADS = (
    r"\b(?:remi?nde?r?|remnd|nudge|ping)\b(?: (?:me|us|myself))?(?: again)?(?:\s+(?P<due>__))?\s*(?:to|that i(?: have to| need to| should| must)?|:|,|about|of|i need to)\s+",
    r"\b(?:task|to-?do|todo|taks|reminder|action item|action|follow-?up task|item)\b(?:\s+(?:item|called|named|titled))?(?:\s+for\s+(?:me|myself))?\s*(?:to|:|-|,|that(?: i(?: need to| should)?)?|for me to)\s+",
    r"\b(?:note to self|remember|don'?t (?:let me )?forget|do not (?:let me )?forget)\b\s*(?:to|:|that)?\s+",
    r"\b(?:i|we) (?:need|have|must|should|ought|want|got|gotta|still need|still have)\s+(?:to\s+)?",
    r"\b(?:add|put|get|stick)\s+(?=.*\b(?:to|on) my (?:to-?do|list|tasks?|plate|todo))",
    r"\b(?:add to|put on) (?:my|the) (?:to-?do )?(?:list|tasks|todos|to-?dos)\s*:?\s+",
    r"\b(?:ask|tell|have|get|make|let|assign|want|give|needs?|should|has|must|remind|for)\s+(?:__USER__)\s*(?:a task|a todo|a to-?do)?\s*(?:to|:|about|that|,)?\s+",
    r"\b(?:create|add|new|make|set|open|log|schedule|put|set up|enter|crate|creat)\s+(?:up\s+)?(?:a |an |the |me |new |my |in )*(?:task|to-?do|todo|taks|reminder)\b\s*(?:for __USER__)?\s*(?:to|:|-|,|for|about|that)?\s*",
    r"^\W*(?:task|todo|to-?do|reminder)s?\b\s*(?:for __USER__)?\s*(?:to|:|-|,)?\s*",
)
_TAIL = re.compile(
    r"\s*(?:,?\s*(?:please|pls|thanks|thx|ok|okay)|,?\s*(?:to|on|in) my (?:to-?do(?: list)?|list|todo list|tasks?|plate|calendar)|,?\s*(?:assign(?:ed)?(?: it)? to|owner:?|assignee:?)\s*\S.*)\s*$"
)


def log(scene: Scene) -> Draft:
    draft = Draft("activity.log")
    kind = next((name for name, pattern in _TYPES if re.search(pattern, _head(scene))), None) or next(
        (name for name, pattern in _TYPES if re.search(pattern, scene.low)), None
    )
    draft.put("type", kind)
    split = _summary_start(scene)
    named = put_parties(draft, scene, before=split) or put_parties(draft, scene)
    if not named and not draft.missing:
        _party_on_screen(draft, scene, split)
    _put_when(draft, scene, split)
    _put_summary(draft, scene, split)
    return draft


def _head(scene: Scene) -> str:
    start = _summary_start(scene)
    return scene.low[:start] if start else scene.low


def _party_on_screen(draft: Draft, scene: Scene, split: int | None) -> None:
    stranger = scene.unknown(before=split)
    if stranger is not None and stranger.start > 2:
        draft.ask("contact")
        return
    for kind in ("contact", "deal", "company"):
        found = shown_contact(scene) if kind == "contact" else scene.shown(kind)
        if found.one is not None:
            draft.put(kind, found.one.key)
            return
    draft.ask("contact")


def _summary_start(scene: Scene) -> int | None:
    """Where the account of what happened begins: after the first lead behind the people named."""
    quoted = scene.first("quoted")
    ends = [f.span.end for kind in ("contact", "company", "deal") for f in scene.mentions(kind) if f.span]
    floor = min(ends, default=0)
    for match in _LEAD.finditer(scene.low):
        if quoted and match.start() >= quoted.start:
            break
        if match.group().strip() == "that" and _CLAUSE.match(scene.low, match.end()):
            continue
        if match.group().strip() in {":", "that", "saying"} and match.start() > 3:
            return match.end() if _rest(scene, match.end()) else None
        if match.start() >= floor and match.end() < len(scene.low) and _rest(scene, match.end()):
            return match.end()
    return quoted.start if quoted else None


def _rest(scene: Scene, start: int) -> str:
    """What remains behind `start` once dates, durations and outcomes are taken away."""
    text = list(scene.low)
    for span in scene.sentence.of("date", "period", "duration", "time"):
        text[span.start : span.end] = " " * span.width
    rest = "".join(text[start:])
    for _, pattern in _OUTCOMES:
        rest = re.sub(pattern, " ", rest)
    rest = re.sub(
        r"\b(?:on|at|from|about|for|a|the|it|and|was|i|left|message|lasted|took|long|please|done|today|just|him|her|them|but)\b|\W",
        " ",
        rest,
    )
    return rest.strip()


def _put_when(draft: Draft, scene: Scene, split: int | None) -> None:
    limit = split if split is not None else len(scene.low)
    dates = [
        s
        for s in scene.sentence.of("date")
        if s.start < limit or _trails(scene, s) or _leads(scene, s, limit)
    ]
    if dates:
        draft.put("when", dates[0].value.past.isoformat(), dates[0])
    duration = next(
        (
            s
            for s in scene.sentence.of("duration")
            if s.start < limit or _trails(scene, s) or _leads(scene, s, limit)
        ),
        None,
    )
    if duration:
        draft.put("duration_min", duration.value, duration)
    for name, pattern in _OUTCOMES:
        match = scene.find(pattern)
        if match and (draft.slots.get("type") in {"call", "meeting"}):
            draft.put("outcome", name, Span("text", *match.span()))
            return


def _trails(scene: Scene, span: Span) -> bool:
    """A date in parentheses or after the last comma belongs to the activity, not to the summary."""
    return (
        re.fullmatch(r"[\s).]*", scene.low[span.end :]) is not None
        and re.search(r"[,(;]\s*(?:on |this |for )?$", scene.low[: span.start]) is not None
    )


def _leads(scene: Scene, span: Span, limit: int) -> bool:
    return (
        re.fullmatch(r"\W*", scene.low[limit : span.start]) is not None
        and re.match(r"\s*[,:;-]", scene.low[span.end :]) is not None
    )


def _put_summary(draft: Draft, scene: Scene, split: int | None) -> None:
    if split is None:
        _put_object(draft, scene)
        return
    quoted = scene.first("quoted", after=max(split - 1, 0))
    if quoted and quoted.start - split < 3:
        draft.put("summary", quoted.value, quoted)
        return
    start, end = split, len(scene.raw)
    for slot, span in draft.marks:
        if slot in {"when", "duration_min"} and span.start >= split:
            if _trails(scene, span):
                end = min(end, span.start)
            elif _leads(scene, span, start):
                start = span.end
    text = clean(re.sub(r"[,(;]?\s*(?:on|this|for)?\s*$", "", scene.raw[start:end]))
    text = clean(_SKIP.sub("", text))
    bare = any(re.fullmatch(pattern, text.lower()) for _, pattern in _OUTCOMES)
    if text and not bare and _rest(scene, split):
        draft.put("summary", text, Span("text", start, end))


def _put_object(draft: Draft, scene: Scene) -> None:
    """"emailed Nadia the security pack": what was sent, behind the name."""
    ends = [span.end for slot, span in draft.marks if slot in {"contact", "company"}]
    match = re.match(r"\s+((?:the|a|an|our|my|some|their|his|her|two|three)\s+.+)$", scene.low[max(ends, default=0) :])
    if draft.slots.get("type") != "email" or not ends or match is None:
        return
    start, end = max(ends) + match.start(1), len(scene.raw)
    for slot, span in draft.marks:
        end = span.start if slot == "when" and span.start > start else end
    draft.put("summary", clean(scene.raw[start:end]), Span("text", start, end))


def task(scene: Scene) -> Draft:
    draft = Draft("task.create")
    assignee = _assignee(scene)
    put_record(draft, scene, "assignee", assignee)
    due = _due(scene, assignee.span)
    if due:
        value = due.value[0] if due.kind == "period" else due.value.coming
        draft.put("due", value.isoformat(), due)
    start, end = _title_bounds(scene, assignee.span, due)
    title = _title(scene, start, end, due)
    bare = title.lower().replace(scene.low[assignee.span.start : assignee.span.end], "") if assignee.span else title.lower()
    if not _EMPTY_TITLE.fullmatch(bare.strip()):
        draft.put("title", title, Span("text", start, end))
    _put_subjects(draft, scene, assignee.span)
    return draft


def _put_subjects(draft: Draft, scene: Scene, taken: Span | None) -> None:
    """The records a task is about. A name that is the assignee's is not looked at again."""
    contact, company, deal = find_contact(scene), scene.named("company"), scene.named("deal")
    if taken and contact.span and contact.span.overlaps(taken):
        contact = Found()
    if contact.span and company.span and company.span.overlaps(contact.span):
        contact = Found() if scene.score(company, "company") > scene.score(contact, "contact") else contact
        company = company if not contact.records else Found()
    if deal.records and scene.score(deal, "deal") >= 0.7 and not rather_company(scene, deal, company):
        put_record(draft, scene, "deal", deal)
        company = Found() if company.span and deal.span and company.span.overlaps(deal.span) else company
    put_record(draft, scene, "contact", contact)
    put_record(draft, scene, "company", company)
    if not (contact.records or company.records or deal.records):
        _pronoun(draft, scene)


def _pronoun(draft: Draft, scene: Scene) -> None:
    """ "call her", "send them the deck": the person or company an earlier step or the screen has."""
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


def _due(scene: Scene, assignee: Span | None) -> Span | None:
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
