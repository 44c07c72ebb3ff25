"""Which system a list comes from, what it is about, and which column fills which field."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from crm.intake.converters import Formats, converts
from crm.intake.dates import Order
from crm.intake.faults import IntakeError
from crm.intake.fields import FIELDS, is_custom
from crm.intake.headers import BY_ENTITY, MEANINGS, header_key, prefixed
from crm.intake.keys import linkedin_key

KINDS = ("companies", "contacts", "deals", "signals")
# The rank of a column whose name said nothing, and whose values did.
GUESSED = 90
_HUBSPOT = frozenset(
    [
        "companyowner",
        "contactowner",
        "dealowner",
        "companydomainname",
        "lifecyclestage",
        "associatedcompany",
        "associatedcompanyids",
        "associatedcompanyidsprimary",
        "dealstage",
        "hubspotscore",
        "optedoutofallemail",
        "propietariodelcontacto",
        "estadodellead",
        "marketingcontactstatus",
        "zustandigermitarbeiter",
    ]
)
_SALESFORCE = frozenset(["systemmodstamp", "isdeleted", "createdbyid", "masterrecordid", "lastmodifiedbyid"])
_DEALS = frozenset(
    [
        "deal",
        "dealname",
        "dealtitle",
        "opportunity",
        "opportunityname",
        "opportunityid",
        "dealid",
        "dealstage",
        "stagename",
        "closedate",
        "closingdate",
        "expectedclose",
        "expectedclosedate",
        "closevalue",
        "dealvalue",
        "dealamount",
        "iswon",
        "nombredelnegocio",
        "amount",
        "close",
        "probability",
        "dealowner",
        "engagedate",
    ]
)
_PEOPLE = frozenset(
    [
        "email",
        "emailaddress",
        "workemail",
        "firstname",
        "lastname",
        "fullname",
        "jobtitle",
        "contactid",
        "personlinkedinurl",
        "apollocontactid",
        "correo",
        "correoelectronico",
        "nombre",
        "apellidos",
        "vorname",
        "nachname",
        "prenom",
        "surname",
        "position",
        "contactname",
    ]
)
_SIGNALS = frozenset(["signaltype", "signal", "eventtype"])
_ENTITY_OF = {"companies": "company", "contacts": "contact", "deals": "deal", "signals": "company"}
# Values of these kinds prove or disprove what a column name promises.
_PROVABLE = frozenset(
    {
        "emails",
        "date",
        "moment",
        "count",
        "flag",
        "revenue",
        "last_funding",
        "total_funding",
        "amount",
        "share",
        "year",
    }
    | {"funding_stage", "domain", "total_funding_millions"}
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column and the field it fills; "" as target keeps its values under the column's own name."""

    index: int
    name: str
    target: str = ""
    confidence: float = 0.0
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a file is read. A person may change every part of it before the import."""

    shape: str
    kind: str
    columns: tuple[Column, ...]
    formats: Formats = field(default_factory=Formats)

    @property
    def unmapped(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if not column.target)

    def with_target(self, name: str, target: str) -> "Mapping":
        """The same mapping with one column sent elsewhere, or with "" kept as an extra value."""
        entity, _, name_there = target.partition(".")
        if target and not is_custom(target) and name_there not in FIELDS.get(entity, {}):
            raise IntakeError(f"There is no field {target}.")
        if name not in {column.name for column in self.columns}:
            raise IntakeError(f"The file has no column {name}.")
        changed = (
            replace(column, target=target, confidence=1.0, rank=-1) if column.name == name else column
            for column in self.columns
        )
        return replace(self, columns=tuple(changed))

    def with_formats(
        self, *, date_order: Order | None = None, decimal_comma: bool | None = None
    ) -> "Mapping":
        formats = Formats(
            self.formats.date_order if date_order is None else date_order,
            self.formats.decimal_comma if decimal_comma is None else decimal_comma,
        )
        return replace(self, formats=formats)

    def as_dict(self) -> dict[str, object]:
        """Plain values for storage and for the mapping page."""
        return {
            "shape": self.shape,
            "kind": self.kind,
            "date_order": self.formats.date_order,
            "decimal_comma": self.formats.decimal_comma,
            "columns": [
                {"name": c.name, "target": c.target, "confidence": c.confidence, "rank": c.rank}
                for c in self.columns
            ],
        }

    @classmethod
    def from_dict(cls, stored: dict[str, object]) -> "Mapping":
        listed = stored["columns"]
        assert isinstance(listed, list)
        columns = tuple(
            Column(index, c["name"], c["target"], c["confidence"], c["rank"])
            for index, c in enumerate(listed)
        )
        order = stored.get("date_order", "")
        known: Order = "mdy" if order == "mdy" else "dmy" if order == "dmy" else ""
        formats = Formats(known, decimal_comma=bool(stored.get("decimal_comma")))
        return cls(str(stored["shape"]), str(stored["kind"]), columns, formats)


def detect_shape(columns: Sequence[str]) -> str:
    """hubspot, salesforce, pipedrive, apollo, linkedin or plain."""
    keys = {header_key(column) for column in columns}
    if sum(bool(prefixed(column)[0]) for column in columns) >= 2:
        return "pipedrive"
    if {"apollocontactid", "companynameforemails"} & keys or "apolloaccountid" in keys:
        return "apollo"
    if {"firstname", "lastname", "position", "connectedon"} <= keys:
        return "linkedin"
    if _SALESFORCE & keys or any(column.endswith("__c") for column in columns):
        return "salesforce"
    if {"opportunityname", "accountname"} <= keys:
        return "salesforce"
    if ({"recordid", "idderegistro", "datensatzid"} & keys) and _HUBSPOT & keys:
        return "hubspot"
    return "plain"


def detect_kind(columns: Sequence[str]) -> str:
    """What the rows are: companies, contacts, deals or signals."""
    entities = [prefixed(column)[0] for column in columns]
    if entities and entities[0]:
        return {"deal": "deals", "contact": "contacts", "company": "companies"}[entities[0]]
    keys = {header_key(column) for column in columns}
    if _SIGNALS & keys:
        return "signals"
    if len(_DEALS & keys) >= 2 or {"dealname", "opportunityname"} & keys:
        return "deals"
    if columns and header_key(columns[0]) in {"deal", "opportunity"}:
        return "deals"
    return "contacts" if _PEOPLE & keys else "companies"


def map_columns(
    columns: Sequence[str], sample: Iterable[Sequence[str]] = (), *, into: str = "auto"
) -> Mapping:
    """The mapping a file most likely wants. `sample` are a few of its rows; they can disprove a column's name."""
    if into != "auto" and into not in KINDS:
        raise IntakeError(f"A list holds {', '.join(KINDS)} or auto, not {into}.")
    shape = detect_shape(columns)
    kind = detect_kind(columns) if into == "auto" else into
    rows = list(sample)
    mapped = [_column(index, name, shape, kind, _values(rows, index)) for index, name in enumerate(columns)]
    return Mapping(shape, kind, tuple(_one_email(mapped)))


