"""Which names are companies: beside a person, by a legal form, or by how they are spoken of."""

from crm.intake.notes.findings import AT, ENDS, LIKELY, STATED, SURELY_AT, Findings
from crm.intake.notes.lexicon import LEGAL

_TALK = frozenset(
    "call meeting talk demo lunch dinner coffee catch-up catchup discovery visit visited rang saw besuch gesprach termin telefonat appel workshop sync kickoff kick-off intro webinar onsite lost won".split()
)
_HAS = frozenset(
    """again has have wants want needs need budget postponed moved is are was they pushed signed asked asks renewal hat haben sucht plant braucht will mochte a est veut cherche renewed churned
    signs approved quarterly pricing - / : 's called wrote replied sent likes loved went""".split()
)
_WITH = frozenset({"with", "at", "for", "to", "w", "@", "from", "bei", "mit", "avec", "chez"})
_REACHED = _TALK | {
    "spoke",
    "talked",
    "answer",
    "left",
    "out",
    "intro",
    "reception",
    "chatted",
    "note",
    "discovery",
}
_KEYS = (
    ("company", ":"),
    ("firma", ":"),
    ("company", "is"),
    ("organisation", ":"),
    ("organization", ":"),
    ("account", ":"),
)
_BEFORE_HOUSE = (
    *(("works", "at"), ("works", "for"), ("work", "for"), ("work", "at"), ("contact", "at"), ("over", "at")),
    *(("department", "at"), ("name", "left")),
)


def find_places(found: Findings) -> None:
    for place, item in enumerate(found.items):
        if item.kind == "name" and not _of_person(found, place) and not _with_person(found, place):
            _by_words(found, place)
            _by_legal_form(found, place)


def _of_person(found: Findings, place: int) -> bool:
    """ "Tom from Bluewave", "Rosa (Castellan Legal)"."""
    if not found.is_somebody(place):
        return False
    after = found.at(place + 1).kind
    if after == "(" and found.kinds(place + 2, 2) == ("name", ")"):
        where = place + 2
    elif after in AT - {"for", "with", "over", "der", "des"}:
        where = place + (3 if found.at(place + 2).kind in {"der", "the"} else 2)
    else:
        return False
    if found.is_house(where) or (found.is_name(where) and after in SURELY_AT | {"("}):
        found.name_person(place)
        found.name_company(2, where)
    return True


def _with_person(found: Findings, place: int) -> bool:
    """ "Cyberdyne (Miles Dyson, …"."""
    is_with = found.is_house(place) and found.at(place + 1).kind == "(" and found.is_somebody(place + 2)
    if is_with:
        found.name_person(place + 2)
        found.name_company(2, place)
    return is_with


def _by_words(found: Findings, place: int) -> None:
    before = found.kinds(place - 2, 2)
    if before in _KEYS:
        found.name_company(0, place)
    elif before == ("name", ":"):
        found.name_person(place)
    elif before in _BEFORE_HOUSE or before[1] == "joined" or _has_job(found, place):
        found.name_company(2, place)


def _has_job(found: Findings, place: int) -> bool:
    """ "Contoso's new CMO is Emma Clarke"."""
    return found.at(place + 1).kind == "'s" and found.is_house(place) and "role" in found.kinds(place + 2, 2)


def _by_legal_form(found: Findings, place: int) -> None:
    item = found.at(place)
    is_registered = set(item.words[1:]) & LEGAL or item.text.endswith(("o.o", "o.o.", "KG"))
    if len(item.words) > 1 and is_registered:
        found.name_company(STATED, place)


def find_likely_places(found: Findings) -> None:
    """Where nothing states it: who was called, who has or wants something, what sounds like a business."""
    for place, item in enumerate(found.items):
        if place in found.people or not found.is_house(place):
            continue
        if item.is_business:
            found.name_company(LIKELY, place)
        if _is_spoken_of(found, place):
            found.name_company(LIKELY + 1, place)
        elif _is_at_the_end(found, place):
            found.name_company(LIKELY + 2, place)


def _is_spoken_of(found: Findings, place: int) -> bool:
    before, after = found.at(place - 1).kind, found.at(place + 1).kind
    begins = place == 0 or before in ENDS or before == "honour"
    is_talked_with = before in _TALK or (before in _WITH and found.at(place - 2).kind in _REACHED)
    is_heading = before in {"note", ":"} and after in {".", ":", ","}
    is_listed = before == "," and after in {",", "."} and found.at(place - 2).kind in _TALK
    return is_talked_with or is_heading or is_listed or (begins and (after in _HAS or after == ","))


def _is_at_the_end(found: Findings, place: int) -> bool:
    before, after = found.at(place - 1).kind, found.at(place + 1).kind
    is_last = after in {".", ",", "-", "\n", ":", "!"}
    return before in SURELY_AT or (before in {"about", "from", "at", "sent"} and is_last)
