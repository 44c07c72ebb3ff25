"""Exchange rates: RevOps writes them down by day; nothing is ever fetched or guessed."""

import csv
import io
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from django.db import transaction

from crm.events import RatesRecorded
from crm.models import ExchangeRate
from crm.services.changing import apply_changes, check, locked
from gtmos.kernel import events, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.currencies import currency_of
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.permissions import require

MOST_IN_A_FILE = 10_000
COLUMNS = ("dated_on", "currency", "base", "rate")


class RateRow(NamedTuple):
    """One unit of `currency` is `rate` units of `base` from this day on."""

    currency: str
    base: str
    dated_on: date
    rate: Decimal
    source: str = ""


@transaction.atomic
def record_rate(
    *, currency: str, base: str, dated_on: date, rate: Decimal, actor: Actor, source: str = ""
) -> ExchangeRate:
    """One rate; that of the same two currencies and day is replaced, and history keeps what it was."""
    row = RateRow(currency, base, dated_on, rate, source)
    record_rates([row], actor=actor)
    codes = {"currency": currency.strip().upper(), "base": base.strip().upper()}
    return ExchangeRate.objects.get(**codes, dated_on=dated_on)


@transaction.atomic
def record_rates(rows: Iterable[RateRow], *, actor: Actor) -> int:
    """All of them or none; returns how many were new or changed."""
    require(actor, "crm.configure_currencies")
    changed = sum(_record(_checked(row), actor) for row in rows)
    if changed:
        events.publish(RatesRecorded(recorded=changed), actor=actor)
    return changed


@transaction.atomic
def update_rate(rate: ExchangeRate, *, changes: dict[str, Any], actor: Actor) -> ExchangeRate:
    """Mend a rate; of which currencies and which day it is stays."""
    require(actor, "crm.configure_currencies")
    rate = locked(rate)
    if changes.get("rate") is not None and changes["rate"] <= 0:
        raise InvalidInputError("A rate is above 0.", code="bad_rate")
    if apply_changes(rate, changes, allowed={"rate", "source"}, actor=actor, category="CURRENCY"):
        events.publish(RatesRecorded(recorded=1), actor=actor)
    return rate


@transaction.atomic
def delete_rate(rate: ExchangeRate, *, actor: Actor) -> None:
    """Take a rate away; figures use the one before it again."""
    require(actor, "crm.configure_currencies")
    rate = locked(rate)
    history.record(
        rate,
        before={"rate": rate.rate},
        after={"rate": None},
        actor=actor,
        category="DELETED",
        summary=f"Deleted rate {rate}",
    )
    rate.delete()


def read_rates(content: bytes) -> list[RateRow]:
    """Rows of a CSV with the columns dated_on, currency, base and rate, and source where there is one."""
    try:
        table = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
        names = [name.strip().lower() for name in table.fieldnames or ()]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInputError("This is no CSV in UTF-8.", code="not_a_table") from error
    absent = [name for name in COLUMNS if name not in names]
    if absent:
        raise InvalidInputError(f"The file has no column {', '.join(absent)}.", code="column_missing")
    table.fieldnames = names
    rows = []
    for number, cells in enumerate(table, start=2):
        if number > MOST_IN_A_FILE + 1:
            raise InvalidInputError(f"At most {MOST_IN_A_FILE} rows at once.", code="too_many")
        rows.append(_row(number, cells))
    return rows


def _row(number: int, cells: dict[str, Any]) -> RateRow:
    try:
        return _checked(
            RateRow(
                str(cells["currency"] or ""),
                str(cells["base"] or ""),
                date.fromisoformat(str(cells["dated_on"] or "").strip()),
                Decimal(str(cells["rate"] or "").strip()),
                str(cells.get("source") or "").strip(),
            )
        )
    except (ValueError, InvalidOperation) as error:
        raise InvalidInputError(
            f"Line {number}: a day is 2026-05-31, a rate is a number such as 1.0842. Nothing was changed.",
            code="bad_rate",
        ) from error
    except InvalidInputError as error:
        raise InvalidInputError(f"Line {number}: {error.message}", code=error.code) from error


def _checked(row: RateRow) -> RateRow:
    row = row._replace(currency=currency_of(row.currency), base=currency_of(row.base))
    if row.currency == row.base:
        raise InvalidInputError("A rate is of two different currencies.", code="bad_currency")
    if not row.rate.is_finite() or row.rate <= 0:
        raise InvalidInputError("A rate is above 0.", code="bad_rate")
    return row


def _record(row: RateRow, actor: Actor) -> bool:
    key = {"currency": row.currency, "base": row.base, "dated_on": row.dated_on}
    known = ExchangeRate.objects.select_for_update().filter(**key).first()
    if known is not None:
        changes: dict[str, Any] = {"rate": row.rate, **({"source": row.source} if row.source else {})}
        allowed = {"rate", "source"}
        return bool(apply_changes(known, changes, allowed=allowed, actor=actor, category="CURRENCY"))
    rate = ExchangeRate(**key, rate=row.rate, source=row.source)
    check(rate, ["currency", "base", "rate", "source"])
    rate.save(force_insert=True)
    history.record_creation(rate, actor=actor, values={"rate": row.rate})
    return True
