"""Forms for people who want one; the command bar needs none."""

import contextlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Field, Model, QuerySet

from crm.enums import CustomerState, ObjectionCategory
from crm.models import Activity, Company, Contact, Stage
from crm.services.editing import Clash, value_of
from gtmos.kernel.events.publishing import plain
from gtmos.kernel.fields.schema import fields_of
from gtmos.kernel.people.models import User

# The hidden field of an edit page: the values it was opened with.
OPENED = "opened"


MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


@dataclass(frozen=True, slots=True)
class Choice:
    """A field that two people changed: both values in words, who wrote the other one, and which is chosen."""

    mine: str
    theirs: str
    by: str = ""
    chosen: str = "mine"


class CompanyForm(forms.ModelForm[Company]):
    """Checked here, saved by `crm.services.companies`."""

    class Meta:
        model = Company
        fields = (
            "name",
            "website_url",
            "industry_vertical",
            "sub_industry",
            "city",
            "region",
            "country_hq",
            "employee_size",
            "funding_stage",
            "description",
        )  # fmt: skip -- a list of names
        labels = {
            "website_url": "Website",
            "industry_vertical": "Industry",
            "sub_industry": "Sub-industry",
            "country_hq": "Country",
            "employee_size": "People",
        }


class ContactForm(forms.ModelForm[Contact]):
    """Checked here, saved by `crm.services.contacts`."""

    class Meta:
        model = Contact
        fields = (
            "first_name",
            "last_name",
            "email",
            "phone",
            "title",
            "influence_role",
            "authority_override",
            "linkedin_url",
            "city",
            "time_zone",
            "consent_basis",
            "consent_source",
            "consent_on",
            "do_not_email",
            "do_not_call",
        )  # fmt: skip -- a list of names
        labels = {
            "email": "E-mail",
            "influence_role": "Role",
            "authority_override": "Authority",
            "linkedin_url": "LinkedIn address",
            "consent_basis": "Lawful basis",
            "consent_source": "Source of the basis",
            "consent_on": "Basis since",
        }
        help_texts: ClassVar[dict[str, str]] = {"consent_basis": "", "consent_source": ""}


class DealForm(forms.Form):
    columns: ClassVar[dict[str, str]] = {
        "amount": "deal_amount",
        "currency": "deal_amount_currency",
        "close_on": "deal_expected_signing_date",
    }

    name = forms.CharField(max_length=255)
    amount = forms.DecimalField(max_digits=16, decimal_places=2, required=False, min_value=Decimal(0))
    currency = forms.CharField(max_length=3, initial="USD")
    close_on = forms.DateField(
        required=False, label="Expected signing", widget=forms.DateInput(attrs={"type": "date"})
    )
    next_step = forms.CharField(max_length=300, required=False)
    stage = forms.ModelChoiceField(
        queryset=Stage.objects.select_related("pipeline"), empty_label="Choose a stage"
    )


class NewDealForm(DealForm):
    """For a deal that begins without a company's page."""

    company = forms.CharField(max_length=255, required=False, help_text="Its name or domain.")
    field_order = ("name", "company")


class NewContactForm(ContactForm):
    """For a person who is made without a company's page."""

    company_named = forms.CharField(
        max_length=255, required=False, label="Company", help_text="Its name or domain."
    )
    field_order = ("first_name", "last_name", "company_named")


class NextStepForm(forms.Form):
    next_step = forms.CharField(max_length=300, required=False)
    next_step_owner = forms.ModelChoiceField(queryset=User.objects.filter(is_active=True), required=False)
    next_step_due_on = forms.DateField(required=False)


