"""From the lines of a table to companies, people, deals and signals, one line at a time in constant memory."""

from collections.abc import Callable, Iterator
from datetime import date
from operator import itemgetter

from crm.intake.faults import IntakeError
from crm.intake.keys import domain_key, name_key
from crm.intake.places import city_key, region_name
from crm.intake.plans import SEVERAL, Part, custom_columns, extra_columns, extras_of, several_columns
from crm.intake.rows import CompanyRow, ContactRow, DealRow, Note, Record, SignalCells, SignalRow
from crm.intake.shapes import Mapping
from crm.intake.signals import signals_of
from crm.intake.stages import deal_state
from crm.intake.tables import Table
from crm.intake.text import boolean, opened
from crm.intake.titles import department_of, seniority_of

_REMEMBERED_COMPANIES = 50_000
# An amount in money that is not known would be worth something else.
_NEEDED = frozenset({"contact.email", "deal.amount", "deal.currency"})
_Company = tuple[CompanyRow | None, tuple[SignalRow, ...], tuple[Note, ...]]
_NO_COMPANY: _Company = (None, (), ())


def read_records(table: Table, mapping: Mapping, *, source: str, today: date) -> Iterator[Record]:
    """Every row of the file as a record, the rejected ones with their reason.

    `source` names the file in signals; `today` dates a signal for which the file has no day.
    People of the same company share one `CompanyRow` object as long as the company's cells are the same.
    """
    reader = Reader(mapping, source=source, today=today)
    for number, cells, fault in table.lines():
        if fault:
            yield Record(number, cells, rejected=fault)
        else:
            yield reader.read(number, [opened(cell) if cell[:1] == "'" else cell for cell in cells])


class Reader:
    """The compiled plan of one file."""

    def __init__(self, mapping: Mapping, *, source: str, today: date) -> None:
        _refuse_without_identity(mapping)
        self._source, self._today = source, today
        self._company, self._contact, self._deal, self._signal = (
            Part(entity, mapping) for entity in ("company", "contact", "deal", "signal")
        )
        self._needed = frozenset(c.name for c in mapping.columns if c.target in _NEEDED)
        entity = {"contacts": "contact", "deals": "deal"}.get(mapping.kind, "company")
        self._extras = [*extra_columns(mapping), *custom_columns(entity, mapping)]
        self._several = several_columns(entity, mapping)
        self._of_company = [] if entity == "company" else custom_columns("company", mapping)
        self._deleted = [column.index for column in mapping.columns if column.target == "line.deleted"]
        self._company_cells: Callable[[list[str]], object] | None = _cells_of(
            [index for index, _ in self._of_company], self._company, self._signal
        )
        self._seen: dict[object, _Company] = {}
        self._build = {"contacts": self._person_line, "deals": self._deal_line}.get(
            mapping.kind, self._company_line
        )

    def read(self, number: int, cells: list[str]) -> Record:
        record = self._build(number, cells)
        if self._deleted and any(cells[index] and _is_yes(cells[index]) for index in self._deleted):
            return record._replace(deleted=True)
        return record

    def _company_line(self, number: int, cells: list[str]) -> Record:
        notes: list[Note] = []
        values = self._company.values(cells, notes)
        signal = SignalCells._make(self._signal.values(cells, notes))
        values[-1] = extras_of(cells, self._extras, notes)
        company = finished_company(values)
        if company is None:
            return Record(
                number, cells, rejected="The row names no company: it has no name and no web domain."
            )
        signals = signals_of(signal, company, source=self._source, today=self._today)
        return Record(number, cells, company, None, None, signals, tuple(notes))

    def _person_line(self, number: int, cells: list[str]) -> Record:
        company, signals, about_company = self._company_of(cells)
        notes: list[Note] = []
        values = self._contact.values(cells, notes)
        if notes and (bad := _about(self._needed, notes)):
            return Record(number, cells, rejected=bad)
        extras = values[-1] = extras_of(cells, self._extras, notes)
        contact = finished_contact(values, company)
        if contact is None and _named(company) is None:
            return Record(
                number, cells, rejected="The row names nobody: no name, no e-mail and no LinkedIn address."
            )
        if contact is None and company is not None:
            company = company._replace(extras={**company.extras, **extras})
        return Record(number, cells, _named(company), contact, None, signals, (*about_company, *notes))

    def _deal_line(self, number: int, cells: list[str]) -> Record:
        company, signals, about_company = self._company_of(cells)
        notes: list[Note] = []
        values = self._deal.values(cells, notes)
        if notes and (bad := _about(self._needed, notes)):
            return Record(number, cells, rejected=bad)
        values[-1] = extras_of(cells, [*self._extras, *self._with_several(cells)], notes)
        deal = finished_deal(values, company)
        if deal is None:
            return Record(
                number, cells, rejected="The row names no deal: it has no name, no company and no key."
            )
        return Record(number, cells, _named(company), None, deal, signals, (*about_company, *notes))

    def _with_several(self, cells: list[str]) -> list[tuple[int, str]]:
        return [(index, name) for index, name in self._several if SEVERAL.search(cells[index].strip(";,| "))]

    def _company_of(self, cells: list[str]) -> _Company:
        """The company of a person or a deal, made once for equal cells."""
        if self._company_cells is None:
            return _NO_COMPANY
        raw = self._company_cells(cells)
        found = self._seen.get(raw)
        if found is None:
            if len(self._seen) >= _REMEMBERED_COMPANIES:
                self._seen.clear()
            found = self._seen[raw] = self._new_company(cells)
        return found

    def _new_company(self, cells: list[str]) -> _Company:
        notes: list[Note] = []
        values = self._company.values(cells, notes)
        signal = SignalCells._make(self._signal.values(cells, notes))
        values[-1] = extras_of(cells, self._of_company, notes)
        company = finished_company(values)
        if company is None:
            return (None, (), tuple(notes))
        return (company, signals_of(signal, company, source=self._source, today=self._today), tuple(notes))


