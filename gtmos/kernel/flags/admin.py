"""Feature flags at the RevOps desk: who has what the code declares."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk, DeskForm, actor_of
from gtmos.kernel.desk_names import keyed, named
from gtmos.kernel.flags.declared import features
from gtmos.kernel.flags.models import FeatureFlag
from gtmos.kernel.flags.selectors import who_has
from gtmos.kernel.flags.services.setting import forget_flag, set_flag
from gtmos.kernel.people.access_services import role_names
from gtmos.kernel.people.models import Team, User


def feature_choices() -> list[tuple[str, str]]:
    return [(each.key, f"{each.key}: {each.hides} ({each.owner})") for _, each in sorted(features().items())]


def team_choices() -> list[tuple[str, str]]:
    return [(str(each.pk), str(each)) for each in Team.objects.all()]


def people_choices() -> list[tuple[str, str]]:
    active = User.objects.filter(is_active=True).order_by("name", "email")
    return [(str(each.pk), str(each)) for each in active]


class FlagForm(DeskForm):
    key = forms.ChoiceField(label="Feature", choices=feature_choices)
    roles = forms.MultipleChoiceField(required=False, choices=lambda: list(role_names().items()))
    teams = forms.MultipleChoiceField(required=False, choices=team_choices)
    people = forms.MultipleChoiceField(required=False, choices=people_choices)

    class Meta:
        model = FeatureFlag
        fields = ("key", "is_active", "share")


@admin.register(FeatureFlag)
class FeatureFlagAdmin(Desk):
    """Whoever stands in any of the boxes has the feature. Without a row it is as the code came."""

    says = "Who has which new part of the product already. Without a row it is as the code came."
    helps: ClassVar = {
        "key": "The code says what there is to switch, and what is hidden while it is off.",
        "teams": "Everybody in them has it.",
        "roles": "Everybody with one of them has it.",
        "people": "These people have it.",
    }
    told_apart_by = ("key",)
    set_once = ("key",)
    file_place = 90
    form = FlagForm
    list_display = ("key", "hides", "is_active", "share", "roles")
    search_fields = ("key",)
    fields = ("key", "is_active", "teams", "roles", "people", "share")
    actions = ("who_has_it", "as_the_code_came")

    def taken_out(self, record: FeatureFlag, row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "teams": sorted(named(record.teams)), "people": sorted(named(record.people))}

    def brought_in(self, row: dict[str, Any]) -> dict[str, Any]:
        return {name: keyed(value) if name in {"teams", "people"} else value for name, value in row.items()}

    @admin.display(description="while off, hides")
    def hides(self, flag: FeatureFlag) -> str:
        known = features().get(flag.key)
        return known.hides if known else "no longer in the code"

    def create(self, values: dict[str, Any], *, actor: Actor) -> FeatureFlag:
        return set_flag(values.pop("key"), changes=values, actor=actor)

    def change(self, record: FeatureFlag, changes: dict[str, Any], *, actor: Actor) -> FeatureFlag:
        return set_flag(record.key, changes=changes, actor=actor)

    @admin.action(description="Test: who has it now")
    def who_has_it(self, request: HttpRequest, queryset: QuerySet[FeatureFlag]) -> None:
        for flag in queryset:
            self.message_user(request, who_has(flag, actor=actor_of(request)).sentence)

    @admin.action(description="As the code came")
    def as_the_code_came(self, request: HttpRequest, queryset: QuerySet[FeatureFlag]) -> None:
        self.for_each(request, queryset, forget_flag, done="As the code came")
