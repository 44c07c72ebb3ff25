"""Taking rows away at the RevOps desk: one by one or ticked in the list, always by the service that does it."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.admin import ModelAdmin

from gtmos.kernel.actors import Actor
from gtmos.kernel.desk_door import actor_of, may_enter
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.signin.doors import ask_again
from gtmos.kernel.signin.session_services import is_confirmed


class Removal(ModelAdmin):
    """A desk whose rows can be taken away says by which verb; without one there is no such button."""

    asks_again = False  # whether saving needs somebody who said within 15 minutes who they are

    def remove(self, record: Any, *, actor: Actor) -> None:
        raise NotImplementedError

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        del obj
        return may_enter(request) and type(self).remove is not Removal.remove

    def get_deleted_objects(
        self, objs: Iterable[Any], request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        """What goes with a row, and whether it may go at all, is for its verb to say."""
        del request
        rows = [str(each) for each in objs]
        return rows, {str(self.model._meta.verbose_name_plural): len(rows)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.remove(obj, actor=actor_of(request))

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """All that are ticked, or none."""
        for record in queryset:
            self.remove(record, actor=actor_of(request))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self.must_say_who_they_are(request):
            return ask_again(request)
        try:
            answer: HttpResponse = super().delete_view(request, object_id, extra_context)
        except DomainError as error:
            return self.refused(request, error)
        return answer

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self.must_say_who_they_are(request):
            return ask_again(request)
        try:
            answer: HttpResponse = super().changelist_view(request, extra_context)
        except DomainError as error:
            return self.refused(request, error)
        return answer

    def must_say_who_they_are(self, request: HttpRequest) -> bool:
        return self.asks_again and request.method == "POST" and not is_confirmed(request.session)

    def refused(self, request: HttpRequest, error: DomainError) -> HttpResponse:
        self.message_user(request, error.message, messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())