def _named(company: CompanyRow | None) -> CompanyRow | None:
    """A company of which the line knows only the key elsewhere is no company to create."""
    return company if company is not None and company.name else None


def _is_yes(cell: str) -> bool:
    try:
        return boolean(cell)
    except ValueError:
        return False


def _cells_of(more: list[int], *parts: Part) -> Callable[[list[str]], object] | None:
    indexes = sorted({*more, *(index for part in parts for index in part.indexes)})
    return itemgetter(*indexes) if indexes else None


def _about(columns: frozenset[str], notes: list[Note]) -> str:
    """The reason why a field without which the line must not be taken could not be read."""
    return next((note.reason for note in notes if note.column in columns), "")


_C = {name: position for position, name in enumerate(CompanyRow._fields)}
_NAME, _DOMAIN, _SITE = _C["name"], _C["domain"], _C["website_url"]
_CITY, _REGION, _CODE, _ADDRESS = _C["city"], _C["region"], _C["country_code"], _C["address"]


def finished_company(values: list[object]) -> CompanyRow | None:
    """The row with its keys; None when nothing names a company."""
    row = CompanyRow._make(values)
    domain = row.domain or (domain_key(row.website_url) if row.website_url else "")
    name = row.name or domain
    if not name:
        return None if not row.external_id else row
    values[_NAME], values[_DOMAIN] = name, domain
    values[_C["name_key"]] = name_key(name)[:255]
    if row.city:
        values[_C["city_key"]] = city_key(row.city)
    if row.region and row.country_code:
        values[_REGION] = region_name(row.region, row.country_code)
    return CompanyRow._make(values)


_P = {name: position for position, name in enumerate(ContactRow._fields)}
_EXTERNAL, _FIRST, _LAST, _FULL = _P["external_id"], _P["first_name"], _P["last_name"], _P["full_name"]
_EMAIL_KEY, _PROFILE, _OTHERS = _P["email_key"], _P["linkedin_url"], _P["other_emails"]
_TITLE, _DEPARTMENT, _SENIORITY = _P["title"], _P["department"], _P["seniority"]
_PHONE, _MOBILE, _WHERE, _WHERE_KEY = _P["phone"], _P["mobile_phone"], _P["city"], _P["city_key"]
_AT = slice(_P["company_external_id"], _P["company_city_key"] + 1)


def finished_contact(values: list[object], company: CompanyRow | None) -> ContactRow | None:
    """The row with its keys, its names completed and its title understood; None when nothing names a person."""
    if not values[_FULL]:
        values[_FULL] = f"{values[_FIRST]} {values[_LAST]}".strip()
    elif not values[_FIRST] and not values[_LAST]:
        first, _, last = str(values[_FULL]).partition(" ")
        values[_FIRST], values[_LAST] = first[:120], last.strip()[:160]
    if not (values[_FULL] or values[_EMAIL_KEY] or values[_PROFILE]):
        return None
    title = values[_TITLE]
    if title:
        values[_SENIORITY] = values[_SENIORITY] or seniority_of(str(title))
        values[_DEPARTMENT] = values[_DEPARTMENT] or department_of(str(title))
    if not values[_PHONE]:
        values[_PHONE] = values[_MOBILE]
    if values[_WHERE]:
        values[_WHERE_KEY] = city_key(str(values[_WHERE]))
    if company is not None:
        values[_AT] = (
            company.external_id, company.name, company.name_key, company.domain, company.city_key or values[_WHERE_KEY],
        )  # fmt: skip
    return ContactRow._make(values)


_D = {name: position for position, name in enumerate(DealRow._fields)}
_DEAL_AT = slice(_D["company_external_id"], _D["company_city_key"] + 1)


def finished_deal(values: list[object], company: CompanyRow | None) -> DealRow | None:
    """The row with its state, its dates in their places and a name; None when nothing names a deal."""
    row = DealRow._make(values)
    state = deal_state(row.stage_name, row.status, closed=row.is_closed, won=row.is_won)
    values[_D["state"]] = state
    if state == "open" and row.closed_on:
        values[_D["expected_on"]] = row.expected_on or row.closed_on
        values[_D["closed_on"]] = None
    name = row.name or " – ".join(part for part in (company.name if company else "", row.product) if part)
    if not name and not row.external_id:
        return None
    values[_D["name"]] = (name or row.external_id)[:255]
    if company is not None:
        values[_DEAL_AT] = (
            company.external_id,
            company.name,
            company.name_key,
            company.domain,
            company.city_key,
        )
    return DealRow._make(values)


def _refuse_without_identity(mapping: Mapping) -> None:
    """A file of which no column was understood as a name or a key is not guessed at."""
    targets = {column.target for column in mapping.columns}
    naming = {
        "contacts": {
            "contact.email",
            "contact.full_name",
            "contact.first_name",
            "contact.last_name",
            "contact.linkedin",
        },
        "deals": {"deal.name", "deal.external_id", "company.name"},
    }.get(mapping.kind, {"company.name", "company.domain", "company.website_url"})
    if not naming & targets:
        what = {"contacts": "a person's name or e-mail", "deals": "a deal's name"}.get(
            mapping.kind, "a company's name"
        )
        raise IntakeError(f"No column was recognised as {what}. Choose the column that holds it.")
