"""Criteria of a search, and the changes to them."""

import re
from typing import Any

from agents.planner.lexicon.cues import COMPANIES, PEOPLE
from agents.planner.scene import Draft, Scene, clean
from agents.planner.text import Span

_OUT = re.compile(
    r"\b(?:not|no(?!,? wait)|nobody|none|no one|without|with out|w/o|except(?: for)?|excluding|exclude|excl|minus|but not|other than|besides|outside(?: of)?|skip|leave out|leaving out"
    r"|drop|remove|take out|kick out|ditch|cut|get rid of|omit|omitting|avoid|avoiding|never|non|nothing in|none in|aren't in|are not in|isn't|don't use|do not use|not using|strip out|filter out|throw out|weed out|lose)\b"
)
_PUT_OUT = re.compile(
    r"\b(?:leave|take|kick|throw|cut|filter|rule|weed|strip|count)\s+(?:[\w&'-]+\s+){1,5}?out\b"
)
_STOP_OUT = re.compile(
    r"[;.]|\b(?:but|only|with(?!out)|who|that|which|using|having|please|show|find|and (?:add|only|include|also))\b"
)
_USING = re.compile(
    r"\b(?:using|use|uses|used|running on|run on|runs on|running|run|runs|built on|based on(?! in)|powered by|on top of|deployed|customers of|users of|adopted|adopting"
    r"|works? with|working with|stack (?:includes|has|with)|technolog(?:y|ies)|tech stack:?|tech:?|relying on|relies on|who have|that have)\s+"
    r"(?P<list>[A-Za-z0-9.#+]+(?:\s+[A-Z][A-Za-z0-9.]+)*(?:\s*(?:,|/|&|\bor\b|\band\b)\s*[A-Z][A-Za-z0-9.+#]*(?:\s+[A-Z][A-Za-z0-9.]+)*)*)",
    re.IGNORECASE,
)
_LIKE = re.compile(
    r"\b(?:look-?alikes?|look alikes?|similar|(?<!would )(?<!'d )(?<!id )(?<!i )like|resembl\w+|comparable|akin|twins? of|clones? of|in the mold of|remind\w* of|same (?:profile|kind|type|sort|dna|shape))\b"
)
_LIMIT = re.compile(
    r"\b(?:find|get|give|gimme|show|bring|source|pull|list|need|want|top|best|first|up to|max(?:imum)?(?: of)?|limit(?:ed)?(?: it)?(?: to)?|at most|cap(?:ped)?(?: it)?(?: at)?|only|just|fetch|send|search|build|hand|dig up|surface|grab|locate|retrieve)\b"
    r"(?:\s+(?:me|us|for|a list of|list of|the|top|first|best|about|around|some|to|at|out|up|some))*\s+$"
)
_DETAIL_STOP = re.compile(
    r"[,;.?!]|\b(?:in|at|and|with|who|that|which|using|based|near|from|but|not|only|this|last|right now|now|at the moment|currently|please|over|under|above|between|around|across|within|or)\b"
)
_WHO_HIRES = re.compile(
    r"\bwho(?:'s| is| are)?(?: currently| actively| now)? (?:hiring|recruiting|expanding|raising|growing)\b"
)
LEAST_GAP = 3
_TEAM_WORDS = re.compile(
    r"\b(?:teams?|roles?|positions?|people|staff|jobs?|talent|folks|actively|now|lots of|many|more|new|a|an|the|for|their|of|lately|recently|soon|again|these days|today)\b"
)


def search(scene: Scene) -> Draft:
    draft = Draft("research.search")
    criteria(draft, scene)
    draft.put("entity", _entity(draft, scene))
    if "entity" not in draft.slots and _narrowing(draft):
        draft.put("entity", "companies")
    return draft


def _narrowing(draft: Draft) -> bool:
    return any(
        slot in draft.slots
        for slot in (
            "industries",
            "funding_stages",
            "technologies",
            "headcount",
            "revenue",
            "similar_to",
            "segment",
            "signals",
        )
    )


def _entity(draft: Draft, scene: Scene) -> str | None:
    """People when people are asked for; a company noun alone, or criteria of companies, mean companies."""
    if draft.slots.get("titles") or draft.slots.get("seniority"):
        return "people"
    people, companies = PEOPLE.search(scene.low), COMPANIES.search(scene.low)
    if people and people.group() == "who" and (_WHO_HIRES.search(scene.low) or _after_trade(scene, people)):
        return "companies"
    if (
        people
        and not _is_headcount_word(scene, people)
        and not (companies and companies.start() < people.start())
    ):
        return "people"
    if companies:
        return "companies"
    return None


def _after_trade(scene: Scene, match: re.Match[str]) -> bool:
    """As in "retailers who left a review": the "who" is the companies named before it."""
    return any(0 <= match.start() - s.end < LEAST_GAP for s in scene.sentence.of("industry", "segment"))


