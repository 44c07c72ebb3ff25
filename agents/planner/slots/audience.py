"""Whom a campaign is for: a search, a selection, a list, a segment, a company or a filter."""

import re

from agents.planner.grammar.numbers import parse_number
from agents.planner.scene import Draft, Scene, clean
from agents.planner.text import Span

LAST_SEARCH = re.compile(
    r"\b(?:i|we|you|that were|that was)(?:'ve|'d| have| had)? (?:just |recently |last )?(?:found|searched|pulled|looked up|got|discovered|surfaced|dug up|sourced|researched)\b|\bjust found\b|\b(?:last|latest|previous|this|current|that|my|recent) (?:search|results?|query|research)\b"
    r"|\bsearch results?\b|\bfrom (?:the|my|this) search\b|\b(?:these|those|the) (?:search )?results\b|\bthe found (?:prospects|people|companies|leads)\b"
)


_SELECTION = re.compile(
    r"\b(?:the )?selected\b|\bmy selection\b|\b(?:the |current |this )selection\b|\b(?:i|we)(?:'ve|'d| have)? (?:just )?(?:selected|picked|chose|chosen|ticked|marked|shortlisted|checked)\b|\bshort-?list(?:ed)?\b|\bpicked (?:people|prospects|ones|leads|contacts)\b|\bticked\b|\bchecked ones\b"
)


_THESE = re.compile(
    r"\b(?:these|those|this|the|them|all|my)\s*(?:\d+\s+)?(?:new |found )?(?:people|prospects?|leads?|contacts?|companies|accounts|folks|guys|persons|list|ones)?\b"
)


_THESE_STRICT = re.compile(
    r"\b(?:these|those)\b(?!\s+subject)|\b(?:for|to|with|at|of|target(?:ing)?|engage|contact|sequence|email) (?:them|the (?:prospects|people|leads|contacts|companies)(?! (?:we|i|who|whom|that|from|at|in) ))\b|\bthis list\b|\bthem\b"
)


_LIST_AFTER = re.compile(
    r"\b(?:saved search|saved list|list|search|segment|audience)\s+(?:called |named |of )?['\"]?(?P<name>[A-Z][\w&'’.-]*(?:\s+(?:[A-Z0-9][\w&'’.-]*|of|and|in))*)"
)


_LIST_BEFORE = re.compile(
    r"\b(?:the|my|our|for|to|on|saved)\s+['\"]?(?P<name>[A-Z0-9][\w&'’.-]*(?:\s+(?:[A-Z0-9][\w&'’.-]*|of|and|in))*)['\"]?\s+(?:saved )?(?:list|search|audience|segment|saved)\b"
)


_LIST_LOWER = re.compile(
    r"\b(?:for|to|on|using|with|at|from)\s+(?:the|my|our)\s+(?:saved (?:search|list) )?(?P<name>[\w& -]{3,40}?)\s+(?:list|saved search|saved list)\b"
)


_LIST_SMALL = re.compile(
    r"\b(?:saved search|saved list|(?:for|to|on) (?:the )?list|list (?:called|named))\s+(?P<name>[a-z0-9][\w& -]{2,40}?)(?=\s*[,;:.]|\s*$|\s+(?:start\w*|with|about|every|by|via|and|over|using|\d))"
)


_SILENT = re.compile(
    r"\b(?:no|not|without|haven'?t|hasn'?t|didn'?t|did not|have not|has not|never|silent|quiet|unanswered|unresponsive|non-?respon\w+|ghosted|(?:gone|went|been|going) (?:dark|cold))\b.{0,45}?(?P<n>\d+|[a-z]+)[\s-]+(?P<unit>days?|weeks?|months?)\b"
    r"|(?P<n2>\d+|[a-z]+)[\s-]+(?P<unit2>days?|weeks?|months?)\s+(?:of |without |with no |no )(?:silence|repl\w+|answers?|responses?|no repl\w+)"
)


_FOR = re.compile(r"\b(?:for|at|with)\s+(?:the\s+)?$")


_SEGMENT_NAMES = {"enterprise": "enterprise", "mid_market": "mid_market", "smb": "smb", "startup": "startup"}


