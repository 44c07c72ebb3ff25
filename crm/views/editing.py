"""Saving an edit page, alike for every kind of record."""

from typing import Any

from django import forms
from django.db import models

from crm.forms import chosen_theirs, columns_of, say_clashes, shown_values, typed_values
from crm.models import Company, Contact, Deal
from crm.services.editing import ChangedSinceError, save_edit
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.rights import fixed_fields, refuse_fixed


def saved(
    form: forms.BaseForm, record: Company | Contact | Deal, opened: dict[str, Any], *, actor: Actor
) -> bool:
    """Was it saved? If not, the form says why, and keeps what was typed."""
    posted = {column.partition(".")[0] for name, column in columns_of(form).items() if name in form.data}
    leave_out_fixed(form, type(record), actor=actor)
    theirs = chosen_theirs(form, record, opened)
    if not form.is_valid():
        return False
    typed = {**typed_values(form), **{column: opened[column] for column in theirs}}
    try:
        refuse_fixed(type(record), posted, actor=actor)
        save_edit(record, opened=opened, typed=typed, actor=actor)
    except DomainError as error:
        form.add_error(None, error.message)
        if isinstance(error, ChangedSinceError):
            opened |= say_clashes(form, record, error.clashes, opened)
        return False
    return True


def leave_out_fixed(form: forms.BaseForm, model: type[models.Model], *, actor: Actor) -> None:
    """Nobody is shown a box for what their role may not change."""
    fixed = fixed_fields(model, actor=actor)
    for name, column in columns_of(form).items():
        if column.partition(".")[0] in fixed:
            form.fields.pop(name, None)


def as_shown(form: forms.BaseForm, opened: dict[str, Any]) -> dict[str, object]:
    """What an edit page draws: the form, and hidden in it what the person saw. After `saved`."""
    return {"form": form, "opened": shown_values(opened)}
