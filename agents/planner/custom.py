"""Fields that RevOps added, as a sentence names them: their labels and values come from the workspace, at once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agents.planner.text import Span, Text

# What the product calls by these names stays the product's own.
TAKEN = frozenset(
    "name amount value stage state status owner product contact company deal title email phone location city region"
    " country headcount employees industry segment domain website priority type kind health momentum due date"
    " next step close date closing date lifecycle seniority department revenue currency tags notes note".split()
) | {"close date", "closing date", "next step", "deal stage", "deal name", "job title", "e-mail"}  # fmt: skip
POLITE = r"^(?:(?:please|pls|hey|hi|ok|okay|now|then|and|also|can|could|would|you|we|i|want|need|would|like|to|let's|just|must|should)[\s,]+)*"
_CHANGE = re.compile(
    POLITE + r"(?:set|update|change|make|put|switch|edit|correct|fill(?: in)?|enter|mark|move|raise|lower)\b"
)
_EMPTY = re.compile(POLITE + r"(?:clear|empty|unset|remove|delete|blank)\b")
_OTHER = re.compile(
    r"\b(?:tasks?|to-?dos?|reminders?|remind|log|notes?|calls?|meetings?|campaigns?|e-?mails?|variants?|prospects?)\b"
)
_ASK = re.compile(
    POLITE
    + r"(?:(?:show|list|find|get|give|pull|which|what|how many|count|number of|search(?: for)?|see|me|us|all|any|the|my|our|open)\s+)*"
    r"(?:deals?|opportunities|contacts?|people|compan(?:y|ies)|accounts?|customers?)\b"
)
_SAYS = re.compile(r"(?:\bto\b(?:\s+be\b)?|\bas\b|\bis\b|=|:)\s*")
_JOINS = r"(?:\s+(?:is|are|of|equals?|equal to|being|set to|as|=|:))*\s*"
_SIGNS = (
    (">=", r"(?:at least|from|>=|no less than|min(?:imum)?)"),
    ("<=", r"(?:at most|up to|<=|no more than|max(?:imum)?)"),
    (">", r"(?:over|above|more than|greater than|after|>)"),
    ("<", r"(?:under|below|less than|fewer than|before|<)"),
)
_REST = re.compile(r"\s*(?:,|;|\band\b|\bsorted\b|\bordered\b|\bwith\b|\bin\b|\bby\b|$)")
_WITHOUT = re.compile(r"\b(?:without|with no|missing|lacking|has no|have no)\s+(?:an?\s+|any\s+)?$")


@dataclass(frozen=True, slots=True)
class Custom:
    """One field: what kind of record has it, its label, and its values where they are a closed set."""

    noun: str
    key: str
    label: str
    choices: tuple[str, ...] = ()
    is_number: bool = False

    @property
    def column(self) -> str:
        return f"custom.{self.key}"


@dataclass(frozen=True, slots=True)
class Mention:
    """A field that the sentence names, with the value said for it; `covers` is all that belongs to it."""

    field: Custom
    value: Any
    op: str
    covers: Span


def custom_fields(rows: Any) -> tuple[Custom, ...]:
    """Out of plain data, the longest label first, so that "ARR band 2" is not read as "ARR band"."""
    found = [Custom(**{**row, "choices": tuple(row.get("choices", ()))}) for row in rows]
    usable = [each for each in found if each.label.strip() and each.label.lower() not in TAKEN]
    return tuple(sorted(usable, key=lambda each: (-len(each.label), each.noun)))


def mentions_any(text: str, fields: tuple[Custom, ...]) -> bool:
    low = Text.of(text).low
    return any(_label(each, low) for each in fields)


def changes_in(low: str, raw: str, fields: tuple[Custom, ...], quoted: list[Span]) -> list[Mention]:
    """ "set ARR band to 1-5M for Acme", "update Acme's ARR band to …", "Acme's ARR band is …", "clear …"."""
    first = next(iter(_labels(low, fields, quoted)), None)
    if first is None or _OTHER.search(low[: first[1].start]):
        return []
    empties = _EMPTY.match(low) is not None
    told = empties or _CHANGE.match(low) or _is_said_to_be(low, first[1])
    if not told:
        return []
    labels = list(_labels(low, fields, quoted))
    ends = [span.start for _, span in labels[1:]] + [len(low)]
    if empties:
        return [Mention(field, None, "=", span) for field, span in labels]
    found = (_changed(low, raw, field, span, end) for (field, span), end in zip(labels, ends, strict=True))
    return [each for each in found if each is not None]


def filters_in(low: str, raw: str, fields: tuple[Custom, ...], quoted: list[Span]) -> list[Mention]:
    """ "companies with ARR band 1-5M", "deals with seats over 50", "contacts without …"."""
    if not _ASK.match(low):
        return []
    found = (_asked(low, raw, field, span) for field, span in _labels(low, fields, quoted))
    return [each for each in found if each is not None]


def without(raw: str, mentions: list[Mention]) -> str:
    """The sentence with blanks where the fields stood: every place in it stays what it was."""
    for each in mentions:
        raw = raw[: each.covers.start] + " " * each.covers.width + raw[each.covers.end :]
    return raw


def _label(field: Custom, low: str) -> re.Match[str] | None:
    words = r"[\s_-]+".join(re.escape(word) for word in re.split(r"[\s_-]+", field.label.lower()) if word)
    return re.search(rf"(?<![\w-]){words}(?![\w-])", low)


def _labels(low: str, fields: tuple[Custom, ...], quoted: list[Span]) -> list[tuple[Custom, Span]]:
    """Each label once, at its first place; of two kinds of record with one label, all."""
    found: list[tuple[Custom, Span]] = []
    for field in fields:
        match = _label(field, low)
        span = Span("field", *match.span()) if match else None
        if span and not any(span.overlaps(q) for q in quoted):
            same = [s for f, s in found if s.overlaps(span)]
            if not same or (same == [span] and _of_this_kind(low, field)):
                found = [(f, s) for f, s in found if s != span] if same else found
                found.append((field, span))
    return sorted(found, key=lambda pair: pair[1].start)


def _of_this_kind(low: str, field: Custom) -> bool:
    plural = {"company": r"compan(?:y|ies)|accounts?", "contact": r"contacts?|people", "deal": r"deals?"}
    return re.search(rf"\b(?:{plural.get(field.noun, field.noun)})\b", low) is not None


def _is_said_to_be(low: str, label: Span) -> bool:
    """As in "Acme's ARR band is 1-5M", "ARR band of Acme: 1-5M"."""
    before, after = low[: label.start], low[label.end :]
    owned = re.search(r"'s?\s*$", before) and len(before.split()) <= 6
    return bool(
        (owned and re.match(r"\s*(?:is|=|:|should be|to)\s", after))
        or (not before.strip() and re.match(r"\s+(?:of|for|at)\s.{1,80}?(?:\s(?:is|to|=)\s|:)", after))
    )


def _changed(low: str, raw: str, field: Custom, label: Span, end: int) -> Mention | None:
    chosen = _choice(low, field, label.end, end)
    says = next(iter(_SAYS.finditer(low, label.end, end)), None)
    if chosen is not None:
        span, value = chosen
        return (
            Mention(field, value, "=", Span("field", label.start, span.end))
            if _near(low, label, span)
            else (Mention(field, value, "=", Span("field", label.start, label.end)))
        )
    if says is None:
        return None
    stop = end if end < len(low) else _before_record(low, label, says.end())
    text = re.sub(r"\s*(?:,|\band\b)\s*(?:the\s+)?$", "", raw[says.end() : stop], flags=re.IGNORECASE)
    text = text.strip(" \t\"'.!") if text.count('"') != 1 else text.strip()
    start = label.start if _near(low, label, Span("", says.start(), says.end())) else says.start()
    return (
        Mention(field, text, "=", Span("field", start, says.end() + len(raw[says.end() : stop])))
        if text
        else None
    )


def _near(low: str, label: Span, value: Span) -> bool:
    """Nothing but small words between: "ARR band of Acme to 1-5M" has the record in between."""
    return (
        re.fullmatch(r"[\s,]*(?:(?:to|as|is|=|:|be|at|into|in)[\s,]*)*", low[label.end : value.start])
        is not None
    )


def _before_record(low: str, label: Span, start: int) -> int:
    """Where the value ends: before the last "for Acme", unless the record was said before."""
    if re.search(r"'s?\s*$|\b(?:of|for|at|on)\b", low[: label.start]) or re.search(
        r"\b(?:of|for|at|on)\b", low[label.end : start]
    ):
        return len(low)
    places = [match.start() for match in re.finditer(r"\s(?:for|of|on|at)\s", low[start:])]
    return start + places[-1] if places else len(low)


def _choice(low: str, field: Custom, start: int, end: int) -> tuple[Span, str] | None:
    for choice in sorted(field.choices, key=lambda each: -len(each)):
        match = re.search(rf"(?<![\w.,-]){re.escape(Text.of(choice).low)}(?![\w-])", low[start:end])
        if match:
            return Span("value", start + match.start(), start + match.end()), choice
    return None


def _asked(low: str, raw: str, field: Custom, label: Span) -> Mention | None:
    lacking = _WITHOUT.search(low[: label.start])
    if lacking:
        return Mention(field, "true", "empty", Span("field", lacking.start(), label.end))
    lead = re.search(r"\b(?:with|where|whose|having|in)\s+(?:an?\s+|the\s+)?$", low[: label.start])
    start = lead.start() if lead else label.start
    after = re.match(_JOINS, low[label.end :])
    at = label.end + (after.end() if after else 0)
    op = "="
    for sign, words in _SIGNS:
        match = re.match(rf"{words}\s*", low[at:])
        if match and not field.choices:
            op, at = sign, at + match.end()
            break
    chosen = _choice(low, field, at, min(len(low), at + 80)) or _choice(low, field, 0, label.start)
    if chosen is not None:
        span, value = chosen
        return Mention(field, value, op, Span("field", min(start, span.start), max(span.end, label.end)))
    rest = _REST.search(low, at)
    text = raw[at : rest.start() if rest else len(raw)].strip(" \t\"'?.!")
    return Mention(field, text, op, Span("field", start, at + len(text))) if text else None


def rows_of(mentions: list[Mention]) -> Iterator[Mapping[str, Any]]:
    for each in mentions:
        yield {"field": each.field.column, "op": each.op, "value": each.value}
