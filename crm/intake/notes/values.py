"""Addresses, numbers and head counts inside running text."""

import re

from crm.intake.faults import BadCellError
from crm.intake.keys import email_key
from crm.intake.notes.amounts import NUMBER
from crm.intake.notes.clauses import around
from crm.intake.notes.shapes import Refused

_SIGN = r"[^\s<>()\[\],;:\"“”]"
EMAIL = re.compile(rf"<?(?:mailto:)?(?<!{_SIGN})({_SIGN}+@{_SIGN}+)>?", re.UNICODE)
PHONE = re.compile(
    r"(?<![\w.,])(?:\+\d[\d ().-]{6,30}\d|\(?\d{3}\)?[ -]\d{3}-\d{4}|\d{3}-\d{4}|\(?0\d{2,4}\)?[ /-]{1,3}\d{2,8}(?:[ -]\d{2,4}){0,4})(?![\w-])"
)
HEADS = re.compile(
    rf"\b(?:employees|mitarbeiter\w{{0,5}}|headcount|effectifs?):?\s(\d{{1,7}})\b|({NUMBER})\s?-?\s?(?:[a-z]{{4,12}}\s)?(?:employees|people work|people\b|ppl\b|staff\b|persons?\b|headcount|ftes?\b"
    r"|mitarbeit\w{2,8}|besch[äa]ftigte\w?|leute\b|employés|salari[ée]e?s|collaborateurs|empleados|dipendenti|medewerkers|personas\b|personnes\b)",
    re.IGNORECASE,
)
_NOT_THE_HOUSE = re.compile(
    r"\b(?:if|would|could|might|wenn|hired?|hiring|more|fewer|laid off|layoffs?|entlass\w+|call|room|demo|training|users?|use|uses|using|access|attend\w*|join\w*|came|come"
    r"|workshop|webinar|seats?|team of|[ée]quipe de|from our|unserer|our side|by (?:summer|spring|next)|bis \w+ auf|plan\w*|applied|interview\w*|in (?:sales|marketing|support|it|the team)"
    r"|vertrieb|nur|need\w*|license|licen[cs]es|invited?|registered|sick|leaving|average)\b",
    re.IGNORECASE,
)


def emails_in(text: str) -> tuple[list[str], list[Refused]]:
    """Addresses as they were written, and those that are none."""
    good, bad = [], []
    for match in EMAIL.finditer(text):
        address = match[1].rstrip(".!?'")
        try:
            email_key(address)
        except BadCellError as error:
            bad.append(Refused("email", address, str(error)))
        else:
            good.append(address)
    return list(dict.fromkeys(good)), bad


def phones_in(text: str) -> list[str]:
    return list(dict.fromkeys(match[0].strip() for match in PHONE.finditer(text)))


def heads_in(text: str) -> int | None:
    """How many work there; not who was in a call, or may be there one day."""
    for match in HEADS.finditer(text):
        digits = re.sub(r"\D", "", match[1] or match[2])
        if 0 < len(digits) <= 9 and not _NOT_THE_HOUSE.search(around(text, *match.span()).clause):
            return int(digits)
    return None
