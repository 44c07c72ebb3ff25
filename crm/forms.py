"""Forms for people who want one; the command bar needs none."""

from decimal import Decimal
from typing import Any

from django import forms

from crm.enums import CustomerState
from crm.models import Company, Contact, Stage


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
            "industry_vertical": "Industry",
            "country_hq": "Country, two letters",
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
            "linkedin_url",
            "city",
            "time_zone",
            "consent_basis",
            "do_not_email",
            "do_not_call",
        )  # fmt: skip -- a list of names
        labels = {"linkedin_url": "LinkedIn address", "consent_basis": "Lawful basis"}


class DealForm(forms.Form):
    name = forms.CharField(max_length=255)
    amount = forms.DecimalField(max_digits=16, decimal_places=2, required=False, min_value=Decimal(0))
    currency = forms.CharField(max_length=3, initial="USD")
    close_on = forms.DateField(
        required=False, label="Expected signing", widget=forms.DateInput(attrs={"type": "date"})
    )
    next_step = forms.CharField(max_length=300, required=False)
    stage = forms.ModelChoiceField(queryset=Stage.objects.select_related("pipeline"))


class NoteForm(forms.Form):
    text = forms.CharField(max_length=5000, widget=forms.Textarea(attrs={"rows": 2}))


class StateForm(forms.Form):
    state = forms.ChoiceField(choices=CustomerState.choices)
    reason = forms.CharField(max_length=200, required=False)


def changes_of(form: forms.ModelForm[Any]) -> dict[str, Any]:
    """Only what the person changed, so that two people editing different fields do not undo each other."""
    return {name: form.cleaned_data[name] for name in form.changed_data if name in form.cleaned_data}
