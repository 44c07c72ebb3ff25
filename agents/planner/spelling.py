"""Misspelt words of command: "puase the campain" is read as "pause the campaign". Names are left as they are."""

import re
from collections import defaultdict

from rapidfuzz.distance import OSA

from agents.planner.lexicon.phrases import table
from agents.planner.names import NameIndex
from agents.planner.world import BIG_KINDS

KEYWORDS = frozenset(
    """
    campaign campaigns sequence variant variants version subject touches emails linkedin audience selection selected
    pause paused resume resumed launch launched archive archived complete submit restart promote promoted winner
    select dismiss shortlist choose reject exclude excluding without except include including narrow search searches
    company companies employees people prospects prospect contacts contact customers accounts account startups firms
    founders founder directors director managers manager marketing engineering operations finance procurement security
    manufacturing logistics insurance healthcare software construction hospitality series bootstrapped hiring recruiting
    raised revenue headcount between under above using similar lookalikes only
    deals opportunity opportunities pipeline amount stage negotiation proposal discovery qualification closed closing
    close owner product worth rename update change increase reduce
    tasks reminder remind follow tomorrow yesterday today monday tuesday wednesday thursday friday january february
    march april august september october november december quarter month months weeks
    called call phoned emailed meeting meetings spoke voicemail answer interested minutes
    performance performing stats results rate reply replies clicks opened unsubscribed unsubscribe unsubscribes opted
    create created start finish show find list give every everything everyone everybody delete remove erase export
    overdue assigned average total count biggest largest highest change changes action actions undo revert
    about please should contract renewal nurture engagement outreach expansion webinar email
    """.split()
)
LEAST = 5
_WORD = re.compile(r"[A-Za-z]{5,}")
_QUOTED = re.compile(r"\"[^\"]*\"|(?<!\w)'[^']*'(?!\w)|«[^»]*»|\S+@\S+")
_BY_LETTER: dict[str, list[str]] = defaultdict(list)
for _keyword in sorted(KEYWORDS):
    _BY_LETTER[_keyword[0]].append(_keyword)


def corrected(text: str, plain: frozenset[str], names: NameIndex) -> tuple[str, list[tuple[int, int]]]:
    """The text with its words of command spelt right, and where its length changed: (place in it, by how much)."""
    parts, edits, at, length = [], [], 0, 0
    quotes = [match.span() for match in _QUOTED.finditer(text)]
    for match in _WORD.finditer(text):
        word = match.group()
        if any(start <= match.start() < end for start, end in quotes) or not _odd(match, plain):
            continue
        right = _nearest(word.lower())
        if right is None or _is_name(word.lower(), names):
            continue
        parts += [text[at : match.start()], right]
        length += match.start() - at + len(right)
        at = match.end()
        if len(right) != len(word):
            edits.append((length, len(word) - len(right)))
    return "".join([*parts, text[at:]]), edits


def _odd(match: re.Match[str], plain: frozenset[str]) -> bool:
    """A word no list knows; capitals inside the sentence mark a name."""
    word = match.group()
    known = word.lower() in plain or word.lower() in KEYWORDS or word.lower() in table()
    capital = word[0].isupper() and match.string[: match.start()].strip() != ""
    beside = match.string[match.end() : match.end() + 1] in {"-", ".", "'", "’"}
    return not (known or capital or beside or word[1:] != word[1:].lower())


def _nearest(word: str) -> str | None:
    """The one keyword a single slip away."""
    near = [
        k
        for k in _BY_LETTER[word[0]]
        if abs(len(k) - len(word)) < 2 and OSA.distance(k, word, score_cutoff=1) < 2
    ]
    swapped = [k for k in near if len(k) == len(word) and sorted(k) == sorted(word)]
    chosen = swapped or near
    return chosen[0] if len(chosen) == 1 and len(word) >= LEAST else None


def _is_name(word: str, names: NameIndex) -> bool:
    return any(word in record.name.lower().split() for record in names.lookup(word, BIG_KINDS))
