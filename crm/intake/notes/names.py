"""Who and which company a note is about, by what stands around a name."""

import re
from collections.abc import Iterable

from crm.intake.notes.findings import STATED, SURELY_AT, Findings
from crm.intake.notes.items import items_of
from crm.intake.notes.jobs import find_jobs
from crm.intake.notes.lexicon import NO_NAME, SELLERS
from crm.intake.notes.places import find_likely_places, find_places
from crm.intake.text import fold

_MET = frozenset(
    """met spoke spoken talked chatted rang reached saw visited lunch coffee dinner breakfast call meeting chat sync catch-up catchup demo conversation discussion interview drinks beer
    voicemail vm contact contacts kontakt ansprechpartner interlocuteur colleague colleagues boss replaced reported besuch gespräch gesprach telefonat appel entretien dejeuner rencontre
    hablado llamada reunion reunion kollege kollegin name intro discovery kick-off kickoff ceo maker decision-maker champion blocker sponsor called asked zusammen getroffen gesprochen
    follow-up followup spricht""".split()
)
_FILL = frozenset(
    "with w to for and & by again is are the a an our their his her good great quick short long first second third new old today yesterday morning mit avec con : left out from on phone call".split()
)
_SAYS = frozenset(
    """says said thinks wants want asked asks mentioned told confirmed expects needs loved liked joined picked covers wrote called agreed runs sees prefers hopes explained believes signed
    promised suggested wondered complained prefers owns leads manages handles approved stays works sagt sagte meint will möchte mochte fragt hat bittet dit pense veut souhaite demande
    quiere dice = showed replied pushed introduced attended gave became took""".split()
)
_GONE = frozenset("left leaves departed resigned retired quit gone fired".split())
_OURS = frozenset("our my unser unsere us".split())
_MET_ALONE = frozenset({"met", "rang", "reached", "saw", "boss", "colleague", "contact", "visited"})
_TOLD_BY = frozenset(
    {
        ("intro", "from"),
        ("introduced", "by"),
        ("referred", "by"),
        ("talk", "to"),
        ("thanks", "to"),
        ("speak", "to"),
    }
)
MOST_WORDS = 4


def people_and_company(text: str, known: Iterable[str], home: str = "") -> tuple[list[dict[str, str]], str]:
    """What is stated comes first, then what is known, then what the note is beside, then what is likely."""
    found = Findings(items_of(text))
    find_jobs(found)
    find_places(found)
    _find_people(found)
    find_likely_places(found)
    company = found.surest(at_most=STATED) or _known(text, known) or home or found.surest()
    return _people(found, company), company


def _known(text: str, known: Iterable[str]) -> str:
    """The longest name of a company that is there already."""
    words = f" {_plain(text)} "
    return max((name for name in known if f" {_plain(name)} " in words), key=len, default="")


def _plain(text: str) -> str:
    return re.sub(r"[^\w]+", " ", text).lower().strip()


def _find_people(found: Findings) -> None:
    """Who was met, or says something, or has a full name that begins with a first name."""
    for place, item in enumerate(found.items):
        is_open = item.kind == "name" and not item.is_business and place not in found.places
        is_called_so = found.at(place - 1).kind == "honour"
        if is_open and (is_called_so or (item.looks_like_a_person and _is_named(found, place))):
            found.name_person(place)


def _is_named(found: Findings, place: int) -> bool:
    words = len(found.at(place).words)
    if words in {2, 3} and found.at(place - 1).kind not in SURELY_AT:
        return True
    return _is_met(found, place) or (words == 1 and found.at(place + 1).kind in _SAYS)


def _is_met(found: Findings, place: int) -> bool:
    for step in range(1, 7):
        before = found.at(place - step).kind
        if before in _MET:
            return step > 1 or before in _MET_ALONE
        if place - step in found.people and step < 4:
            return found.at(place - 1).kind in {"and", "&", "und", "et", "y", "/"}
        if before not in _FILL:
            return False
    return False


def _people(found: Findings, company: str) -> list[dict[str, str]]:
    kept: dict[str, dict[str, str]] = {}
    for place in sorted(found.people):
        name, title = found.at(place).text, found.people[place]
        if not _is_person(found, place, company):
            continue
        person = kept.setdefault(fold(name.split()[0]), {"name": name, "title": ""})
        person["title"] = person["title"] or title
        person["name"] = max(person["name"], name, key=len)
    return list(kept.values())


def _is_person(found: Findings, place: int, company: str) -> bool:
    item = found.at(place)
    if item.is_business or len(item.words) > MOST_WORDS or place in found.places or item.words[0] in SELLERS:
        return False
    if f" {fold(item.text)} " in f" {fold(company)} " or set(item.words) & NO_NAME:
        return False
    return not (_has_gone(found, place) or _is_ours(found, place))


def _has_gone(found: Findings, place: int) -> bool:
    following = found.kinds(place + 1, 3)
    return bool(set(following[:2]) & _GONE) or ("no", "longer") in {following[:2], following[1:]}


def _is_ours(found: Findings, place: int) -> bool:
    """Colleagues: "Robin and Lea from our side", "Intro from Tom", "Talk to Mike"."""
    before = found.kinds(place - 2, 2)
    if before in _TOLD_BY or before[1] in {"cc", "hi", "hello"}:
        return True
    ahead = found.kinds(place + 1, 6)
    end = next((step for step, kind in enumerate(ahead) if kind not in {"and", "name", ",", "&"}), 6)
    return ahead[end : end + 1] == ("from",) and ahead[end + 1 : end + 2] in {(each,) for each in _OURS}
