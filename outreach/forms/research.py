"""Forms of searches: one criterion at a time, and a name."""

from typing import Any

from django import forms

from outreach.scoring.chips import NAMES, WORDS
from outreach.scoring.criteria import ENTITIES, LISTS, OUT, RANGES, SEGMENTS, SENIORITIES, SIGNALS
from outreach.scoring.formulas import GRADES

CHOSEN = {"seniority": SENIORITIES, "signals": SIGNALS, "segment": SEGMENTS}
STAGES = (
    "Pre-Seed",
    "Seed",
    "Series A",
    "Series B",
    "Series C",
    "Series D",
    "Series E",
    "Public",
    "Bootstrapped",
)
HINTS = {
    "titles": "For example CMO, VP Sales. Several with commas; one of them is enough.",
    "industries": "For example fintech, healthcare. Several with commas.",
    "locations": "A city, a region, a country or a part of the world. Several with commas.",
    "technologies": "For example Salesforce, Snowflake. Several with commas.",
    "companies": "The names of companies, with commas.",
    "signal_detail": "What the signal is about, for example growth.",
    "similar_to": "The name of a company that you have.",
    "limit": "The best so many are kept.",
}
ADDABLE = (
    *(name for name in NAMES if name != "companies"),
    "exclude_industries",
    "exclude_locations",
    "exclude_companies",
)


def slot_name(slot: str) -> str:
    base = NAMES[slot.removeprefix(OUT)]
    return f"Not {base.lower()}" if slot.startswith(OUT) else base


def is_slot(slot: str) -> bool:
    base = slot.removeprefix(OUT)
    return base in NAMES and (base in LISTS or not slot.startswith(OUT)) and slot != "companies"


class CriterionForm(forms.Form):
    """The value of one slot, in the shape that the slot has."""

    def __init__(self, *args: Any, slot: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slot = slot
        base = slot.removeprefix(OUT)
        if base in CHOSEN:
            self.fields["value"] = _choices(slot_name(slot), CHOSEN[base])
        elif base == "funding_stages":
            self.fields["value"] = _choices(slot_name(slot), STAGES)
        elif base in RANGES:
            self.fields["least"] = forms.DecimalField(label="At least", min_value=0, required=False)
            self.fields["most"] = forms.DecimalField(label="At most", min_value=0, required=False)
            if base == "revenue":
                self.fields["currency"] = forms.CharField(max_length=3, min_length=3, initial="USD")
        elif base == "limit":
            self.fields["value"] = forms.IntegerField(label="At most", min_value=1, help_text=HINTS["limit"])
        elif base == "min_grade":
            letters = [(letter, letter) for letter, _ in GRADES]
            self.fields["value"] = forms.ChoiceField(label="At least grade", choices=letters)
        else:
            self.fields["value"] = forms.CharField(
                label=slot_name(slot), max_length=400, help_text=HINTS.get(base, "")
            )

    @classmethod
    def showing(cls, slot: str, value: Any) -> "CriterionForm":
        """The form with what is asked now."""
        return cls(slot=slot, initial=_initial(slot, value))

    @property
    def change(self) -> Any:
        """The slot's value, as a refinement takes it."""
        data = self.cleaned_data
        base = self.slot.removeprefix(OUT)
        if base in RANGES:
            return _range(data)
        value = data["value"]
        if base in LISTS and isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value


def _choices(label: str, values: tuple[str, ...]) -> forms.MultipleChoiceField:
    pairs = [(value, WORDS.get(value, value)) for value in values]
    return forms.MultipleChoiceField(label=label, choices=pairs, widget=forms.CheckboxSelectMultiple)


def _initial(slot: str, value: Any) -> dict[str, Any]:
    base = slot.removeprefix(OUT)
    if value is None:
        return {}
    if base in RANGES:
        ends = {"least": value.get("min"), "most": value.get("max")}
        if base == "revenue":
            currency = next((end["currency"] for end in ends.values() if end), "USD")
            return {**{name: end and end["amount"] for name, end in ends.items()}, "currency": currency}
        return ends
    if isinstance(value, list) and base not in {*CHOSEN, "funding_stages"}:
        return {"value": ", ".join(value)}
    return {"value": value}


def _range(data: dict[str, Any]) -> dict[str, Any]:
    ends = {"min": data["least"], "max": data["most"]}
    if "currency" in data:
        code = data["currency"].upper()
        return {
            end: {"amount": float(number), "currency": code}
            for end, number in ends.items()
            if number is not None
        }
    return {end: int(number) for end, number in ends.items() if number is not None}


class NewSearchForm(forms.Form):
    """A first search, where nobody wants to type a sentence."""

    entity = forms.ChoiceField(label="Look for", choices=[(name, name.capitalize()) for name in ENTITIES])
    titles = forms.CharField(label="Title", required=False, max_length=400, help_text=HINTS["titles"])
    industries = forms.CharField(
        label="Industry", required=False, max_length=400, help_text=HINTS["industries"]
    )
    locations = forms.CharField(label="Place", required=False, max_length=400, help_text=HINTS["locations"])
    funding_stages = forms.MultipleChoiceField(
        label="Stage",
        required=False,
        choices=[(stage, stage) for stage in STAGES],
        widget=forms.CheckboxSelectMultiple,
    )
    signals = forms.MultipleChoiceField(
        label="Signals",
        required=False,
        choices=[(name, WORDS.get(name, name)) for name in SIGNALS],
        widget=forms.CheckboxSelectMultiple,
    )

    @property
    def criteria(self) -> dict[str, Any]:
        data = self.cleaned_data
        words = {
            name: [part.strip() for part in data[name].split(",") if part.strip()]
            for name in ("titles", "industries", "locations")
        }
        return {**words, **{name: data[name] for name in ("entity", "funding_stages", "signals")}}


class NameForm(forms.Form):
    name = forms.CharField(label="Name", max_length=200)
