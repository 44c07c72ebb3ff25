"""A new campaign: audience, sequence and test, as far as they were said."""

import re
from typing import Any

from agents.planner.grammar.numbers import parse_number
from agents.planner.lexicon.cues import CHANNELS, ELEMENTS, KINDS, METRICS, find_cues
from agents.planner.scene import Draft, Scene, clean
from agents.planner.slots.audience import LAST_SEARCH, put_audience
from agents.planner.slots.research import unique
from agents.planner.text import Span

_TEST = re.compile(
    r"\ba/?b[- ]?(?:test\w*|split|experiment)?\b|\bsplit[- ]?test\w*|\btest(?:ing|s)?\b|\bexperiment\w*|\bvariants?\b|\bversus\b|\bvs\b"
)
_THEME = (
    re.compile(r"\b(?P<t>[\w&+-]+(?: [\w&+-]+)?)[- ]themed\b"),
    re.compile(
        r"\b(?:themed? (?:of|is|around|on)?:?|theme:?|(?:subject|topic|theme|angle|message) (?:is|will be|should be)|about|around|regarding|on the (?:topic|subject|theme) of|topic:?|on the topic|concerning|centered on|centred on|focus(?:ed|ing|sed)? on|pitching|promoting|covering|talking about|mentioning|on the theme|(?:campaign|sequence|cadence|series|emails?|messages?|touches|steps|outreach) on(?! (?:hold|linkedin|email|phone|mon|tue|wed|thu|fri|the \d))|messaging:?|angle:?)\s+(?P<t>[^,;.:'\"]+)"
    ),
)
# Weakest: "an outreach to enterprise accounts on compliance deadlines".
_THEME_ON = re.compile(
    r"\bon (?!hold|linkedin|e-?mail|phone|mon|tue|wed|thu|fri|sat|sun|the \d|my|screen|top|open|click|repl|meeting|\d|them\b|it\b|this\b|behalf)(?P<t>[^,;.:'\"]+)"
)
_THEME_END = re.compile(
    r"\b(?:every|with (?:\d|a |an |two|three|four|five|email|linkedin)|for (?:the|my|these|those|our|them|everyone|all|people|enterprise|mid|smb)|to (?:the|my|these|those|them|our|everyone|all|people)|over email|via|using|starting|start|beginning|from (?:next|tomorrow|monday)|a/b|ab test|test|split|spaced|by email|through|called|named|targeting|and (?:a/b|test|measure|start|split|send|use|launch|track)|measur\w+|in \d|\d+ (?:days|touch|step|email))\b|\d+[- ](?:touch|step|days?|emails?)"
)
_NAME = re.compile(
    r"\b(?:called|named|name it|call it|titled|name:|entitled|name is|by the name(?: of)?|with the name)\s*:?\s*(?P<name>[^,;:'\"]+?)(?=,|;|:|$| (?:for|with|to|about|targeting|starting|every|using)\b)"
)
_START = re.compile(
    r"\b(?:start(?:ing|s)?|begin(?:ning|s)?|kick(?:ing)?[ -]?off|from|go(?:es|ing)? (?:live|out)|launch(?:ing)?|first (?:touch|email|mail) (?:on|goes out))\b[\s:]*(?:on|in|by|from|at)?\s*(?:the\s+)?$"
)
_VERSUS = re.compile(
    r"\b(?:between|test(?:ing)?|compare|variants?|with|:)?\s*(?P<a>[\w -]{2,30}?)\s+(?:vs\.?|versus|against)\s+(?P<b>[\w -]{2,30})"
)


def create(scene: Scene) -> Draft:
    draft = Draft("campaign.create")
    test = _test_start(scene)
    _put_kind(draft, scene)
    _put_test(draft, scene, test)
    _put_name(draft, scene)
    put_audience(draft, scene)
    _put_rhythm(draft, scene, test)
    _put_theme(draft, scene)
    kind = draft.slots.get("kind")
    if "audience" not in draft.slots and kind in {None, "outreach"} and not draft.missing:
        draft.ask("audience")
    return draft


