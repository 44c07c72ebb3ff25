"""What a pasted text would fill in on the form of one record: each value with the sentence it comes from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crm.enums import ProposalKind, ProposalState
from crm.intake.notes.reading import read_note
from crm.intake.notes.shapes import Said
from crm.models import Company, Contact, Deal, Stage
from crm.selectors.reading_matches import names_in
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor

Record = Company | Contact | Deal
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?])\s|\n")
LONGEST_SENTENCE = 300


@dataclass(frozen=True, slots=True)
class Offer:
    """`is_held` is one that may not be taken; `reason` says why, or what it stands against."""

    column: str
    value: Any
    before: Any
    sentence: str
    reason: str
    is_held: bool


def said_in(text: str, company: Company | None, *, actor: Actor) -> Said:
    """What a text says, read with the names that this actor may know."""
    stages = Stage.objects.filter(pipeline__is_default=True).values_list("name", flat=True)
    return read_note(
        text,
        today=clock.today(),
        companies=names_in(text, actor=actor),
        stages=list(stages),
        home=company.name if company else "",
    )


def sentence_of(value: Any, text: str) -> str:
    """The sentence that holds the value as it is written; the beginning of the text where none does."""
    sentences = [" ".join(each.split()) for each in _BETWEEN_SENTENCES.split(text) if each.strip()]
    wanted = [each for each in _spellings(value) if each]
    found = (each for each in sentences if any(word in each.lower() for word in wanted))
    return next(found, sentences[0] if sentences else "")[:LONGEST_SENTENCE]


def _spellings(value: Any) -> Iterator[str]:
    words = str(value["name"] if isinstance(value, dict) else value).lower()
    yield words
    number = words.removesuffix(".00")
    if number.isdecimal():
        yield f"{int(number):,}"
        yield number
        if int(number) % 1000 == 0:
            yield f"{int(number) // 1000}k"
    if re.fullmatch(r"\d{4}-\d\d-\d\d", words):
        yield str(int(words[8:]))


def is_of(draft: Any, record: Record) -> bool:
    return draft.kind == ProposalKind.SET_FIELD and draft.record is not None and draft.record.pk == record.pk


def offers_of(drafts: list[Any], text: str) -> list[Offer]:
    """One for each column, in the order of the text's reading."""
    return [
        Offer(
            column,
            value,
            draft.before.get(column),
            sentence_of(value, text),
            draft.reason,
            draft.state == ProposalState.HELD_BACK,
        )
        for draft in drafts
        for column, value in draft.values.items()
    ]
