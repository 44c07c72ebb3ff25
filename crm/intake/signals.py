"""Dated things a list tells about a company: layoffs, hiring, funding, or whatever its own column names."""

from datetime import date
from decimal import Decimal

from crm.intake.rows import CompanyRow, SignalCells, SignalRow


def signals_of(cells: SignalCells, company: CompanyRow, *, source: str, today: date) -> tuple[SignalRow, ...]:
    """The signals of one line. The day is the file's own where it has one, else the day of the import."""
    named = cells.source or source
    url = cells.url or company.website_url
    own_day = cells.occurred_on or company.dated_on
    found = []
    if cells.type:
        found.append(SignalRow(cells.type, cells.detail, named, url, own_day or today))
    if own_day and (cells.laid_off_count or cells.laid_off_share):
        found.append(SignalRow("layoff", _layoff(cells), named, url, own_day))
    if cells.is_hiring or cells.open_roles:
        found.append(SignalRow("hiring", _hiring(cells), named, url, own_day or today))
    funded_on = company.funded_on or (own_day if company.last_funding_amount else None)
    if funded_on and (company.funding_stage or company.last_funding_amount):
        found.append(SignalRow("funding", _funding(company), named, url, funded_on))
    return tuple(found)


def _layoff(cells: SignalCells) -> str:
    parts = []
    if cells.laid_off_count:
        parts.append(f"{cells.laid_off_count:,} people laid off")
    if cells.laid_off_share:
        parts.append(f"{cells.laid_off_share:.0%} of the company")
    return ", ".join(parts)


def _hiring(cells: SignalCells) -> str:
    if not cells.open_roles:
        return "Hiring page is open"
    return "1 open role" if cells.open_roles == 1 else f"{cells.open_roles:,} open roles"


def _funding(company: CompanyRow) -> str:
    amount, currency = company.last_funding_amount, company.last_funding_currency
    parts = [company.funding_stage or "Funding", f"{_short(amount)} {currency}".strip() if amount else ""]
    return ", ".join(part for part in parts if part)


def _short(amount: Decimal) -> str:
    return f"{amount:,.0f}"
