"""Read lines → rows of temporary tables, by COPY, a segment of the file at a time."""

import json
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from crm.intake.rows import CompanyRow, ContactRow, Record, SignalRow
from crm.models import Company, Contact
from crm.services.import_columns import (
    COMPANY,
    COMPANY_LISTS,
    CONTACT,
    CONTACT_FINAL,
    Filled,
    company_extras,
    company_values,
    contact_extras,
    contact_values,
)
from crm.services.import_copying import copy_text
from gtmos.kernel.fields.schema import Schema
from gtmos.kernel.fields.values import sorted_out

REMEMBERED = 20_000
encoded = json.JSONEncoder(default=str, ensure_ascii=False).encode
Column = tuple[Any, ...]
Limits = tuple[tuple[int, str, int], ...]


def _columns(fields: tuple[Filled, ...]) -> str:
    return ", ".join(f"{field.column} {field.type}" for field in fields)


TABLES = {
    "stage_company": f"no bigint, {_columns(COMPANY)}, tags jsonb, technologies jsonb, custom jsonb, "
    "parent_name text, parent_external_id text, dated_on date, key text, id uuid, new_id uuid DEFAULT uuidv7()",
    "stage_contact": f"no bigint, {_columns(CONTACT)}, do_not_email boolean, do_not_call boolean, "
    "opted_out_at timestamptz, custom jsonb, source text, dated_on date, company_key text, "
    "company_external_id text, key text, id uuid, new_id uuid DEFAULT uuidv7(), company_id uuid",
    "stage_signal": "company_key text, type text, detail text, source text, url text, occurred_on date",
    "stage_key": "noun text, key text, id uuid, external_id text",
}
# What later segments need to know of earlier ones.
KEPT = {
    "known_company": "key text PRIMARY KEY, id uuid",
    "stage_parent": "id uuid, parent_name text, parent_external_id text",
    "stage_edge": "id uuid, parent_id uuid, name text, version integer, is_own boolean",
    "counted_company": "id uuid, kind smallint",
    "counted_contact": "id uuid, kind smallint",
}


def make_tables(cursor: Any) -> None:
    """Fresh temporary tables of this connection; they outlive a transaction and end with the import."""
    for name, columns in (TABLES | KEPT).items():
        cursor.execute(f"DROP TABLE IF EXISTS {name}")
        cursor.execute(f"CREATE TEMPORARY TABLE {name} ({columns})")


def empty_tables(cursor: Any) -> None:
    """Room for the next segment."""
    cursor.execute(f"TRUNCATE {', '.join(TABLES)}")


def drop_tables(cursor: Any) -> None:
    cursor.execute(f"DROP TABLE IF EXISTS {', '.join(TABLES | KEPT)}")


def _limits(model: type[Company] | type[Contact], fields: tuple[Filled, ...]) -> Limits:
    """Place in a row of the stage, column and length of each text that the table limits."""
    limited = []
    for place, each in enumerate(fields, start=1):
        length = getattr(model._meta.get_field(each.column), "max_length", None)
        if each.type == "text" and length:
            limited.append((place, each.column, length))
    return tuple(limited)


def _names(fields: tuple[Filled, ...], *more: str) -> str:
    return ", ".join(["no", *(each.column for each in fields), *more])


COMPANY_COLUMNS = _names(
    *(COMPANY, *COMPANY_LISTS, "custom", "parent_name", "parent_external_id", "dated_on", "key")
)
CONTACT_COLUMNS = _names(
    *(CONTACT, *CONTACT_FINAL, "opted_out_at", "custom", "source", "dated_on"),
    *("company_key", "company_external_id", "key"),
)
SIGNAL_COLUMNS = "company_key, type, detail, source, url, occurred_on"
COMPANY_COPY, CONTACT_COPY, SIGNAL_COPY = (
    f"COPY {table} ({columns}) FROM STDIN"
    for table, columns in (
        ("stage_company", COMPANY_COLUMNS),
        ("stage_contact", CONTACT_COLUMNS),
        ("stage_signal", SIGNAL_COLUMNS),
    )
)
# By these a record there, a company or a parent is looked for.
ASKED = frozenset(
    {"domain", "name_key", "external_id", "email_key", "linkedin_key", "company_key", "company_external_id"}
    | {"parent_name", "parent_external_id"}
)
# By these an index finds the one record, where each row of a segment has its own.
KEYS = frozenset({"external_id", "linkedin_key"})
COMPANY_LIMITS = _limits(Company, COMPANY)
CONTACT_LIMITS = _limits(Contact, CONTACT)


def fitted(columns: list[Column], limits: Limits, names: str) -> list[Column]:
    """The columns with texts cut to their length; the whole text of one that was cut is kept, so that nothing is lost."""
    for place, column, length in limits:
        if max(map(len, columns[place])) > length:
            kept = names.split(", ").index("custom")
            columns[kept] = tuple(
                _with_whole(custom, column, text) if len(text) > length else custom
                for custom, text in zip(columns[kept], columns[place], strict=True)
            )
            columns[place] = tuple(
                f"{text[: length - 1]}…" if len(text) > length else text for text in columns[place]
            )
    return columns


