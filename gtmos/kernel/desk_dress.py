"""How the boxes of a form at the desk look, what a screen reader calls them, and which faults are shown beside them."""

from collections.abc import Mapping
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from unfold.widgets import CHECKBOX_CLASSES, INPUT_CLASSES, SELECT_CLASSES, TEXTAREA_CLASSES

# The most particular first: the framework dresses what it makes from columns, and leaves what a form declares bare.
LOOKS: tuple[tuple[type[forms.Widget], list[str]], ...] = (
    (forms.CheckboxSelectMultiple, []),
    (forms.CheckboxInput, CHECKBOX_CLASSES),
    (forms.SelectMultiple, INPUT_CLASSES),
    (forms.Select, SELECT_CLASSES),
    (forms.Textarea, TEXTAREA_CLASSES),
    (forms.HiddenInput, []),
    (forms.widgets.Input, INPUT_CLASSES),
)


def dress(fields: Mapping[str, forms.Field]) -> None:
    """Boxes without a look get that of the desk; boxes without words of their own are called after the one before."""
    before = ""
    for name, field in fields.items():
        _look(field.widget)
        if field.label != "":
            before = str(field.label or name.replace("_", " ").capitalize())
        else:
            field.widget.attrs.setdefault("aria-label", f"{before}: {name.rpartition('_')[2]}")


class LinesField(forms.CharField):
    """A list of words, one on each line."""

    widget = forms.Textarea(attrs={"rows": 4})

    @classmethod
    def of(cls, column: models.Field[Any, Any], **given: Any) -> Self:
        words = str(column.help_text)
        words = words if "line" in words else f"{words} One on each line.".strip()
        return cls(
            required=not column.blank, label=capfirst(str(column.verbose_name)), help_text=words, **given
        )

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = value if isinstance(value, list) else str(value or "").splitlines()
        return [each.strip() for each in lines if each.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial) != self.to_python(data))


def without_names(errors: ValidationError, model: type[models.Model]) -> ValidationError:
    """Without what would only say the name of a constraint."""
    nameless = {
        each.get_violation_error_message()
        for each in model._meta.constraints
        if each.violation_error_message == models.BaseConstraint.default_violation_error_message
    }
    if not hasattr(errors, "error_dict"):
        return errors
    kept = {
        name: [each for each in told if each.message not in nameless]
        for name, told in errors.error_dict.items()
    }
    return ValidationError({name: told for name, told in kept.items() if told})


def _look(widget: forms.Widget) -> None:
    if widget.attrs.get("class") or widget.__class__.__module__.startswith("unfold"):
        return
    look = next((classes for kind, classes in LOOKS if isinstance(widget, kind)), [])
    if look:
        widget.attrs["class"] = " ".join(look)
