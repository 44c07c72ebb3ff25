"""Misspelt words of command: "puase the campain" is read as "pause the campaign". Names are left as they are."""

import re
from collections import defaultdict
from functools import cache

from rapidfuzz.distance import OSA

from agents.planner.lexicon.phrases import table
from agents.planner.lexicon.titles import functions, whole_titles
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
    steps touch first leave store forget instead activate phone dozen fifty thirty twenty sales buying exploring dormant
    churned using ahead better worse review approval approve finished completed version weekly numbers result results
    headcount persons teams industry location funding funded grade graded rated
    germany france spain italy poland sweden norway denmark finland netherlands belgium austria switzerland portugal
    ireland england scotland greece hungary romania czechia turkey israel brazil mexico canada india japan australia
    singapore china europe nordics california texas florida london paris berlin munich hamburg frankfurt cologne madrid
    barcelona milan amsterdam rotterdam brussels vienna zurich geneva dublin lisbon warsaw prague stockholm copenhagen
    helsinki boston chicago seattle austin dallas houston denver atlanta miami toronto montreal vancouver sydney
    melbourne tokyo dubai luxembourg
    fintech insurtech proptech edtech healthtech biotech pharma robotics gaming retail retailers insurers insurance
    hospitals banking energy automotive aerospace logistics wholesale e-commerce media telecom construction education
    chemicals utilities consulting hotels restaurants airlines agriculture
    enterprise startup number running active because lunch dinner coffee agencies agency consultancies priority tickets
    issues unpause unselect deselect expand broaden previous thing things grand thousand million really reengage
    website expanding capable explain
    about please should contract renewal nurture engagement outreach expansion webinar email
    """.split()
)
LEAST = 5
SHORT = 7
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
        right = _nearest(word.lower(), sure=_capital(match))
        if right is None or _is_name(word.lower(), names):
            continue
        parts += [text[at : match.start()], right]
        length += match.start() - at + len(right)
        at = match.end()
        if len(right) != len(word):
            edits.append((length, len(word) - len(right)))
    return "".join([*parts, text[at:]]), edits


def _odd(match: re.Match[str], plain: frozenset[str]) -> bool:
    """A word no list knows."""
    word = match.group()
    known = word.lower() in plain or word.lower() in KEYWORDS or word.lower() in _listed()
    beside = match.string[match.end() : match.end() + 1] in {"-", ".", "'", "’"}
    return not (known or beside or word[1:] != word[1:].lower())


@cache
def _listed() -> frozenset[str]:
    """Every word of the lists of places, trades, tools and titles."""
    return frozenset(word for key in (*table(), *functions(), *whole_titles()) for word in key.split())


def _capital(match: re.Match[str]) -> bool:
    return match.group()[0].isupper() and match.string[: match.start()].strip() != ""


def _nearest(word: str, *, sure: bool) -> str | None:
    """The one keyword a single slip away; a word written as a name must have the very same letters."""
    # One letter for another makes too many real words of short ones: "remote" is no "remove".
    close = (
        k
        for k in _BY_LETTER[word[0]]
        if len(k) != len(word) or len(word) > SHORT or sorted(k) == sorted(word)
    )
    near = [k for k in close if abs(len(k) - len(word)) < 2 and OSA.distance(k, word, score_cutoff=1) < 2]
    swapped = [k for k in near if len(k) == len(word) and sorted(k) == sorted(word)]
    chosen = swapped or ([] if sure else near)
    return chosen[0] if len(chosen) == 1 and len(word) >= LEAST else None


def _is_name(word: str, names: NameIndex) -> bool:
    return any(word in record.name.lower().split() for record in names.lookup(word, BIG_KINDS))
