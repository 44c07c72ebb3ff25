"""Approval policies at the RevOps desk: written with boxes, tried on records, then switched on."""

import json
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals import boxes
from gtmos.kernel.approvals.actions import governed
from gtmos.kernel.approvals.models import ApprovalPolicy, PolicyVersion
from gtmos.kernel.approvals.services import policies
from gtmos.kernel.approvals.services.due_times import ConfirmationNeededError
from gtmos.kernel.approvals.services.moving import exported, read_names, written_names
from gtmos.kernel.approvals.services.trials import try_policy
from gtmos.kernel.desk import Desk, DeskForm, ReadOnlyInline, actor_of, link_to, switched
from gtmos.kernel.exceptions import DomainError

CONFIRMED = "confirmed"


def action_choices() -> list[tuple[str, str]]:
    return [(name, action.label) for name, action in sorted(governed().items())]


class PolicyBoxes(DeskForm):
    """All boxes are read together into the rules; what cannot be asked is refused here, with the boxes kept."""

    action = forms.ChoiceField(
        label="For", choices=action_choices, help_text="What has to be agreed to. It stays."
    )
    expires_hours = forms.FloatField(
        label="Expires after, in hours",
        required=False,
        initial=0,
        help_text="From the request on. 0 is never.",
    )
    own_allowed = forms.BooleanField(
        label="People may decide on their own requests",
        required=False,
        help_text="Leave it off: otherwise whoever is asked may grant what they asked for themselves.",
    )
    time_zone = forms.CharField(
        label="Working hours in", initial="UTC", help_text="Such as America/New_York."
    )
    day_from = forms.IntegerField(label="From", initial=9, help_text="Full hours, 0 to 23.")
    day_to = forms.IntegerField(label="To", initial=17, help_text="Full hours, 1 to 24.")
    rules_text = forms.CharField(
        label="All rules as JSON",
        required=False,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="Paste what was exported; it replaces every box above. Rules that need more boxes stand here.",
    )

    class Meta:
        model = ApprovalPolicy
        fields = ("name", "action", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        definition = self.instance.definition
        shown = boxes.shown(definition)
        if definition and not shown:
            shown = {"rules_text": json.dumps(definition, indent=2), "b1_name": ""}
            for name in ("b1_name", "b1s1_approvers"):
                self.fields[name].required = False
        if self.data.get("rules_text"):
            for name in ("b1_name", "b1s1_approvers"):
                self.fields[name].required = False
        self.initial = {**shown, **self.initial}
        self.fields["b1_name"].widget.attrs["data-known-values"] = boxes.known_values()

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return values
        definition = read_names(boxes.read(values))
        words = policies.fault_of_rules(definition, action=values.get("action") or self.instance.action)
        if words:
            raise forms.ValidationError(words)
        return {**values, "definition": definition}


PolicyForm: type[DeskForm] = type("PolicyForm", (PolicyBoxes,), boxes.fields())


class VersionInline(ReadOnlyInline):
    model = PolicyVersion
    fields = ("number", "made_by", "created_at", "page")

    @admin.display(description="Put back")
    def page(self, version: PolicyVersion) -> str:
        return link_to(version, f"Open version {version.number}")


TIMES = (
    "Times and own requests",
    {"fields": ("expires_hours", "time_zone", "day_from", "day_to", "own_allowed"), "classes": ("collapse",)},
)
TEXT = ("As JSON", {"fields": ("rules_text",), "classes": ("collapse",)})


def branch_set(number: int) -> tuple[str, dict[str, Any]]:
    shown = {"fields": tuple(boxes.lines(number))}
    return f"{boxes.ORDINALS[number - 1]} branch", shown if number == 1 else {
        **shown,
        "classes": ("collapse",),
    }


@admin.register(ApprovalPolicy)
class ApprovalPolicyAdmin(Desk):
    says = "Who has to agree before something counts, such as a discount above 20 %. Test a policy on the records of today before you switch it on."
    helps: ClassVar = {"name": "As it stands in the request and in this list."}
    told_apart_by = ("name",)
    file_place = 70
    stays = ("action",)
    set_once = ("action",)
    columns = ("name", "action", "note", "definition", "is_active")
    form = PolicyForm
    list_display = ("name", "action", "number", "is_active", "note")
    list_filter = ("action", "is_active")
    search_fields = ("name", "note")
    inlines = (VersionInline,)
    actions = ("try_on_records", "switch_on", "switch_off", "export_json")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        del request
        hidden = (("", {"fields": ("opened_version",)}),) if obj else ()
        watched = " ".join(each.watches for each in governed().values())
        general = (None, {"fields": ("name", "action", "note"), "description": watched})
        return (general, *map(branch_set, range(1, boxes.BRANCHES + 1)), TIMES, TEXT, *hidden)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 -- the framework's signature
        """The rules are one value, whichever of their boxes was changed."""
        form.changed_data = [
            *(each for each in form.changed_data if each in {"name", "action", "note"}),
            "definition",
        ]
        if change and CONFIRMED in request.POST:
            form.changed_data.append(CONFIRMED)
            form.cleaned_data[CONFIRMED] = True
        super().save_model(request, obj, form, change)

    def create(self, values: dict[str, Any], *, actor: Actor) -> ApprovalPolicy:
        policy = policies.create_policy(
            values["name"],
            action=values["action"],
            definition=values["definition"],
            note=values.get("note", ""),
            actor=actor,
        )
        return self._switched(policy, values.get("is_active"), actor)

    def change(self, record: ApprovalPolicy, changes: dict[str, Any], *, actor: Actor) -> ApprovalPolicy:
        confirmed, on = bool(changes.pop(CONFIRMED, False)), changes.pop("is_active", None)
        if changes:
            record = policies.update_policy(record, changes=changes, actor=actor, confirmed=confirmed)
        return self._switched(record, on, actor)

    def _switched(self, policy: ApprovalPolicy, on: Any, actor: Actor) -> ApprovalPolicy:
        verbs = (policies.activate_policy, policies.deactivate_policy)
        found: ApprovalPolicy = switched(policy, on, verbs, actor=actor)
        return found

    def taken_out(self, record: ApprovalPolicy, row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "definition": written_names(record.definition)}

    def brought_in(self, row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "definition": read_names(row["definition"])} if "definition" in row else row

    def keeps_form(self, error: DomainError) -> bool:
        return not isinstance(error, ConfirmationNeededError) and super().keeps_form(error)

    def refused(self, request: HttpRequest, error: DomainError) -> HttpResponse:
        """Where due times would move, it is asked once; the same form comes again with the confirmation."""
        if not isinstance(error, ConfirmationNeededError):
            return super().refused(request, error)
        again = [(name, each) for name, values in request.POST.lists() for each in values]
        context = {
            **self.admin_site.each_context(request),
            "title": "Move due times?",
            "words": error.message,
            "again": [pair for pair in again if pair[0] != "csrfmiddlewaretoken"],
            "back": request.get_full_path(),
        }
        return render(request, "desk/approval_confirm.html", context)

    @admin.action(description="Test on the records of today")
    def try_on_records(self, request: HttpRequest, queryset: QuerySet[ApprovalPolicy]) -> None:
        for policy in queryset:
            trial = try_policy(policy, actor=actor_of(request))
            self.message_user(request, f"{policy}: {trial.sentence}", messages.SUCCESS)

    @admin.action(description="Switch on")
    def switch_on(self, request: HttpRequest, queryset: QuerySet[ApprovalPolicy]) -> None:
        self.for_each(request, queryset, policies.activate_policy, done="Policies switched on")

    @admin.action(description="Switch off")
    def switch_off(self, request: HttpRequest, queryset: QuerySet[ApprovalPolicy]) -> None:
        self.for_each(request, queryset, policies.deactivate_policy, done="Policies switched off")

    @admin.action(description="Export as JSON")
    def export_json(self, request: HttpRequest, queryset: QuerySet[ApprovalPolicy]) -> HttpResponse:
        found = [exported(policy, actor=actor_of(request)) for policy in queryset]
        text = json.dumps(found[0] if len(found) == 1 else found, indent=2)
        answer = HttpResponse(text, content_type="application/json")
        answer["Content-Disposition"] = 'attachment; filename="approval-policies.json"'
        return answer
