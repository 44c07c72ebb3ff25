"""Saving an edit page, alike for every kind of record."""

from typing import Any

from django import forms

from crm.forms import say_clashes, shown_values, typed_values
from crm.models import Company, Contact, Deal
from crm.services.editing import ChangedSinceError, save_edit
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError


def saved(
    form: forms.BaseForm, record: Company | Contact | Deal, opened: dict[str, Any], *, actor: Actor
) -> bool:
    """Was it saved? If not, the form says why, and keeps what was typed."""
    if not form.is_valid():
        return False
    try:
        save_edit(record, opened=opened, typed=typed_values(form), actor=actor)
    except DomainError as error:
        form.add_error(None, error.message)
        if isinstance(error, ChangedSinceError):
            opened |= say_clashes(form, record, error.clashes, opened)
        return False
    return True


def as_shown(form: forms.BaseForm, opened: dict[str, Any]) -> dict[str, object]:
    """What an edit page draws: the form, and hidden in it what the person saw."""
    return {"form": form, "opened": shown_values(opened)}
