"""From a text to what it says. The text is data: whatever it asks for, it is only read."""

import re
from collections.abc import Iterable
from datetime import date

from crm.intake.notes.names import people_and_company
from crm.intake.notes.shapes import Refused, Said
from crm.intake.notes.values import EMAIL, HEADS, PHONE, amount_in, day_in, emails_in, heads_in

LONGEST = 5_000
_SUBJECT = re.compile(
    r"\b(pilot|trial|rollout|renewal|licen[cs]es?|project|poc|proof of concept|subscription)\b", re.IGNORECASE
)
_DECIDES = re.compile(
    r"\b(?:sign|signing|close|closing|start|begin|decision|decide|live|launch|expect|wants?|deal|contract|roll)\w*",
    re.IGNORECASE,
)
_NO_WORD = re.compile(r"\S{120,}")  # nothing that people write, and slow to look through
_FIRST_AND_LAST = re.compile(r"(?<![^\W\d_])[^\W\d_]{2,}[._][^\W\d_]{2,}@")
_QUOTED = re.compile(r"^(?:>.*|-{2,}\s*(?:Original|Forwarded).*|On .+ wrote:)$", re.MULTILINE)


def read_note(
    text: str, *, today: date, companies: Iterable[str] = (), stages: Iterable[str] = (), home: str = ""
) -> Said:
    """`companies` are names that are known already; `stages` those of the pipeline; `home` the company it is about,
    where the text names no other.
    """
    said = _NO_WORD.sub(" ", _QUOTED.sub("", text[:LONGEST]))
    emails, refused = emails_in(said)
    rest = EMAIL.sub(" ", said)
    phones = [match[0].strip() for match in PHONE.finditer(rest)]
    rest = PHONE.sub(" ", rest)
    heads = heads_in(rest)
    amount, currency = amount_in(HEADS.sub(" ", rest))
    subject = _SUBJECT.search(rest)
    people, company = people_and_company(said, companies, home)
    _give(people, "email", emails, refused)
    _give(people, "phone", phones, refused)
    reading = Said(
        company=company,
        employees=heads,
        people=people,
        amount=amount,
        currency=currency,
        close_on=_close_on(rest, today, is_of_deal=amount is not None or bool(subject)),
        stage=_stage(rest, stages),
        subject=subject[1].lower() if subject else "",
        refused=refused,
    )
    reading.confidence = _confidence(reading)
    return reading


def _close_on(text: str, today: date, *, is_of_deal: bool) -> date | None:
    """Only where a decision or a start is spoken of: any other day is one to call again."""
    return day_in(text, today=today) if is_of_deal or _DECIDES.search(text) else None


def _give(people: list[dict[str, str]], name: str, values: list[str], refused: list[Refused]) -> None:
    """To the person whose name is in it, else to the only one."""
    for value in values:
        fitting = [each for each in people if each["name"].split()[0].lower() in value.lower()]
        whom = fitting or (people if len(people) == 1 and not _names_another(value) else [])
        if whom and name not in whom[0]:
            whom[0][name] = value
        elif not whom:
            refused.append(Refused(name, value, "It is not clear whose this is."))


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
