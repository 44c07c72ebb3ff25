"""The RevOps desk: how every kind of row is shown there, and how its changes end in services."""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.admin import TabularInline

from gtmos.kernel import desk_versions
from gtmos.kernel.actors import Actor
from gtmos.kernel.desk_door import actor_of, may_enter
from gtmos.kernel.desk_dress import LinesField
from gtmos.kernel.desk_forms import OPENED, DeskForm
from gtmos.kernel.desk_removal import Removal
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.signin.doors import ask_again

__all__ = ["OPENED", "Desk", "DeskForm", "ReadOnlyInline", "actor_of", "may_enter", "ordered", "switched"]

logger = logging.getLogger(__name__)
REFUSAL = "refusal"
CHANGED_SINCE = "changed_since"
NAMED = 3  # rows in the sentence that says what was done


class Desk(Removal):
    """Rows at the desk. A form that is saved becomes a call of a service, with only what was changed.

    Lists never count the whole table. Nothing is deleted here unless a service does it.
    """

    form = DeskForm
    show_full_result_count = False
    list_per_page = 50
    list_filter_submit = False
    warn_unsaved_form = True
    compressed_fields = False
    told_apart_by: tuple[
        str, ...
    ] = ()  # columns; rows of such a desk are carried in the file of configuration
    file_place = 50  # where in that file: what others name stands before them
    file_order: tuple[str, ...] = ()  # of its rows there; otherwise by what tells them apart
    stays: tuple[str, ...] = ()  # columns that a row keeps as it was made
    set_once: tuple[str, ...] = ()  # boxes of a new row; afterwards they are only shown
    says = ""  # what such rows are for, in a sentence or two; over the list, and where the list is empty
    helps: ClassVar[Mapping[str, str]] = {}  # what to write into a field, where its column does not say it
    columns: tuple[str, ...] = ()  # what a row is made of, where its form shows boxes instead of columns
    links: ClassVar[
        tuple[tuple[str, str], ...]
    ] = ()  # pages that belong to it: words and the name of the route
    list_before_template = "desk/list_before.html"
    change_form_outer_before_template = "desk/verbs.html"

    def create(self, values: dict[str, Any], *, actor: Actor) -> models.Model:
        raise NotImplementedError

    def change(self, record: Any, changes: dict[str, Any], *, actor: Actor) -> models.Model:
        raise NotImplementedError

    def make_ready(self) -> None:
        """Rows that are there from the start and nobody adds, before the file of configuration looks for them."""

    def in_file(self) -> QuerySet[Any]:
        """Rows that the file of configuration carries."""
        rows: QuerySet[Any] = self.model._default_manager.all()
        return rows

    def taken_out(self, record: Any, row: dict[str, Any]) -> dict[str, Any]:
        """A row as the file of configuration says it: nothing that only this installation understands."""
        del record
        return row

    def brought_in(self, row: dict[str, Any]) -> dict[str, Any]:
        """Columns of such a row as `create` and `change` take them."""
        return row

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_enter(request)

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        del obj
        return may_enter(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_enter(request) and type(self).create is not Desk.create

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        del obj
        return may_enter(request) and type(self).change is not Desk.change

    def get_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        """A form remembers which version it shows."""
        shown = super().get_fields(request, obj)
        return (*shown, OPENED) if obj is not None and hasattr(obj, "version") else shown

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        shown = tuple(super().get_readonly_fields(request, obj))
        return (*shown, *self.set_once) if obj is not None else shown

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What a service refuses is said on the form, which stays as it was written; nothing was changed."""
        extra_context = {**(extra_context or {}), **self._beside(request, object_id)}
        if self.must_say_who_they_are(request):
            return ask_again(request)
        try:
            answer: HttpResponse = super().changeform_view(request, object_id, form_url, extra_context)
        except DomainError as error:
            if not self.keeps_form(error):
                return self.refused(request, error)
            setattr(request, REFUSAL, error.message)
        except IntegrityError:
            # A service should have said so in its own words: whoever runs this has to see which one did not.
            logger.exception("The desk of %s met a rule of the table", self.model._meta.label)
            setattr(request, REFUSAL, "These values do not go together, so nothing was saved.")
        else:
            return answer
        again: HttpResponse = super().changeform_view(request, object_id, form_url, extra_context)
        return again

    def keeps_form(self, error: DomainError) -> bool:
        """Whether what was written can be mended and sent again; not where the row is another one by now."""
        return error.code != CHANGED_SINCE

    def get_form(self, request: HttpRequest, obj: Any | None = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        form.refusal = getattr(request, REFUSAL, "")
        for name, words in self.helps.items():
            if name in form.base_fields:
                form.base_fields[name].help_text = words
        return form

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A list is written line by line, not as a program would."""
        if isinstance(db_field, models.JSONField) and db_field.default is list:
            return LinesField.of(db_field)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.model._meta.app_label}_{self.model._meta.model_name}"
        page = self.admin_site.admin_view
        return [
            path(
                "<path:object_id>/history/<int:change_id>/", page(self.version_view), name=f"{name}_version"
            ),
            path("<path:object_id>/do/", page(self.do_view), name=f"{name}_do"),
            *super().get_urls(),
        ]

    def ways_on(self, record: Any) -> list[tuple[str, str]]:
        """Pages that one of its rows leads to: words and address."""
        del record
        return []

    def _beside(self, request: HttpRequest, object_id: str | None) -> dict[str, Any]:
        record = self.get_object(request, object_id) if object_id and request.method == "GET" else None
        if record is None:
            return {}
        return {"verbs": self.verbs(request), "ways_on": self.ways_on(record)}

    def verbs(self, request: HttpRequest) -> list[tuple[str, str]]:
        """What the list does with the rows that are ticked, for the page of one of them."""
        if not self.has_view_or_change_permission(request):
            return []
        return [
            (name, words)
            for _, name, words in self.get_actions(request).values()
            if name != "delete_selected"
        ]

    def do_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if self.must_say_who_they_are(request):
            return ask_again(request)
        record = self._one(request, object_id)
        verb = request.POST.get("verb", "")
        if request.method != "POST" or verb not in dict(self.verbs(request)):
            raise Http404("There is no such button.")
        act = self.get_actions(request)[verb][0]
        try:
            answer = act(self, request, self.model._default_manager.filter(pk=record.pk))
        except DomainError as error:
            self.message_user(request, error.message, messages.ERROR)
            answer = None
        return answer or self._back_to(record)

    def _back_to(self, record: models.Model) -> HttpResponse:
        """To its page, or to the list where the button took it away."""
        meta, there = self.model._meta, self.model._default_manager.filter(pk=record.pk).exists()
        name = f"admin:{meta.app_label}_{meta.model_name}_{'change' if there else 'changelist'}"
        return HttpResponseRedirect(reverse(name, args=[record.pk] if there else []))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Every change by whatever door it came, each with the way back to how the row stood after it."""
        record = self._one(request, object_id)
        shown = {"versions": desk_versions.versions(record), "may_go_back": self._may_go_back(request)}
        return self._about(request, record, "desk/history.html", {**shown, **(extra_context or {})})

    def version_view(self, request: HttpRequest, object_id: str, change_id: int) -> HttpResponse:
        """How the row stood after a change, against now; posted, it is brought back through its own verb."""
        record = self._one(request, object_id)
        change = desk_versions.changes_of(record).filter(pk=change_id).first()
        if change is None or not self._may_go_back(request):
            raise Http404("There is no such version, or it cannot be brought back here.")
        if self.must_say_who_they_are(request):
            return ask_again(request)
        writable = self.columns or self.get_fields(request, record)
        values = desk_versions.values_then(record, change, writable)
        if request.method == "POST" and values:
            return self._bring_back(request, record, values)
        shown = {"change": change, "differences": desk_versions.differences(record, values)}
        return self._about(request, record, "desk/version.html", shown)

    def _bring_back(self, request: HttpRequest, record: models.Model, values: dict[str, Any]) -> HttpResponse:
        try:
            with transaction.atomic():
                held = self.model._default_manager.select_for_update(of=("self",)).get(pk=record.pk)
                self.change(held, values, actor=actor_of(request))
        except DomainError as error:
            self.message_user(request, error.message, messages.ERROR)
        else:
            self.message_user(request, f"{record} stands as it did then. This is a new line of its history.")
        meta = self.model._meta
        return HttpResponseRedirect(
            reverse(f"admin:{meta.app_label}_{meta.model_name}_history", args=[record.pk])
        )

    def _may_go_back(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request) and hasattr(self.model, "version")

    def _one(self, request: HttpRequest, key: str) -> models.Model:
        record: models.Model | None = (
            self.get_object(request, key) if self.has_view_permission(request) else None
        )
        if record is None:
            raise Http404("There is no such row.")
        return record

    def _about(
        self, request: HttpRequest, record: models.Model, template: str, shown: dict[str, Any]
    ) -> HttpResponse:
        frame = {
            **self.admin_site.each_context(request),
            "title": str(record),
            "opts": self.model._meta,
            "original": record,
            "record": record,
        }
        return TemplateResponse(request, template, {**frame, **shown})

    def save_model(
        self,
        request: HttpRequest,
        obj: models.Model,
        form: forms.ModelForm[Any],
        change: bool,  # noqa: FBT001 -- the framework's signature
    ) -> None:
        values = {
            name: self._value(name, form.cleaned_data[name]) for name in form.changed_data if name != OPENED
        }
        if change:
            record = self._as_opened(obj.pk, form)
            changes = {name: value for name, value in values.items() if getattr(record, name, None) != value}
            obj.pk = self.change(record, changes, actor=actor_of(request)).pk
        else:
            obj.pk = self.create(values, actor=actor_of(request)).pk

    def _as_opened(self, key: Any, form: forms.ModelForm[Any]) -> models.Model:
        """The row, held until it is saved; refused where somebody else changed it since the form was opened."""
        record: models.Model = self.model._default_manager.select_for_update(of=("self",)).get(pk=key)
        opened = form.cleaned_data.get(OPENED)
        if opened is not None and getattr(record, "version", opened) != opened:
            raise DomainError(
                f"{record} was changed by somebody else while you had it open. Nothing was saved; "
                "this is how it stands now.",
                code=CHANGED_SINCE,
            )
        return record

    def _value(self, name: str, value: Any) -> Any:
        """An emptied list or object is an empty one; the form knows only nothing."""
        columns = {field.name: field for field in self.model._meta.fields}
        if value is None and name in columns and not columns[name].null:
            return columns[name].get_default()
        return value

    def construct_change_message(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Any,
        add: bool = False,  # noqa: FBT001, FBT002 -- the framework's signature
    ) -> Any:
        """Rows below are only shown, so nothing of theirs was changed."""
        del formsets
        return super().construct_change_message(request, form, [], add)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001 -- the framework's signature
        """The service has saved everything; the framework must not write beside it."""

    def for_each(
        self,
        request: HttpRequest,
        chosen: QuerySet[Any],
        verb: Callable[..., object],
        *,
        done: str,
    ) -> None:
        """Call a verb for each chosen row; a refusal of one does not stop the others."""
        names = list[str]()
        for record in chosen:
            name = str(record)
            try:
                with transaction.atomic():
                    verb(record, actor=actor_of(request))
            except DomainError as error:
                self.message_user(request, f"{name}: {error.message}", messages.WARNING)
            else:
                names.append(name)
        if names:
            more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
            self.message_user(request, f"{done}: {', '.join(names[:NAMED])}{more}.", messages.SUCCESS)


def link_to(record: models.Model, words: str) -> str:
    """To the page of a row at the desk."""
    name = f"{record._meta.app_label}_{record._meta.model_name}"
    return format_html('<a href="{}">{}</a>', reverse(f"admin:{name}_change", args=[record.pk]), words)


class ReadOnlyInline(TabularInline):
    """Rows below another, to look at."""

    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = False
    per_page = 20

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> tuple[str, ...]:
        del request, obj
        return tuple(self.fields or ())

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        del obj
        return may_enter(request)

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        del request, obj
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        del request, obj
        return False


def switched(record: Any, on: bool | None, verbs: tuple[Callable[..., Any], ...], *, actor: Actor) -> Any:  # noqa: FBT001 -- a value of the row
    """On or off by its verbs, where the row says which and it is not so already."""
    if on is None or record.is_active == on:
        return record
    return verbs[0 if on else 1](record, actor=actor)


def ordered(names: Iterable[str], model: type[models.Model]) -> tuple[str, ...]:
    """The names in the order of the table's columns."""
    wanted = set(names)
    return tuple(field.name for field in model._meta.fields if field.name in wanted)