def _is_headcount_word(scene: Scene, match: re.Match[str]) -> bool:
    return any(s.start <= match.start() < s.end for s in scene.sentence.of("headcount", "signal"))


def criteria(draft: Draft, scene: Scene) -> None:
    """Everything both search and refine may carry."""
    out = _outside(scene)
    _put_titles(draft, scene)
    _put_places(draft, scene, out)
    _put_industries(draft, scene, out)
    _put_companies(draft, scene, out)
    _put_signals(draft, scene)
    _put_technologies(draft, scene)
    _put_numbers(draft, scene)
    for kind, slot in (("funding", "funding_stages"), ("segment", "segment")):
        spans = [s for s in scene.sentence.of(kind) if not _swapped(s, scene)]
        draft.put(
            slot,
            unique(v for s in spans for v in (s.value if isinstance(s.value, list) else [s.value])),
            *spans,
        )


def unique(values: Any) -> list[Any]:
    return list(dict.fromkeys(values))


def _outside(scene: Scene) -> list[tuple[int, int]]:
    """Stretches under a "not": from the word of exclusion to the next clause."""
    found = [match.span() for match in _PUT_OUT.finditer(scene.low)]
    found += [match.span() for match in _LET_GO.finditer(scene.low)]
    for match in _OUT.finditer(scene.low):
        stop = _STOP_OUT.search(scene.low, match.end())
        found.append((match.start(), stop.start() if stop else len(scene.low)))
    return found


_LET_GO = re.compile(
    r"^[^,;.]*?(?=\s+(?:(?:can|should|must|may|has to|have to) (?:all )?(?:go|be dropped|be removed)|(?:is|are) out)\b)"
)


def is_out(span: Span, out: list[tuple[int, int]]) -> bool:
    return any(start <= span.start < end for start, end in out)


def _put_titles(draft: Draft, scene: Scene) -> None:
    signals = scene.sentence.all_of("signal")
    titles = [
        s for s in scene.sentence.of("title") if not _is_detail(s, signals, scene) and not _swapped(s, scene)
    ]
    draft.put("titles", unique(v for s in titles for v in s.value), *titles)
    ranks = [
        s
        for s in scene.sentence.of("seniority")
        if not _is_detail(s, signals, scene) and not _swapped(s, scene)
    ]
    draft.put("seniority", unique(s.value for s in ranks), *ranks)


def _is_detail(span: Span, signals: list[Span], scene: Scene) -> bool:
    """As in "hiring data engineers": the engineers are wanted there, not sought here."""
    for signal in signals:
        between = scene.low[signal.end : span.start]
        if signal.start <= span.start < signal.end:
            return True
        if (
            signal.value == "hiring"
            and 0 <= span.start - signal.end < 25
            and not _DETAIL_STOP.search(between)
        ):
            return True
    return False


def _put_places(draft: Draft, scene: Scene, out: list[tuple[int, int]]) -> None:
    spans = [s for s in scene.sentence.of("place") if not _swapped(s, scene)]
    inside = [s for s in spans if not is_out(s, out)]
    outside = [s for s in spans if is_out(s, out)]
    draft.put("locations", unique(s.value for s in inside), *inside)
    draft.put("exclude_locations", unique(s.value for s in outside), *outside)


def _swapped(span: Span, scene: Scene) -> bool:
    """The old value of "change X to Y", "Y instead of X", "swap X for Y", "Y rather than X"."""
    before, after = scene.low[: span.start], scene.low[span.end :]
    old = re.search(r"\b(?:instead of|rather than|in place of|not)\s+(?:the\s+)?$", before) and scene.has(
        r"\binstead of|rather than|in place of\b"
    )
    swap = re.search(
        r"\b(?:change|swap|switch|replace|exchange|trade)\s+(?:out\s+)?(?:the\s+)?(?:location |place |industry |title |titles )?(?:from\s+)?$",
        before,
    )
    return bool(
        old
        or (swap and re.match(r"[^,;]{0,20}\b(?:to|for|with|by|into)\b", after))
        or (
            re.search(r"\bfrom\s+$", before)
            and scene.has(r"\b(?:change|switch|move)\b.*\bfrom\b")
            and re.match(r"\s+to\b", after)
        )
    )


def _put_industries(draft: Draft, scene: Scene, out: list[tuple[int, int]]) -> None:
    spans = _joined([s for s in scene.sentence.of("industry") if not _swapped(s, scene)])
    inside = [s for s in spans if not is_out(s, out)]
    outside = [s for s in spans if is_out(s, out)]
    draft.put("industries", unique(s.value for s in inside), *inside)
    draft.put("exclude_industries", unique(s.value for s in outside), *outside)