def _values(rows: list[Sequence[str]], index: int) -> list[str]:
    return [row[index] for row in rows if len(row) > index and row[index].strip()]


def _column(index: int, name: str, shape: str, kind: str, values: list[str]) -> Column:
    target, rank = _meaning(name, shape, kind)
    if target and not _proven(target, values):
        target, rank = "", 0
    if not target:
        target, rank = _from_values(values, kind), GUESSED
        return Column(index, name, target, 0.5 if target else 0.0, rank)
    sure = 1.0 if shape != "plain" else 0.9
    return Column(index, name, target, sure if rank == 0 else sure - 0.1 if rank < 5 else sure - 0.2, rank)


def _meaning(name: str, shape: str, kind: str) -> tuple[str, int]:
    entity, key = prefixed(name)
    if entity:
        return _prefixed_meaning(entity, key, kind)
    if shape == "linkedin" and key == "url":
        return "contact.linkedin", 0
    if kind == "companies" and key in _PEOPLE:
        return "", 0
    return MEANINGS[kind].get(key, ("", 0))


def _prefixed_meaning(entity: str, key: str, kind: str) -> tuple[str, int]:
    own = _ENTITY_OF[kind]
    if entity == own:
        if entity == "company" and key == "address":
            return "company.postal_address", 0
        return BY_ENTITY[entity].get(key) or MEANINGS[kind].get(key, ("", 0))
    if entity == "company":
        target, rank = BY_ENTITY["company"].get(key, ("", 0))
        return target, rank
    return "", 0


def _proven(target: str, values: list[str]) -> bool:
    """At least half of what the column holds can be read as what its name promises."""
    entity, _, name = target.partition(".")
    kind = FIELDS[entity][name]
    if kind not in _PROVABLE or not values:
        return True
    return sum(converts(kind, value) for value in values) * 2 >= len(values)


def _from_values(values: list[str], kind: str) -> str:
    """A column without a telling name, recognised by what it holds."""
    if kind != "contacts" or len(values) < 3:
        return ""
    if all("@" in value and converts("emails", value) for value in values):
        return "contact.email"
    if all("linkedin." in value and linkedin_key(value) for value in values):
        return "contact.linkedin"
    return ""


def _one_email(columns: list[Column]) -> list[Column]:
    """The best column is the address; any other column of addresses holds further ones."""
    of_mail = [column for column in columns if column.target == "contact.email"]
    best = min(of_mail, key=lambda column: (column.rank, column.index), default=None)
    return [
        replace(column, target="contact.other_emails") if column in of_mail and column is not best else column
        for column in columns
    ]