def _with_whole(custom: str, column: str, text: str) -> str:
    return encoded({**json.loads(custom), column: text})


def packed(extras: dict[str, Any]) -> str:
    """As JSON; most lines have none."""
    return encoded(extras) if extras else "{}"


@dataclass(slots=True)
class Segment:
    """Rows as the temporary tables take them."""

    companies: list[list[Any]] = field(default_factory=list)
    contacts: list[list[Any]] = field(default_factory=list)
    signals: list[list[Any]] = field(default_factory=list)
    lines: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    holds: frozenset[str] = frozenset()
    texts: dict[str, bytes] = field(default_factory=dict)

    def close(self) -> None:
        """Everything that needs no database, so that writing is nothing but handing over."""
        holds: set[str] = set()
        for statement, noun, names, rows, limits in (
            (COMPANY_COPY, "company", COMPANY_COLUMNS, self.companies, COMPANY_LIMITS),
            (CONTACT_COPY, "contact", CONTACT_COLUMNS, self.contacts, CONTACT_LIMITS),
            (SIGNAL_COPY, "", SIGNAL_COLUMNS, self.signals, ()),
        ):
            if rows:
                columns = fitted(list(zip(*rows, strict=True)), limits, names)
                self.texts[statement] = copy_text(columns)
                holds.update(_held(noun, names, columns) if noun else ())
        self.holds = frozenset(holds)
        self.companies, self.contacts, self.signals = [], [], []

    def write(self, cursor: Any) -> None:
        for statement, text in self.texts.items():
            with connection.wrap_database_errors, cursor.copy(statement) as copy:
                copy.write(text)


def _held(noun: str, names: str, columns: list[Column]) -> Iterator[str]:
    """What there is at all in a segment: nothing is asked of the database for a column that is blank in every line."""
    yield noun
    for column, cells in zip(names.split(", "), columns, strict=True):
        if column in ASKED and any(cells):
            yield f"{noun}.{column}"
            values = [cell for cell in cells if cell] if column in KEYS else ()
            if values and len(set(values)) == len(values):
                yield f"{noun}.{column}.unlike"
    keys = columns[-1]
    if len(set(keys)) < len(keys):
        yield f"{noun}.repeated"
    if any(key.startswith("n:") for key in keys):
        yield f"{noun}.unkeyed"


class Stage:
    """Prepares segments; a company that many people share is written once."""

    def __init__(self, definitions: Schema | None = None) -> None:
        definitions = definitions or Schema()
        self.fields = {noun: definitions.of(noun) for noun in ("company", "contact")}
        self.is_ruled = bool(definitions.rules.get("company") or definitions.rules.get("contact"))
        self.number = 0
        self.written: OrderedDict[int, tuple[CompanyRow, str]] = OrderedDict()

    def prepare(self, records: Iterable[Record]) -> Segment:
        """Touches no database, so that it can run while the segment before is merged."""
        segment = Segment()
        for record in records:
            self.number += 1
            key = self._company(record.company, segment.companies) if record.company else ""
            if record.contact is not None:
                segment.contacts.append(self._contact(record.contact, key))
            if self.is_ruled:
                segment.lines[f"company:{key}"].append(record)
                if record.contact is not None:
                    segment.lines[f"contact:{segment.contacts[-1][-1]}"].append(record)
            segment.signals.extend(_signal(signal, key) for signal in record.signals if key)
        segment.close()
        return segment

    def _company(self, row: CompanyRow, rows: list[list[Any]]) -> str:
        known = self.written.get(id(row))
        if known is not None:
            return known[1]
        key = f"d:{row.domain}" if row.domain else f"n:{row.name_key}|{row.city_key}"
        self.written[id(row)] = (row, key)  # the row is kept, so that its id is not given to another
        if len(self.written) > REMEMBERED:
            self.written.popitem(last=False)
        rows.append(
            [
                self.number,
                *company_values(row),
                encoded(row.tags) if row.tags else "[]",
                encoded(row.technologies) if row.technologies else "[]",
                packed(self._sorted("company", company_extras(row))),
                row.parent_name,
                row.parent_external_id,
                row.dated_on,
                key,
            ]
        )
        return key

    def _sorted(self, noun: str, extras: dict[str, Any]) -> dict[str, Any]:
        fields = self.fields[noun]
        return sorted_out(fields, extras) if fields and extras else extras

    def _contact(self, row: ContactRow, company: str) -> list[Any]:
        return [
            self.number,
            *contact_values(row),
            bool(row.do_not_email) or row.opted_out_at is not None,
            bool(row.do_not_call),
            row.opted_out_at,
            packed(self._sorted("contact", contact_extras(row))),
            row.source,
            row.dated_on,
            company,
            row.company_external_id,
            _contact_key(row, company),
        ]


def _contact_key(row: ContactRow, company: str) -> str:
    if row.email_key:
        return f"e:{row.email_key}"
    if row.linkedin_key:
        return f"l:{row.linkedin_key}"
    if row.external_id:
        return f"x:{row.external_id}"
    return f"n:{row.full_name.casefold()}|{company}"


def _signal(row: SignalRow, company: str) -> list[Any]:
    return [company, row.type, row.detail, row.source, row.url, row.occurred_on]