def _joined(spans: list[Span]) -> list[Span]:
    """As in "furniture manufacturers": one trade, not two."""
    found: list[Span] = []
    for span in spans:
        if found and span.value == "manufacturing" and 0 <= span.start - found[-1].end < LEAST_GAP - 1:
            last = found.pop()
            found.append(Span("industry", last.start, span.end, f"{last.value} manufacturing"))
        else:
            found.append(span)
    return found


def _put_companies(draft: Draft, scene: Scene, out: list[tuple[int, int]]) -> None:
    model = _LIKE.search(scene.low)
    for found in scene.mentions("company"):
        if found.span is None:
            continue
        if is_out(found.span, out):
            names = [*draft.slots.get("exclude_companies", []), *found.names[:1]]
            draft.put("exclude_companies", unique(names), found.span)
        elif model and len(found.records) == 1:
            draft.put("similar_to", found.names[0], found.span)
        elif model:
            draft.ask("similar_to", found.names)
    if model and "similar_to" not in draft.slots and scene.unknown(after=model.end()):
        draft.ask("similar_to")


def _put_signals(draft: Draft, scene: Scene) -> None:
    spans = scene.sentence.of("signal")
    draft.put("signals", unique(s.value for s in spans), *spans)
    for span in spans:
        detail = _detail(span, scene)
        if detail:
            draft.put("signal_detail", detail)
            return


def _detail(span: Span, scene: Scene) -> str:
    """What the signal is about: "hiring for growth teams" → growth; "new CFO" → CFO."""
    said = scene.low[span.start : span.end]
    if span.value == "leadership_change":
        role = re.search(r"\b(?:new|fresh|a) (c[a-z]{1,3}o|head of \w+|vp of \w+|vp \w+)$", said)
        return scene.raw[span.start + role.start(1) : span.start + role.end(1)] if role else ""
    if span.value == "website_visit":
        page = re.search(r"\b(pricing|demo|docs|product|landing)(?: page)?", said)
        return page.group() if page else ""
    if span.value not in {"hiring", "expansion", "tech_change", "news", "review"}:
        return ""
    lead = re.match(
        r"\s*(?:for|in|to|into|on|about|around)?\s+(?:a |an |new |their |the )*", scene.low[span.end :]
    )
    start = span.end + (lead.end() if lead else 0)
    stop = _DETAIL_STOP.search(scene.low, start)
    end = stop.start() if stop else len(scene.low)
    if stop and stop.group() in {"and", "or"} and span.value == "hiring":
        more = re.match(
            r"(?:and|or)\s+(?:\w+\s+)?(?:engineers|sdrs|reps|developers|sales|marketing|support|data|product|growth)\b",
            scene.low[stop.start() :],
        )
        end = stop.start() + more.end() if more else end
    detail = clean(_TEAM_WORDS.sub(" ", scene.raw[start:end]))
    place = any(
        s.start < end and s.end > start for s in scene.sentence.of("place", "headcount", "period", "date")
    )
    return "" if place and span.value != "expansion" else detail


def _put_technologies(draft: Draft, scene: Scene) -> None:
    spans = scene.sentence.of("technology")
    values = [s.value for s in spans if not _swapped(s, scene)]
    match = _USING.search(scene.raw)
    if match and not values:
        taken = [
            s
            for s in scene.sentence.tiles
            if s.kind not in {"unknown", "number"}
            and s.start < match.end("list")
            and s.end > match.start("list")
        ]
        words = [clean(w) for w in re.split(r",|/|&|\bor\b|\band\b", match.group("list"))]
        if not taken:
            values = [
                w
                for w in words
                if w and (w[:1].isupper() or scene.first("unknown", after=match.start("list")))
            ]
    draft.put("technologies", unique(values), *spans)


def _put_numbers(draft: Draft, scene: Scene) -> None:
    sizes = scene.sentence.of("headcount") or [
        s for s in scene.sentence.of("range") if "revenue" not in scene.low
    ]
    if sizes:
        draft.put("headcount", {"min": sizes[0].value["min"], "max": sizes[0].value["max"]}, sizes[0])
    turnover = scene.first("revenue", "money_range")
    if turnover:
        draft.put(
            "revenue",
            {key: _money(turnover.value[key], turnover.value["currency"]) for key in ("min", "max")},
            turnover,
        )
    limit = _limit(scene)
    if limit:
        draft.put("limit", limit.value, limit)
    grades = scene.sentence.all_of("grade")
    if grades:
        draft.put("min_grade", grades[0].value, grades[0])


def _money(amount: float | None, currency: str) -> dict[str, Any] | None:
    return None if amount is None else {"amount": amount, "currency": currency}


def _limit(scene: Scene) -> Span | None:
    for span in scene.sentence.of("number"):
        if isinstance(span.value, int) and (
            _LIMIT.search(scene.low[: span.start]) or not scene.low[: span.start].strip()
        ):
            return span
    return None