def put_audience(draft: Draft, scene: Scene) -> None:
    silent = _silent_days(scene)
    if silent:
        draft.put("no_reply_days", silent[0], silent[1])
    reference = _saved(scene, draft)
    if reference:
        draft.put("audience", "saved_search")
        draft.put("audience_ref", reference[0], reference[1])
    elif match := _SELECTION.search(scene.low):
        draft.put("audience", "selection", Span("text", *match.span()))
    elif match := LAST_SEARCH.search(scene.low):
        draft.put("audience", "last_search", Span("text", *match.span()))
    elif not _named_audience(draft, scene):
        _screen_audience(draft, scene)


def _named_audience(draft: Draft, scene: Scene) -> bool:
    company, segment = scene.named("company"), scene.first("segment")
    if company.records and (scene.score(company, "company") >= 0.7):
        if len(company.records) > 1:
            draft.ask("audience_ref", company.names)
            return True
        draft.put("audience", "company")
        draft.put("audience_ref", company.names[0], company.span)
        return True
    if segment:
        draft.put("audience", "segment")
        draft.put("audience_ref", _SEGMENT_NAMES[segment.value], segment)
        return True
    return _state_audience(draft, scene)


def _state_audience(draft: Draft, scene: Scene) -> bool:
    """As in "for churned customers": the companies in a state are a filter."""
    for state in scene.world.customer_states:
        match = scene.find(
            rf"\b{re.escape(state)}\b(?=\s+(?:customers?|companies|accounts|users|clients|leads|ones|contacts|state|stage|status)\b)"
        )
        if match:
            draft.put("audience", "filter")
            draft.put("audience_ref", state, Span("text", *match.span()))
            return True
    return False


def _screen_audience(draft: Draft, scene: Scene) -> None:
    """The list on screen when it is filtered; "these" after a search are its results."""
    listed = scene.context.list_filter
    these = _THESE_STRICT.search(scene.low)
    if listed:
        draft.put("audience", "filter")
        days = listed.get("no_reply_days")
        if "no_reply_days" not in draft.slots and isinstance(days, int):
            draft.put("no_reply_days", days)
    elif "no_reply_days" in draft.slots:
        draft.put("audience", "filter")
    elif these:
        kind = "selection" if scene.context.selection else "last_search"
        draft.put("audience", kind, Span("text", *these.span()))
    elif draft.slots.get("kind") == "event_follow_up":
        return  # an unknown name there is the event's
    elif (stranger := scene.unknown()) and _FOR.search(scene.low[: stranger.start]):
        draft.ask("audience")


def _silent_days(scene: Scene) -> tuple[int, Span] | None:
    match = _SILENT.search(scene.low)
    if match is None:
        return None
    words, unit = match.group("n") or match.group("n2"), match.group("unit") or match.group("unit2")
    number = {"a": 1, "an": 1, "one": 1}.get(words) or parse_number(words)
    if not number:
        return None
    days = int(number) * (7 if unit.startswith("week") else 30 if unit.startswith("month") else 1)
    return days, Span("text", *match.span())


def _saved(scene: Scene, draft: Draft) -> tuple[str, Span] | None:
    """The name of a saved search or list."""
    saved = scene.named("saved_search")
    if saved.one is not None and scene.score(saved, "saved_search") >= 0.75:
        return saved.one.key, saved.span or Span("text", 0, 0)
    for quote in scene.sentence.of("quoted"):
        beside = re.match(r"\s+(?:list|saved|search|segment|audience)", scene.low[quote.end :])
        before = re.search(
            r"\b(?:list|saved search|search|segment|audience)(?: called| named)?\s*$",
            scene.low[: quote.start],
        )
        if (beside or before) and quote.value not in draft.slots.get("ab_variants", []):
            return quote.value, quote
    for pattern, text in (
        (_LIST_BEFORE, scene.raw),
        (_LIST_AFTER, scene.raw),
        (_LIST_LOWER, scene.low),
        (_LIST_SMALL, scene.low),
    ):
        match = pattern.search(text)
        recent = match and re.search(
            r"\b(?:last|this|current|latest|recent|previous)\s+$", scene.low[: match.start()]
        )
        if (
            match
            and not recent
            and not re.fullmatch(
                r"(?:a|the|last|current|this|my|new|search|target|prospect|selected|saved|email|AB?|A/B|SMS|LinkedIn)",
                match.group("name"),
                re.IGNORECASE,
            )
        ):
            return clean(scene.raw[match.start("name") : match.end("name")]), Span(
                "text", *match.span("name")
            )
    return None