class ObjectionForm(forms.Form):
    category = forms.ChoiceField(choices=ObjectionCategory.choices)
    text = forms.CharField(max_length=1000)
    response = forms.CharField(max_length=2000, required=False)
    activity = forms.ModelChoiceField(queryset=Activity.objects.all(), required=False)

    def __init__(self, *args: Any, activities: QuerySet[Activity] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if activities is not None:
            self.fields["activity"].queryset = activities  # type: ignore[attr-defined]


class RateForm(forms.Form):
    currency = forms.CharField(max_length=3)
    base = forms.CharField(max_length=3)
    dated_on = forms.DateField()
    rate = forms.DecimalField(max_digits=20, decimal_places=10)
    source = forms.CharField(max_length=120, required=False)


class NoteForm(forms.Form):
    text = forms.CharField(max_length=5000, widget=forms.Textarea(attrs={"rows": 2}))


class MeetingForm(forms.Form):
    """Whom it can be held with is said by the view."""

    title = forms.CharField(max_length=300)
    starts_at = forms.DateTimeField(label="Begins", widget=MOMENT)
    ends_at = forms.DateTimeField(label="Ends", widget=MOMENT)
    place = forms.CharField(max_length=300, required=False)
    link = forms.URLField(max_length=500, required=False, assume_scheme="https")
    agenda = forms.CharField(required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}))
    contacts = forms.ModelMultipleChoiceField(queryset=Contact.objects.none(), required=False, label="With")
    users = forms.ModelMultipleChoiceField(queryset=User.objects.none(), required=False, label="Of us")

    def __init__(self, *args: Any, people: QuerySet[Contact], users: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contacts"].queryset = people  # type: ignore[attr-defined]
        self.fields["users"].queryset = users  # type: ignore[attr-defined]


class StateForm(forms.Form):
    state = forms.ChoiceField(choices=CustomerState.choices)
    reason = forms.CharField(max_length=200, required=False)


def opened_values(form: type[forms.BaseForm], record: Model, post: Mapping[str, str]) -> dict[str, Any]:
    """By column, what the page showed when it was opened; where it does not say, what stands there now."""
    try:
        noted = json.loads(post.get(OPENED, "{}"))
    except ValueError:
        noted = {}
    columns = columns_of(form).values()
    return {column: _opened(record, column, noted if isinstance(noted, dict) else {}) for column in columns}


def _opened(record: Model, column: str, noted: Mapping[str, Any]) -> Any:
    if "." in column:
        return noted.get(column, value_of(record, column))
    field = record._meta.get_field(column)
    assert isinstance(field, Field)
    if column in noted:
        with contextlib.suppress(ValidationError):
            return field.to_python(noted[column])
    return getattr(record, field.attname)


def initial_values(form: Any, opened: Mapping[str, Any]) -> dict[str, Any]:
    """The same by the names of the form's fields."""
    return {name: opened[column] for name, column in columns_of(form).items()}


def shown_values(opened: Mapping[str, Any]) -> str:
    """For the hidden field of the page, so that saving knows what the person saw."""
    return json.dumps(plain(dict(opened)))


def columns_of(form: Any) -> dict[str, str]:
    """The column that each field of a form, or of a class of forms, fills."""
    return {name: getattr(form, "columns", {}).get(name, name) for name in form.base_fields}


def typed_values(form: forms.BaseForm) -> dict[str, Any]:
    return {
        column: form.cleaned_data[name]
        for name, column in columns_of(form).items()
        if name in form.fields and not _was_not_there(form, name, column)
    }


def _was_not_there(form: forms.BaseForm, name: str, column: str) -> bool:
    """A custom field that was added while the page was open: its value stays."""
    widget = form.fields[name].widget
    return "." in column and widget.value_omitted_from_data(form.data, form.files, form.add_prefix(name))


def say_clashes(
    form: forms.BaseForm, record: Model, clashes: Iterable[Clash], opened: Mapping[str, Any]
) -> dict[str, Any]:
    """Each clash at its field, in words. Returns what counts as shown from now on: their values, for a second save."""
    names = {column: name for name, column in columns_of(form).items()}
    shown = dict(opened)
    for clash in clashes:
        value = clash.value.pk if isinstance(clash.value, Model) else clash.value
        words = _in_words(record, clash.column, clash.value)
        name = names[clash.column]
        mine = _in_words(record, clash.column, form.cleaned_data.get(name))
        choices_of(form)[name] = Choice(mine, words, clash.by)
        form.add_error(name, f"{clash.by or 'Somebody'} changed this to {words} meanwhile.")
        shown[clash.column] = value
    return shown


def choices_of(form: forms.BaseForm) -> dict[str, Choice]:
    """By field, what the person has to choose between; the page draws it below the field."""
    found: dict[str, Choice] = vars(form).setdefault("merge", {})
    return found


def chosen_theirs(form: forms.BaseForm, record: Model, opened: Mapping[str, Any]) -> set[str]:
    """The columns for which the other value was chosen. What was asked stays asked until it is saved."""
    theirs = set()
    for name, column in columns_of(form).items():
        choice = form.data.get(f"merge-{name}")
        if choice in {"mine", "theirs"} and name in form.fields:
            mine = str(form.data.get(name) or "nothing")
            words = _in_words(record, column, opened[column])
            choices_of(form)[name] = Choice(mine, words, chosen=choice)
            theirs |= {column} if choice == "theirs" else set()
    return theirs


def _in_words(record: Model, column: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in (None, ""):
        return "nothing"
    if "." in column:
        definition = fields_of(str(record._meta.model_name)).get(column.partition(".")[2])
        return f"“{definition.render(value) if definition else value}”"
    field = record._meta.get_field(column)
    choices = dict(getattr(field, "flatchoices", ()) or ())
    return f"“{choices.get(value, value)}”"
