"""Companies and people, changed field by field."""

from collections.abc import Callable, Mapping
from typing import Any

from agents.selectors.custom import custom_key
from agents.selectors.resolving import Call
from agents.services.registry import Slots, ToolResult, tool, undoer
from agents.tools.changed import diff, subject_of
from crm.models import Company, Contact
from crm.selectors.companies import get_company
from crm.selectors.contacts import get_contact
from crm.services.companies import update_company
from crm.services.contacts import update_contact
from crm.services.restoring import restore_values
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.history.models import Change

# As people say it → the column.
OF_A_COMPANY = {
    "industry": "industry_vertical",
    "headcount": "employee_size",
    "location": "city",
    "domain": "domain",
    "name": "name",
}
OF_A_CONTACT = {"email": "email", "title": "title", "phone": "phone", "name": "name"}


@tool("company.update", examples=("set headcount of Acme Corp to 200", "Acme Corp's owner is Nina Berg"))
def change_company(slots: Slots, call: Call) -> ToolResult:
    """Change a company: its industry, headcount, city, domain, owner, and the fields RevOps added."""
    company = call.company(str(slots["company"]))
    changes = _changes("company", OF_A_COMPANY, slots["set"], call)
    update_company(company, changes=changes, cause_id=call.step_id, actor=call.actor)
    return _told(company, "company.restore", call)


@tool(
    "contact.update",
    examples=("set the title of Jane Porter to CFO", "Jane Porter's phone is +49 30 1234567"),
)
def change_contact(slots: Slots, call: Call) -> ToolResult:
    """Change a person: e-mail, title, phone, company, owner, and the fields RevOps added."""
    contact = call.contact(str(slots["contact"]))
    changes = _changes("contact", OF_A_CONTACT, slots["set"], call)
    update_contact(contact, changes=changes, cause_id=call.step_id, actor=call.actor)
    return _told(contact, "contact.restore", call)


@undoer("company.restore")
def undo_company_changes(company: str, changes: list[str], *, actor: Actor) -> str:
    return _restored(get_company, company, changes, actor)


@undoer("contact.restore")
def undo_contact_changes(contact: str, changes: list[str], *, actor: Actor) -> str:
    return _restored(get_contact, contact, changes, actor)


def _restored(get: Callable[..., Any], key: str, changes: list[str], actor: Actor) -> str:
    rows = {str(change.pk): change for change in Change.objects.filter(pk__in=changes, subject_id=key)}
    for each in changes:
        restore_values(get(key, actor=actor), rows[each], actor=actor)
    return f"{get(key, actor=actor)} is as it was."


def _changes(noun: str, columns: Mapping[str, str], said: Mapping[str, Any], call: Call) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name, value in said.items():
        if name in columns:
            changes[columns[name]] = value
        elif name == "owner":
            changes["owner"] = call.user(str(value))
        elif name == "company" and noun == "contact":
            changes["company"] = call.company(str(value))
        elif key := custom_key(noun, name):
            changes.setdefault("custom", {})[key] = value
        else:
            raise InvalidInputError(
                f"A {noun} has no field {name.removeprefix('custom.').replace('_', ' ')} that can be changed here. "
                "Nothing was changed.",
                code="unknown_field",
            )
    return changes


def _told(record: Company | Contact, verb: str, call: Call) -> ToolResult:
    made = Change.objects.filter(cause_id=call.step_id, subject_id=record.pk).order_by("timestamp", "id")
    subject = subject_of(record)
    if not made:
        return ToolResult(f"{record} is like that already. Nothing was changed.", subject=subject)
    return ToolResult(
        f"Changed {record}: {'; '.join(change.summary for change in made)}.",
        card={"changes": [diff(change) for change in made]},
        subject=subject,
        context={"focus": subject},
        undo={
            "verb": verb,
            subject["type"]: str(record.pk),
            "changes": [str(change.pk) for change in made][::-1],
        },
    )
