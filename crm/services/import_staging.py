"""Read lines → temporary tables, by COPY, in constant memory."""

import json
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

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

REMEMBERED = 20_000
encoded = json.JSONEncoder(default=str, ensure_ascii=False).encode
COMPANY_KEY = ("domain", "name_key", "city_key")


def _columns(fields: tuple[Filled, ...]) -> str:
    return ", ".join(f"{field.column} {field.type}" for field in fields)


TABLES = {
    "stage_company": f"no bigint, {_columns(COMPANY)}, tags jsonb, technologies jsonb, custom jsonb, "
    "parent_name text, parent_external_id text, dated_on date, key text, id uuid, new_id uuid DEFAULT uuidv7()",
    "stage_contact": f"no bigint, {_columns(CONTACT)}, do_not_email boolean, do_not_call boolean, "
    "opted_out_at timestamptz, custom jsonb, source text, dated_on date, company_key text, "
    "company_external_id text, key text, id uuid, new_id uuid DEFAULT uuidv7(), company_id uuid",
    "stage_signal": "company_key text, type text, detail text, source text, url text, occurred_on date",
}


def make_tables(cursor: Any) -> None:
    """Fresh temporary tables of this connection; they outlive a transaction and end with the import."""
    for name, columns in TABLES.items():
        cursor.execute(f"DROP TABLE IF EXISTS {name}")
        cursor.execute(f"CREATE TEMPORARY TABLE {name} ({columns})")


def drop_tables(cursor: Any) -> None:
    for name in TABLES:
        cursor.execute(f"DROP TABLE IF EXISTS {name}")


def _limits(
    model: type[Company] | type[Contact], fields: tuple[Filled, ...]
) -> tuple[tuple[int, str, int], ...]:
    """Place, column and length of each text that the table limits."""
    limited = []
    for place, field in enumerate(fields):
        length = getattr(model._meta.get_field(field.column), "max_length", None)
        if field.type == "text" and length:
            limited.append((place, field.column, length))
    return tuple(limited)


COMPANY_LIMITS = _limits(Company, COMPANY)
CONTACT_LIMITS = _limits(Contact, CONTACT)


def fitted(
    values: tuple[Any, ...], limits: tuple[tuple[int, str, int], ...]
) -> tuple[list[Any], dict[str, str]]:
    """The values cut to their columns, and the whole text of those that were cut, so that nothing is lost."""
    row, whole = list(values), {}
    for place, column, length in limits:
        if len(row[place]) > length:
            whole[column] = row[place]
            row[place] = row[place][: length - 1] + "…"
    return row, whole


class Stage:
    """Writes records chunk by chunk; a company that many people share is written once."""

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor
        self.number = 0
        self.written: OrderedDict[int, tuple[CompanyRow, str]] = OrderedDict()

    def write(self, records: Iterable[Record]) -> None:
        companies: list[list[Any]] = []
        contacts: list[list[Any]] = []
        signals: list[list[Any]] = []
        for record in records:
            self.number += 1
            key = self._company(record.company, companies) if record.company else ""
            if record.contact is not None:
                contacts.append(self._contact(record.contact, key))
            signals.extend(_signal(signal, key) for signal in record.signals if key)
        self._copy(
            "stage_company",
            _names(
                COMPANY, (*COMPANY_LISTS, "custom", "parent_name", "parent_external_id", "dated_on", "key")
            ),
            companies,
        )
        self._copy(
            "stage_contact",
            _names(
                CONTACT,
                (
                    *CONTACT_FINAL,
                    "opted_out_at",
                    "custom",
                    "source",
                    "dated_on",
                    "company_key",
                    "company_external_id",
                    "key",
                ),
            ),
            contacts,
        )
        self._copy("stage_signal", "company_key, type, detail, source, url, occurred_on", signals)

    def _company(self, row: CompanyRow, rows: list[list[Any]]) -> str:
        known = self.written.get(id(row))
        if known is not None:
            return known[1]
        key = f"d:{row.domain}" if row.domain else f"n:{row.name_key}|{row.city_key}"
        self.written[id(row)] = (row, key)  # the row is kept, so that its id is not given to another
        if len(self.written) > REMEMBERED:
            self.written.popitem(last=False)
        values, whole = fitted(company_values(row), COMPANY_LIMITS)
        rows.append(
            [
                self.number,
                *values,
                encoded(row.tags) if row.tags else "[]",
                encoded(row.technologies) if row.technologies else "[]",
                encoded({**company_extras(row), **whole}),
                row.parent_name,
                row.parent_external_id,
                row.dated_on,
                key,
            ]
        )
        return key

    def _contact(self, row: ContactRow, company: str) -> list[Any]:
        values, whole = fitted(contact_values(row), CONTACT_LIMITS)
        return [
            self.number,
            *values,
            bool(row.do_not_email) or row.opted_out_at is not None,
            bool(row.do_not_call),
            row.opted_out_at,
            encoded({**contact_extras(row), **whole}),
            row.source,
            row.dated_on,
            company,
            row.company_external_id,
            _contact_key(row, company),
        ]

    def _copy(self, table: str, columns: str, rows: list[list[Any]]) -> None:
        if not rows:
            return
        with self.cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


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


def _names(fields: tuple[Filled, ...], more: tuple[str, ...]) -> str:
    return ", ".join(["no", *(field.column for field in fields), *more])
