"""Everything typed that a sentence contains, found once and shared by the classifier and the slot fillers."""

import re
from dataclasses import dataclass

from agents.planner.grammar.dates import find_dates
from agents.planner.grammar.numbers import find_money, find_numbers, find_percents, find_splits
from agents.planner.grammar.periods import find_periods
from agents.planner.grammar.ranges import find_exact_headcounts, find_ranges
from agents.planner.grammar.times import find_durations, find_intervals, find_times, join_times
from agents.planner.lexicon.cues import SEGMENTS, SIGNALS, find_cues, find_funding, find_grades
from agents.planner.lexicon.phrases import scan
from agents.planner.lexicon.titles import find_titles
from agents.planner.linking import Linker
from agents.planner.text import Span, Text, spans_of, tile
from agents.planner.world import World

QUOTED = re.compile(
    r"\"([^\"]{1,200})\"|(?<![\w])'(?!s\s)([^']{1,200}(?:'(?=\w)[^']*)*)'(?!\w)|«([^»]{1,200})»"
)
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
DOMAIN = re.compile(
    r"(?<![@\w])(?:https?://)?(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|io|ai|co|net|org|de|uk|example|dev|app|eu|fr|nl|test)\b(?:/\S*)?"
)
VARIANT = re.compile(
    r"\b(?:variants?|versions?|vars?|options?|variation|arm|variante|cell|subject|line|letter)\s+['\"]?(?P<a>[a-h])(?!\w)"
    r"|(?<![\w'])(?P<b>[b-h])(?=\s+(?:variants?|version|variation|arm)\b)|(?<![\w'])(?P<c>a)(?=\s+(?:variant|version|variation|arm)\b)"
)
LETTER = re.compile(
    r"(?<![\w/'.&+-])([b-hB-H]|(?<=\w\s)A|A(?=\s*(?:$|[,.!?:]|vs\b|versus|and\b|or\b|against|with\b|wins?\b|won\b|is\b|it\b|for\b|in\b|to\b|over\b|as\b))"
    r"|(?<=\s)a(?=\s*(?:$|[,.!?]|vs\b|versus\b|and b\b|or b\b|against\b|wins?\b|won\b)))(?![\w/.&+-])(?!'[^s])"
)
# A small "a" is the variant only beside words that compare or choose.
SMALL_A = re.compile(
    r"(?:(?<!\w)(?:promote|crown|compare|use|winner is|winner:|go with|pick|choose|keep|switch \w+ \w+ over to|over to|traffic to|stick with|is|^)\s*)(?<!\w)(?P<a>a)"
    r"(?=\s*(?:$|[,.!?]|vs\b|versus\b|against\b|(?:or|and|with|to) [b-h]\b|beat\w*\b|wins?\b|won\b|it is\b|is (?:\w+ )?(?:better|ahead|winning|best|the winner)\b"
    r"|better\b|completely\b|for (?:everyone|everybody|all|the rest|xcampaign)\b|on (?!the\b|a\b)|in (?!a\b)))"
)
TOUCHES = re.compile(
    r"(?<!\w)(\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|twelve)[\s-]*(?:touch(?:es|point|points)?|steps?|step|stage|part|emails?|e-mails?|mails?|messages?|calls?|linkedin (?:messages|touches)|stepped)\b"
)
WHERE = re.compile(r"\b(?:in|near|around|outside|within|across|throughout)\s+(?:the\s+)?$")
RANK = {
    "quoted": 0, "email": 1, "domain": 2, "headcount": 3, "revenue": 3, "interval": 4, "duration": 4, "split": 4,
    "strong_name": 4, "stranger": 9, "touches": 5, "period": 5, "date": 5, "money_range": 5, "range": 6, "money": 6, "percent": 6, "time": 7, "variant": 7,
    "funding": 8, "title": 9, "name": 9, "signal": 8, "place": 10, "industry": 10, "technology": 10, "segment": 11,
    "seniority": 11, "unknown": 12, "number": 13, "grade": 7, "letter": 14,
}  # fmt: skip
STRONG = 0.9


