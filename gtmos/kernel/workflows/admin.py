"""Workflows at the RevOps desk: written in lines, tried, switched; their versions and their log."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk, DeskForm, ReadOnlyInline, actor_of, link_to, switched
from gtmos.kernel.desk_names import keyed, named
from gtmos.kernel.people.models import User
from gtmos.kernel.workflows import words
from gtmos.kernel.workflows.builder import WorkflowFields
from gtmos.kernel.workflows.checking import fault_in
from gtmos.kernel.workflows.models import Workflow, WorkflowRun, WorkflowStepRun, WorkflowVersion
from gtmos.kernel.workflows.selectors import tried
from gtmos.kernel.workflows.services import runs, workflows

WRITTEN = ("event_name", "conditions", "steps")


class WorkflowForm(DeskForm, WorkflowFields):
    """Its name and owner, and what the newest version says."""

    class Meta:
        model = Workflow
        fields = ("name", "owner")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:  # noqa: SLF001 -- whether there is a row yet
            newest = self.instance.newest
            self.initial = {**self.initial, **{name: getattr(newest, name) for name in WRITTEN}}

    def clean(self) -> Any:
        """What could never work is said on the form, so that nothing that was written is lost."""
        given = super().clean() or self.cleaned_data
        if not self.errors:
            fault = fault_in(*(given[name] for name in WRITTEN))
            if fault:
                self.add_error("steps" if fault.startswith("Step") else "conditions", fault)
        return given


def _put_newest_in_force(workflow: Workflow, *, actor: Actor) -> Workflow:
    """One that is on in an older version comes into the newest one by the same button."""
    return workflows.activate_version(workflow.newest, actor=actor)


def _as_said(workflow: Workflow, on: bool | None, actor: Actor) -> Workflow:  # noqa: FBT001 -- a value of the row
    workflow.refresh_from_db()
    verbs = (_put_newest_in_force, workflows.switch_off)
    found: Workflow = switched(workflow, on, verbs, actor=actor)
    return found


class VersionInline(ReadOnlyInline):
    model = WorkflowVersion
    fields = ("number", "event_name", "note", "created_at", "created_by", "page")
    ordering = ("-number",)

    @admin.display(description="Compare, bring back")
    def page(self, version: WorkflowVersion) -> str:
        return link_to(version, f"Open version {version.number}")


@admin.register(Workflow)
class WorkflowAdmin(Desk):
    says = "When this happens, do that. Try it on the last events before you switch it on; every change is a version, and an earlier one can be brought back."
    helps: ClassVar = {
        "name": "As it stands in the log and in messages.",
    }
    told_apart_by = ("name",)
    file_place = 80
    columns = ("name", "owner", *WRITTEN, "is_active")
    form = WorkflowForm
    list_display = ("name", "event_name", "owner", "is_active", "active")
    list_filter = ("is_active",)
    list_select_related = ("owner", "active")
    search_fields = ("name", "=event_name")
    autocomplete_fields = ("owner",)
    fields = ("name", "event_name", "conditions", "steps", "owner")
    inlines = (VersionInline,)
    actions = ("try_on_events", "switch_on", "switch_off", "go_back")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        user: Any = request.user
        return {"owner": user.pk, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 -- the framework's signature
        """All of a version belongs together, whichever part was changed."""
        form.changed_data = [*dict.fromkeys([*form.changed_data, "name", "owner", *WRITTEN])]
        super().save_model(request, obj, form, change)
        saved = Workflow.objects.select_related("active").get(pk=obj.pk)
        if not saved.is_active:
            words = "It starts nothing yet: try it, then switch it on."
        elif saved.active is not None and saved.active != saved.newest:
            words = (
                f"Version {saved.newest.number} is saved and version {saved.active.number} still counts, "
                "until 'Switch on in the newest version'."
            )
        else:
            return
        self.message_user(request, words)

    def create(self, values: dict[str, Any], *, actor: Actor) -> Workflow:
        owner = values.get("owner")
        assert owner is None or isinstance(owner, User)
        written = {name: values[name] for name in WRITTEN}
        workflow = workflows.create_workflow(values["name"], owner=owner, actor=actor, **written)
        return _as_said(workflow, values.get("is_active"), actor)

    def change(self, record: Workflow, changes: dict[str, Any], *, actor: Actor) -> Workflow:
        plain: dict[str, Any] = {name: changes[name] for name in ("name", "owner") if name in changes}
        if plain:
            record = workflows.update_workflow(record, changes=plain, actor=actor)
        newest = record.newest
        written = {name: changes.get(name, getattr(newest, name)) for name in WRITTEN}
        workflows.save_version(record, **written, actor=actor)
        return _as_said(record, changes.get("is_active"), actor)

    def taken_out(self, record: Workflow, row: dict[str, Any]) -> dict[str, Any]:
        """What counts: the version in force, or the newest where none is."""
        version = (record.active if record.is_active else None) or record.newest
        return {**row, **{name: named(getattr(version, name)) for name in WRITTEN}}

    def brought_in(self, row: dict[str, Any]) -> dict[str, Any]:
        """One that is on comes into force as the file says it."""
        return {name: keyed(value) if name in WRITTEN else value for name, value in row.items()}

    def remove(self, record: Workflow, *, actor: Actor) -> None:
        workflows.delete_workflow(record, actor=actor)

    @admin.action(description="Try on the last 20 events")
    def try_on_events(self, request: HttpRequest, queryset: QuerySet[Workflow]) -> None:
        for workflow in queryset:
            found = tried(workflow.newest, actor=actor_of(request))
            fitting = [each for each in found if each.fits]
            lines = [line for each in fitting[:1] for line in each.lines]
            such = f" At the newest of them: {' '.join(lines)}" if lines else ""
            text = f"{workflow}: {len(fitting)} of the last {len(found)} events would have started it.{such}"
            self.message_user(request, text, messages.SUCCESS if fitting else messages.WARNING)

    @admin.action(description="Switch on in the newest version")
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Workflow]) -> None:
        self.for_each(request, queryset, _put_newest_in_force, done="In force in the newest version")

    @admin.action(description="Switch off")
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Workflow]) -> None:
        self.for_each(request, queryset, workflows.switch_off, done="Workflows switched off")

    @admin.action(description="Go back to the version before")
    def go_back(self, request: HttpRequest, queryset: QuerySet[Workflow]) -> None:
        self.for_each(request, queryset, workflows.go_back, done="Workflows put back")


@admin.register(WorkflowVersion)
class WorkflowVersionAdmin(Desk):
    """What stood in each version. One of them is put in force or brought back here."""

    says = (
        "Put in force: this very version counts from the next event on, and the workflow is switched on. "
        "Bring back: what stands here becomes the newest version; where the workflow is on, it counts at once."
    )
    list_display = ("workflow", "number", "event_name", "note", "created_at", "created_by")
    list_select_related = ("workflow", "created_by")
    search_fields = ("workflow__name", "=event_name")
    fields = ("workflow", "number", "changed", "in_words", "note", "created_at", "created_by")
    readonly_fields = ("changed", "in_words")
    actions = ("put_in_force", "bring_back")

    @admin.display(description="Against the version before")
    def changed(self, version: WorkflowVersion) -> str:
        before = version.workflow.versions.filter(number__lt=version.number).order_by("-number").first()
        if before is None:
            return "The first version."
        return words.difference_in_words(before, version) or "Nothing."

    @admin.display(description="In words")
    def in_words(self, version: WorkflowVersion) -> str:
        return "\n".join(words.lines_of(version))

    @admin.action(description="Put this version in force")
    def put_in_force(self, request: HttpRequest, queryset: QuerySet[WorkflowVersion]) -> None:
        self.for_each(request, queryset, workflows.activate_version, done="In force")

    @admin.action(description="Bring this version back")
    def bring_back(self, request: HttpRequest, queryset: QuerySet[WorkflowVersion]) -> None:
        self.for_each(request, queryset, workflows.roll_back, done="Brought back as the newest version")


class StepInline(ReadOnlyInline):
    model = WorkflowStepRun
    fields = ("path", "action", "state", "attempts", "due_at", "finished_at", "outcome", "error")


@admin.register(WorkflowRun)
class WorkflowRunAdmin(Desk):
    says = (
        "What workflows have done, step by step, and where one has failed. A failed step can be tried again."
    )
    list_display = ("workflow", "definition", "state", "started_at", "reason")
    list_filter = ("state", "workflow")
    list_select_related = ("workflow", "definition")
    search_fields = ("=subject_id", "=event_key")
    fields = ("workflow", "definition", "event", "state", "reason", "started_at", "finished_at")
    inlines = (StepInline,)
    actions = ("try_again",)

    @admin.action(description="Try the failed step again")
    def try_again(self, request: HttpRequest, queryset: QuerySet[WorkflowRun]) -> None:
        self.for_each(request, queryset, runs.retry_run, done="Tried again")


@admin.register(WorkflowStepRun)
class WorkflowStepRunAdmin(Desk):
    list_display = ("run", "path", "action", "state", "attempts", "due_at", "outcome")
    list_filter = ("state", "action")
    list_select_related = ("run__workflow",)
    search_fields = ("=run__id",)
