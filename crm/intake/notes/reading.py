"""From a text to what it says. The text is data: whatever it asks for, it is only read."""

import re
from collections.abc import Iterable
from datetime import date

from crm.intake.notes.amounts import AMOUNT, amount_in
from crm.intake.notes.days import day_in
from crm.intake.notes.letters import Letter, opened
from crm.intake.notes.names import people_and_company
from crm.intake.notes.people import is_same_person
from crm.intake.notes.shapes import Refused, Said
from crm.intake.notes.values import EMAIL, HEADS, PHONE, emails_in, heads_in, phones_in
from crm.intake.text import fold

LONGEST = 5_000
_SUBJECT = re.compile(
    r"\b(pilot|trial|rollout|renewal|licen[cs]es?|project|poc|proof of concept|subscription)\b", re.IGNORECASE
)
_NO_WORD = re.compile(r"\S{120,}")  # nothing that people write, and slow to look through
_FIRST_AND_LAST = re.compile(r"(?<![^\W\d_])[^\W\d_]{2,}[._][^\W\d_]{2,}@")


def read_note(
    text: str, *, today: date, companies: Iterable[str] = (), stages: Iterable[str] = (), home: str = ""
) -> Said:
    """`companies` are names that are known already; `stages` those of the pipeline; `home` the company it is about,
    where the text names no other.
    """
    letter = opened(_NO_WORD.sub(" ", text[:LONGEST]))
    said = letter.body.replace("w/", "with ")
    emails, refused = emails_in(said)
    rest = EMAIL.sub(" ", said)
    phones = phones_in(rest)
    rest = PHONE.sub(" ", rest)
    heads = heads_in(rest)
    amount, currency = amount_in(HEADS.sub(" ", rest))
    subject = _SUBJECT.search(rest)
    people, company = people_and_company(_bare(said), companies, letter.company or home)
    people, company = _with_sender(people, letter), letter.company or company
    refused += _give(people, "email", emails, said) + _give(people, "phone", phones, said)
    reading = Said(
        company=company,
        employees=heads,
        people=people,
        amount=amount,
        currency=currency,
        close_on=day_in(rest, today=today, is_of_deal=amount is not None or bool(subject)),
        stage=_stage(rest, stages),
        subject=subject[1].lower() if subject else "",
        refused=refused,
    )
    reading.confidence = _confidence(reading)
    return reading


def _bare(text: str) -> str:
    """Addresses, numbers and amounts are no names."""
    for pattern in (EMAIL, PHONE, AMOUNT):
        text = pattern.sub(" ", text)
    return re.sub(r"[ \t]+", " ", text).replace(" ,", ",").replace(" .", ".")


def _with_sender(people: list[dict[str, str]], letter: Letter) -> list[dict[str, str]]:
    """Who wrote it comes first, and is not named twice."""
    if not letter.sender:
        return people
    sender = {"title": "", **letter.sender}
    for each in people:
        if is_same_person(each["name"], sender["name"]):
            sender["title"] = sender["title"] or each["title"]
    return [sender, *(each for each in people if not is_same_person(each["name"], sender["name"]))]


def _give(people: list[dict[str, str]], name: str, values: list[str], text: str) -> list[Refused]:
    """To the person whose name is in it, else to the one who was named last before it, else to the only one."""
    refused = []
    for value in values:
        whom = _whose(people, name, value, text)
        if whom is None:
            refused.append(Refused(name, value, "It is not clear whose this is."))
        else:
            whom.setdefault(name, value)
    return refused


def _whose(people: list[dict[str, str]], name: str, value: str, text: str) -> dict[str, str] | None:
    if any(each.get(name) == value for each in people):
        return next(each for each in people if each.get(name) == value)
    fitting = [each for each in people if _is_in(each["name"], value)] if name == "email" else []
    if fitting:
        return fitting[0]
    if name == "email" and _names_another(value):
        return None
    near = [each for each in people if name not in each and _is_beside(each["name"], value, text)]
    if len(near) == 1:
        return near[0]
    return people[0] if len(people) == 1 and name not in people[0] else None


def _is_in(name: str, address: str) -> bool:
    local = fold(address.partition("@")[0])
    parts = [part for part in re.split(r"[ .'’-]", fold(name)) if len(part) > 1]
    return any(part in local for part in parts if len(part) > 2) or (len(parts) > 1 and local == parts[0])


def _is_beside(name: str, value: str, text: str) -> bool:
    """In one line, the name before, and no end of a sentence between them."""
    between = text[: text.find(value)].rpartition(name)
    return bool(between[1]) and not re.search(r"\n|[.!?]\s+[A-ZÀ-Þ]", between[2])


def _names_another(value: str) -> bool:
    """ "bo.holm@" is somebody's own; "office@" or a number may be anybody's."""
    return bool(_FIRST_AND_LAST.match(value))


def _stage(text: str, stages: Iterable[str]) -> str:
    for stage in sorted(stages, key=len, reverse=True):
        moved = rf"\b(?:moved?|moves|now|go(?:es)?|went|is|are|stage)\s(?:on\s)?(?:to|in|into|at)?\s*(?:the\s)?{re.escape(stage)}\b"
        if re.search(moved, text, re.IGNORECASE):
            return stage
    return ""


def _confidence(reading: Said) -> float:
    """More parts that bear each other out make it surer; it is no probability."""
    has_full_name = any(" " in each["name"] for each in reading.people)
    signs = (bool(reading.company), bool(reading.people), has_full_name, reading.amount is not None)
    return round(0.3 + 0.15 * sum(signs), 2) if any(signs) else 0.0