@dataclass(frozen=True, slots=True)
class Sentence:
    """The text, the tiling without overlaps, and every span for those who look closer."""

    text: Text
    tiles: tuple[Span, ...]
    spans: tuple[Span, ...]

    def of(self, *kinds: str) -> list[Span]:
        return [span for span in self.tiles if span.kind in kinds]

    def all_of(self, *kinds: str) -> list[Span]:
        return sorted((span for span in self.spans if span.kind in kinds), key=lambda s: (s.start, -s.end))

    @property
    def low(self) -> str:
        return self.text.low


def own_words(world: World) -> frozenset[str]:
    """The workspace's stages and states are everyday words here, not unknown names."""
    lists = (world.deal_stages, world.customer_states, world.issue_status, world.project_status)
    return frozenset(
        word for names in lists for name in names for word in re.findall(r"[a-z]+", name.lower())
    )


class Annotator:
    """Finds all spans of a sentence in one workspace."""

    def __init__(self, world: World, plain: frozenset[str]) -> None:
        self._world = world
        self._linker = Linker(world, plain | own_words(world))

    def annotate(self, raw: str) -> Sentence:
        text = Text.of(raw)
        quoted = _quoted(text)
        typed = self._typed(text)
        terms = scan(text) + find_titles(text) + find_funding(text.low)
        terms += find_cues(SIGNALS, "signal", text.low) + find_cues(SEGMENTS, "segment", text.low)
        blocked = [*typed, *terms]
        places = [span for span in terms if span.kind == "place" and WHERE.search(text.low[: span.start])]
        names = [each for each in self._linker.link(text, blocked) if not _is_place(each, places)]
        spans = [*quoted, *blocked, *names, *find_grades(text.low, text.raw), *_letters(text)]
        strong = [Span("strong_name", s.start, s.end, s.value) for s in names if _is_strong(s)]
        tiles = [_renamed(span) for span in tile([*_tileable(spans), *strong], RANK)]
        return Sentence(text, tuple(tiles), tuple(spans))

    def _typed(self, text: Text) -> list[Span]:
        low, today, currency = text.low, self._world.now.date(), self._world.currency
        dates = find_dates(low, today)
        found = spans_of("email", EMAIL, low) + spans_of("domain", DOMAIN, low)
        found += find_ranges(low, currency) + find_exact_headcounts(low) + find_money(low, currency)
        found += find_percents(low) + find_splits(low) + find_numbers(low)
        found += join_times(dates, find_times(low), low, today) + find_periods(low, dates, today)
        found += (
            find_durations(low) + find_intervals(low) + _variants(text) + spans_of("touches", TOUCHES, low)
        )
        return found


def _tileable(spans: list[Span]) -> list[Span]:
    """Weak partial names stay out of the tiling: only a filler that expects one may look at them."""
    return [span for span in spans if span.kind != "name" or span.value[0].score >= 0.7]


def _is_place(name: Span, places: list[Span]) -> bool:
    """One word of a longer name, said where a place is meant: "companies in Boston" beside Boston Scientific."""
    return (
        name.kind == "name"
        and name.value[0].score < STRONG
        and any(place.start <= name.start and name.end <= place.end for place in places)
    )


def _is_strong(span: Span) -> bool:
    return span.kind == "name" and span.value[0].score >= STRONG and span.width > 3


def _renamed(span: Span) -> Span:
    kind = {"strong_name": "name", "stranger": "unknown"}.get(span.kind, span.kind)
    return Span(kind, span.start, span.end, span.value)


def _quoted(text: Text) -> list[Span]:
    found = []
    for match in QUOTED.finditer(text.low):
        group = next(i for i in (1, 2, 3) if match.group(i) is not None)
        found.append(
            Span(
                "quoted", match.start(), match.end(), text.raw[match.start(group) : match.end(group)].strip()
            )
        )
    return found


def _variants(text: Text) -> list[Span]:
    found = []
    for match in VARIANT.finditer(text.low):
        name = match.lastgroup or "a"
        if name == "c" and text.raw[match.start()] == "a":
            continue
        found.append(Span("variant", match.start(), match.end(), match.group(name).upper()))
    return found


def _letters(text: Text) -> list[Span]:
    """A letter alone may name a variant."""
    found = [Span("letter", m.start(), m.end(), m.group(1).upper()) for m in LETTER.finditer(text.raw)]
    taken = {span.start for span in found}
    small = (m for m in SMALL_A.finditer(text.low) if m.start("a") not in taken)
    return [*found, *(Span("letter", m.start("a"), m.end("a"), "A") for m in small)]