def _test_start(scene: Scene) -> int | None:
    match = re.search(
        r"\ba\s?/\s?b\b|\bab[- ]?test|\bsplit[- ]?test|\btest(?:ing)?\b|\bexperiment", scene.low
    )
    return match.start() if match else None


def _put_kind(draft: Draft, scene: Scene) -> None:
    found = find_cues(KINDS, "kind", scene.low)
    found = [
        s
        for s in found
        if not any(s.start >= q.start and s.end <= q.end for q in scene.sentence.of("quoted"))
    ]
    if found:
        first = min(found, key=lambda s: (s.value == "outreach", s.start))
        draft.put("kind", first.value, first)


def _put_test(draft: Draft, scene: Scene, test: int | None) -> None:
    if test is None:
        return
    elements = [s for s in find_cues(ELEMENTS, "element", scene.low) if s.start >= test - 25]
    if elements:
        draft.put("ab_element", elements[0].value, elements[0])
    quotes = [
        s for s in scene.sentence.of("quoted") if s.start > test or len(scene.sentence.of("quoted")) > 1
    ]
    if len(quotes) >= 2:
        draft.put("ab_variants", [q.value for q in quotes][-4:], *quotes)
    else:
        _put_bare_variants(draft, scene, test)
    split = scene.first("split")
    if split:
        draft.put("ab_split", split.value, split)
    metrics = find_cues(METRICS, "metric", scene.low)
    judged = [
        m
        for m in metrics
        if re.search(
            r"\b(?:on|by|for|measur\w+|metric|optimi[sz]\w+|track\w*|judg\w+|goal|winner|decid\w+|based on|maximi[sz]\w+|success)\b[^,;]{0,18}$",
            scene.low[: m.start],
        )
        or "rate" in scene.low[m.start : m.end]
    ]
    if judged and judged[-1].value != "bounce_rate":
        draft.put("ab_metric", judged[-1].value, judged[-1])


def _put_bare_variants(draft: Draft, scene: Scene, test: int) -> None:
    """As in "morning vs evening" without quotation marks."""
    match = _VERSUS.search(scene.low, test)
    if match and "ab_element" in draft.slots:
        first = re.split(
            r"\b(?:lines?|times?|body|cta|sender|copy|channels?|between|test(?:ing)?|names?|subject)\b",
            match.group("a"),
        )[-1]
        second = re.split(r"\b(?:every|starting|with|for|and|measure)\b", match.group("b"))[0]
        values = [clean(scene.raw[scene.low.find(part, test) :][: len(part)]) for part in (first, second)]
        draft.put("ab_variants", [v for v in values if v], Span("text", match.start("a"), match.end("b")))


def _put_name(draft: Draft, scene: Scene) -> None:
    quotes = scene.sentence.of("quoted")
    variants = draft.slots.get("ab_variants", [])
    named = [
        q
        for q in quotes
        if q.value not in variants
        and not re.search(
            r"\b(?:list|search|segment|audience|about|theme|to|for|subject)\s*:?\s*$|^\W*(?:list|saved search|segment)",
            scene.low[: q.start],
        )
    ]
    named = [
        q
        for q in named
        if not re.match(r"\s+(?:list|search|segment|audience|saved|themed)\b", scene.low[q.end :])
    ]
    if named:
        draft.put("name", named[0].value, named[0])
        return
    match = _NAME.search(scene.low)
    if match and clean(match.group("name")):
        draft.put(
            "name",
            clean(scene.raw[match.start("name") : match.end("name")]),
            Span("text", *match.span("name")),
        )


