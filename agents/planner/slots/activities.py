"""What happened, and what is to be done."""

import re

from agents.planner.resolve import put_parties, shown_contact
from agents.planner.scene import Draft, Scene, clean
from agents.planner.text import Span

_TYPES = (
    ("note", r"^\W*(?:please |pls )?(?:(?:log|add|make|put|leave|write|take|drop|record|enter|create|jot|save|quick|new)\s+)*(?:a |an |my |the |this |quick |short |down )*\b(?:notes?|memo|comment|remark)\b|\b(?:jot|write) down\b|^\W*(?:please |pls |can you |could you )*note\b"),
    ("call", r"\bcall(?:s|ed)?\b|\brang\b|\bphon(?:e|ed)\b|\bvoice-?mails?\b|\bvm\b|\b(?:pick(?:ed)? up)\b|\bno answer\b|\bspoke(?:n)?\b|\btalk(?:ed)?\b|\bdial(?:l?ed)?\b|\breach(?:ed)?\b|\bgot (?:hold|off)\b|\btried\b(?! to (?:e-?mail|mail|write|meet))|\bno (?:answer|pick ?up)\b|\bchat(?:ted)?\b|\bcaught\b"),
    ("meeting", r"\bmet\b|\bmeeting\b|\bmeet\b|\bdemo(?:ed|s)?\b|\blunch\b|\bcoffee\b|\bdinner\b|\bbreakfast\b|\bvisit(?:ed)?\b|\bworkshop\b|\bpresentation\b|\bpresented\b|\bsat down\b|\bon-?site\b|\bqbr\b|\bkick-?off\b|\bsession\b|\bzoom\b|\bsync\b|\bdrinks\b"),
    ("email", r"\be-?mail(?:ed|s)?\b|\bmail(?:ed)?\b|\bwrote\b|\bsent\b|\breplied\b"),
    ("note", r"\bnotes?\b|\bnoted\b|\bfor the record\b"),
)  # fmt: skip
_OUTCOMES = (
    ("voicemail", r"\bvoice-?mail\b|\bleft (?:a |him |her |them )*(?:message|vm)\b|\bvm\b|\bmail-?box\b|\banswering machine\b"),
    ("no_answer", r"\bno (?:answer|pick[- ]?up|response|reply)\b|\b(?:did not|didn'?t|does not|doesn'?t|not|never|nobody|no one|without|wouldn'?t)\s+(?:even )?(?:pick(?:ing|ed)? up|answer(?:ing|ed)?|reach(?:ed|able|ing)?)|\bunreachable\b|\bcould ?n[o']t reach\b|\bcould not reach\b|\bnot reached\b|\brang out\b|\bno luck\b"),
    ("negative", r"\bwent (?:badly|poorly|terribly)\b|\bnegative\b|\bbad (?:call|meeting|chat)\b|\bnot interested\b|\bdid ?n[o']?t go well\b|\bdifficult (?:call|meeting)\b|\bterrible (?:call|meeting)\b"),
    ("positive", r"\bwent (?:really |very |pretty |quite )?(?:well|great|good|fine|smoothly)\b|\bpositive\b|\b(?:good|great|excellent|productive|nice|super|fantastic) (?:\w+ )?(?:call|meeting|chat|talk|conversation|demo)\b"),
    ("neutral", r"\bneutral\b"),
    ("connected", r"\bconnected\b(?! to)|\boutcome:? connected\b"),
)  # fmt: skip
_LEAD = re.compile(
    r"(?:\bthat\b|\bsaying\b(?: that)?|\babout\b|\bregarding\b|\bre:|\bon the topic of\b|\bconcerning\b|\bsummary:?|\bwhere\b|\bstating\b|\bto say(?: that)?|\bto discuss\b|\band (?=(?:he|she|they|it|we|discussed|talked|agreed|asked))|:|;|,(?!\s*\d{4}\b)| - | -- |\(|\.\s|(?<=\s)(?=(?:he|she|they)\s+\w))\s*"
)
_CLAUSE = re.compile(
    r"(?:i|we)(?:'ve| have| had| just)* (?:called|rang|phoned|spoke|talked|met|emailed|mailed|wrote|sent|left|tried|had|saw|reached|visited|demoed|presented|chatted|caught)\b"
)
_SKIP = re.compile(r"^(?:that|about|and|saying|he said|she said|they said|summary:?|the|:)\s+(?=\S)")
_WHEN_TAIL = re.compile(r"\s*(?:,|;|\bon|\bat|\bfrom)?\s*$")


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


_SENT = re.compile(r"\s+(?:an?|the|my|another)\s+(?:short |quick |long )?(?:e-?mail|mail|message)\b")


def _put_object(draft: Draft, scene: Scene) -> None:
    """As in "emailed Nadia the security pack": what was sent, behind the name."""
    ends = [span.end for slot, span in draft.marks if slot in {"contact", "company"}]
    mail = _SENT.match(scene.low, max(ends, default=0))
    if mail:
        _put_content(draft, scene, mail.end())
        return
    match = re.match(
        r"\s+((?:the|a|an|our|my|some|their|his|her|two|three)\s+.+)$", scene.low[max(ends, default=0) :]
    )
    if draft.slots.get("type") != "email" or not ends or match is None:
        return
    start, end = max(ends) + match.start(1), len(scene.raw)
    for slot, span in draft.marks:
        end = span.start if slot == "when" and span.start > start else end
    draft.put("summary", clean(scene.raw[start:end]), Span("text", start, end))


def _put_content(draft: Draft, scene: Scene, start: int) -> None:
    """As in "sent Nadia an email on Monday with the pricing": what the mail held, the day left out."""
    when = next((span for slot, span in draft.marks if slot == "when" and span.start >= start), None)
    start = when.end if when and not scene.low[start : when.start].replace("on", "").strip() else start
    match = re.match(r"\s*(?:with|including|containing|asking|and sent)\s+(?P<what>.+)$", scene.low[start:])
    if match:
        begin, end = start + match.start("what"), len(scene.raw)
        end = when.start if when and when.start > begin else end
        draft.put("summary", clean(scene.raw[begin:end]), Span("text", begin, end))
