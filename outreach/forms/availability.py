"""One's own booking hours as a form."""

from typing import Any

from django import forms

from gtmos.kernel.people.zones import zones
from outreach.models import BookingHours
from outreach.services.availability import BOUNDS, DAYS
from outreach.timing.hours import read_hours

LABELS = {
    "length": ("A meeting lasts", "Minutes."),
    "buffer": ("Kept free around it", "Minutes before and after each meeting."),
    "notice": ("Notice", "Hours from now to the first time that is offered."),
    "days_ahead": ("Days ahead", "How far ahead times are offered."),
}


def _number(name: str) -> forms.IntegerField:
    label, said = LABELS[name]
    _words, _unit, least, most = BOUNDS[name]
    return forms.IntegerField(label=label, help_text=said, min_value=least, max_value=most)


class HoursForm(forms.Form):
    """A field for each day; whom the times are shown for is asked beside it and not kept."""

    length, buffer = _number("length"), _number("buffer")
    notice, days_ahead = _number("notice"), _number("days_ahead")
    reader_zone = forms.ChoiceField(label="Where the reader is", choices=zones)
    field_order = [f"day_{number}" for number in range(7)]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, day in enumerate(DAYS):
            box = forms.TextInput(attrs={"placeholder": "Not this day", "autocomplete": "off"})
            self.fields[f"day_{number}"] = forms.CharField(
                label=day, max_length=120, required=False, widget=box, validators=[_readable]
            )
        self.order_fields(self.field_order)

    @property
    def days(self) -> list[forms.BoundField]:
        return [self[f"day_{number}"] for number in range(7)]

    @property
    def numbers(self) -> list[forms.BoundField]:
        return [self[name] for name in BOUNDS]

    def values(self) -> dict[str, Any]:
        """As the service takes them."""
        week = [self.cleaned_data[f"day_{number}"] for number in range(7)]
        return {"week": week, **{name: self.cleaned_data[name] for name in BOUNDS}}


def _readable(text: str) -> None:
    try:
        read_hours(text)
    except ValueError as error:
        raise forms.ValidationError(str(error)) from error


def filled(hours: BookingHours) -> dict[str, Any]:
    days = {f"day_{number}": text for number, text in enumerate(hours.week)}
    return {**days, **{name: getattr(hours, name) for name in BOUNDS}, "reader_zone": hours.user.time_zone}