def _put_rhythm(draft: Draft, scene: Scene, test: int | None) -> None:
    touches = scene.first("touches")
    if touches and not any(touches.overlaps(s) for s in scene.sentence.all_of("interval")):
        count = re.match(r"\d+|[a-z]+", scene.low[touches.start : touches.end])
        draft.put("touches", parse_number(count.group()) if count else None, touches)
    elif match := scene.find(
        r"\b(?:touches|steps|emails|messages)\s*[:=]?\s*(\d{1,2})\b|\bsequence of (\d{1,2}|two|three|four|five|six|seven)\b"
    ):
        draft.put("touches", parse_number(match.group(1) or match.group(2)))
    interval = scene.first("interval")
    if interval:
        draft.put("interval_days", interval.value, interval)
    _put_channels(draft, scene, test)
    for span in scene.sentence.of("date", "period"):
        if _START.search(scene.low[: span.start]):
            value: Any = span.value[0] if span.kind == "period" else span.value.coming
            draft.put("start", value.isoformat(), span)
            break


def _put_channels(draft: Draft, scene: Scene, test: int | None) -> None:
    found = find_cues(CHANNELS, "channel", scene.low)
    quotes = scene.sentence.of("quoted")
    found = [
        s
        for s in found
        if not any(s.overlaps(q) for q in quotes)
        and not re.match(r"\s+(?:to action|body|subject|copy)", scene.low[s.end :])
    ]
    found = [
        s
        for s in found
        if not re.search(r"\b(?:last|re|name it|please|so|or|i|not)\s+$", scene.low[: s.start])
        or s.value != "call"
    ]
    found = [
        s
        for s in found
        if not (s.value == "call" and re.match(r"\s+(?:it|this|the campaign|him|her)\b", scene.low[s.end :]))
    ]
    if test is not None:
        found = [
            s for s in found if s.start < test or not re.match(r"\s*(?:subject|body)", scene.low[s.end :])
        ]
    draft.put("channels", unique(s.value for s in sorted(found, key=lambda s: s.start)), *found)


def _put_theme(draft: Draft, scene: Scene) -> None:
    for pattern in _THEME:
        match = pattern.search(scene.low)
        if match is None:
            continue
        start, end = match.span("t")
        if pattern is _THEME[0]:
            words = re.split(
                r"\b(?:a|an|the|new|touch|step|email|create|build|\d+)\b[\s-]*", scene.low[start:end]
            )
            start = end - len(words[-1])
        else:
            stop = _THEME_END.search(scene.low, start)
            end = min(end, stop.start()) if stop else end
            for span in scene.sentence.of("touches", "interval", "date"):
                end = span.start if start < span.start < end else end
        value = clean(re.sub(r"\b(?:and|with|over|for|to|,)\s*$", "", scene.raw[start:end].rstrip()))
        value = re.sub(r"^(?:the|our|their|a|an)\s+", "", value, flags=re.IGNORECASE)
        if value and not LAST_SEARCH.search(value.lower()) and not _is_element(value, draft):
            draft.put("theme", value, Span("text", start, end))
            return
    _theme_on(draft, scene)


def _is_element(value: str, draft: Draft) -> bool:
    """As in "a test on send time": what is tested is no theme."""
    return "ab_element" in draft.slots and any(
        span.width >= len(value) - 1 for span in find_cues(ELEMENTS, "element", value.lower())
    )


def _theme_on(draft: Draft, scene: Scene) -> None:
    match = _THEME_ON.search(scene.low)
    if match is None or _TEST.search(scene.low[: match.start()]) or "name" in draft.slots:
        return
    start, end = match.span("t")
    stop = _THEME_END.search(scene.low, start)
    end = min(end, stop.start()) if stop else end
    spans = scene.sentence.of("touches", "interval", "date", "period", "place")
    if any(start <= s.start < end for s in spans):
        return
    value = clean(re.sub(r"\b(?:and|with|over|for|to|,)\s*$", "", scene.raw[start:end].rstrip()))
    draft.put("theme", value, Span("text", start, end))
