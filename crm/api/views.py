"""Companies, contacts, deals, what happened and what is to be done, for programs."""

from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from crm.api import serializers as shapes
from crm.api.batches import TakesBatches
from crm.api.calendar import MovesByDay
from crm.api.conversations import WithMessages
from crm.api.privacy import WithPrivacy
from crm.api.quality import WithMerge
from crm.api.restoring import WithRestore
from crm.api.timeline import WithTimeline
from crm.api.turns import LossShape, SigningShape, WaitShape
from crm.enums import (
    ActivityType,
    CustomerState,
    DealHealth,
    DealState,
    EmailStatus,
    Lifecycle,
    LossReason,
    Seniority,
)
from crm.models import Activity, Company, Contact, Deal, Task
from crm.selectors.activities import visible_activities, visible_tasks
from crm.selectors.lists import companies_matching, contacts_matching, deals_matching, with_next_step
from crm.services.activities import delete_activity, log_activity
from crm.services.calendar import move_task
from crm.services.contacts import create_contact, update_contact
from crm.services.deal_stages import hold_deal, lose_deal, reopen_deal, resume_deal, win_deal
from crm.services.deals import delete_deal, update_deal
from crm.services.stating import restate_company, state_company, state_deal
from crm.services.tasks import complete_task, create_task, delete_task, reopen_task, update_task
from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_history import WithHistory
from gtmos.kernel.api_records import SINCE, Changes, Creates, Deletes, Filter, a_flag, by_key, one_of
from gtmos.kernel.fields.api import WithFields

OWNER = by_key("owner_id")
ABOUT: dict[str, Filter] = {
    "company_id": by_key("company_id"),
    "contact_id": by_key("contact_id"),
    "deal_id": by_key("deal_id"),
    "owner_id": OWNER,
}


class WorkedOn(
    WithMessages,
    WithTimeline,
    TakesBatches,
    WithMerge,
    WithRestore,
    WithFields,
    WithHistory,
    Creates,
    Changes,
):
    """The records people work on: with all that can be said, asked and changed of one."""

    searches = True
    compares = True


class CompanyView(WorkedOn):
    """Companies we sell to, might sell to, or sold to."""

    serializer_class = shapes.CompanyDetail
    list_serializer_class = shapes.CompanyShape
    reads_beside = False
    custom_object = "company"
    filters: ClassVar[dict[str, Filter]] = {
        "customer_state": one_of("customer_state", CustomerState.values),
        "domain": Filter("domain", str.lower),
        "country_hq": Filter("country_hq", str.upper),
        "industry_vertical": Filter("industry_vertical__iexact"),
        "external_id": Filter("external_id"),
        "owner_id": OWNER,
        "parent_id": by_key("parent_id"),
        "updated_since": SINCE,
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[Company]:
        return companies_matching(text, actor=actor).defer(None).defer("search")

    def create_record(self, values: dict[str, Any], *, actor: Actor) -> Company:
        return state_company(actor=actor, **values)

    def update_record(self, record: Company, values: dict[str, Any], *, actor: Actor) -> Company:
        return restate_company(record, changes=values, actor=actor)


class ContactView(WithPrivacy, WorkedOn):
    """People, at companies or without one."""

    serializer_class = shapes.ContactDetail
    list_serializer_class = shapes.ContactShape
    reads_beside = False
    custom_object = "contact"
    filters: ClassVar[dict[str, Filter]] = {
        "company_id": by_key("company_id"),
        "email": Filter("email_key", str.lower),
        "email_status": one_of("email_status", EmailStatus.values),
        "seniority": one_of("seniority", Seniority.values),
        "department": Filter("department"),
        "lifecycle": one_of("lifecycle", Lifecycle.values),
        "is_primary": Filter("is_primary", a_flag, "true or false"),
        "external_id": Filter("external_id"),
        "owner_id": OWNER,
        "updated_since": SINCE,
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[Contact]:
        return contacts_matching(text, actor=actor).defer(None).defer("company__search")

    def create_record(self, values: dict[str, Any], *, actor: Actor) -> Contact:
        return create_contact(actor=actor, **values)

    def update_record(self, record: Contact, values: dict[str, Any], *, actor: Actor) -> Contact:
        return update_contact(record, changes=values, actor=actor)


class DealView(WorkedOn, Deletes):
    """Sales in progress, won or lost."""

    serializer_class = shapes.DealDetail
    list_serializer_class = shapes.DealShape
    custom_object = "deal"
    filters: ClassVar[dict[str, Filter]] = {
        "company_id": by_key("company_id"),
        "contact_id": by_key("contact_id"),
        "product_id": by_key("product_id"),
        "pipeline_id": by_key("stage__pipeline_id"),
        "stage": Filter("stage__key"),
        "deal_state": one_of("deal_state", DealState.values),
        "has_next_step": Filter("has_next_step", a_flag, "true or false"),
        "next_step_due_before": Filter("next_step_due_on__lt", date.fromisoformat, "A date, 2026-05-31."),
        "lost_reason": one_of("lost_reason", LossReason.values),
        "deal_health": one_of("deal_health", DealHealth.values),
        "deal_id": Filter("deal_id", int, "The number people say."),
        "external_id": Filter("external_id"),
        "owner_id": OWNER,
        "updated_since": SINCE,
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[Deal]:
        return with_next_step(deals_matching(text, actor=actor))

    def create_record(self, values: dict[str, Any], *, actor: Actor) -> Deal:
        return state_deal(actor=actor, **values)

    def update_record(self, record: Deal, values: dict[str, Any], *, actor: Actor) -> Deal:
        return update_deal(record, changes=values, actor=actor)

    def delete_record(self, record: Deal, *, actor: Actor) -> None:
        delete_deal(record, actor=actor)

    @extend_schema(request=SigningShape, responses=shapes.DealDetail)
    @action(detail=True, methods=["post"])
    def win(self, request: Request, pk: str) -> Response:
        del pk
        return self._turned(request, win_deal, SigningShape)

    @extend_schema(request=LossShape, responses=shapes.DealDetail)
    @action(detail=True, methods=["post"])
    def lose(self, request: Request, pk: str) -> Response:
        del pk
        return self._turned(request, lose_deal, LossShape)

    @extend_schema(request=WaitShape, responses=shapes.DealDetail)
    @action(detail=True, methods=["post"])
    def hold(self, request: Request, pk: str) -> Response:
        del pk
        return self._turned(request, hold_deal, WaitShape)

    @extend_schema(request=None, responses=shapes.DealDetail)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        del pk
        return self._turned(request, resume_deal)

    @extend_schema(request=None, responses=shapes.DealDetail)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        del pk
        return self._turned(request, reopen_deal)

    def _turned(
        self,
        request: Request,
        verb: Callable[..., Deal],
        shape: type[Serializer[Any]] | None = None,
    ) -> Response:
        values: dict[str, Any] = {}
        if shape is not None:
            given = shape(data=request.data)
            given.is_valid(raise_exception=True)
            values = dict(given.validated_data)
        return self.answer(self.again(verb(self.get_object(), actor=actor_of(request), **values)))


class ActivityView(Creates, Deletes):
    """Calls, meetings, mails and notes."""

    compares = True
    serializer_class = shapes.ActivityShape
    filters: ClassVar[dict[str, Filter]] = {**ABOUT, "type": one_of("type", ActivityType.values)}

    def records(self, text: str, *, actor: Actor) -> QuerySet[Activity]:
        del text
        return visible_activities(actor=actor)

    def create_record(self, values: dict[str, Any], *, actor: Actor) -> Activity:
        return log_activity(actor=actor, **{"outcome": "", **values})

    def delete_record(self, record: Activity, *, actor: Actor) -> None:
        delete_activity(record, actor=actor)


class TaskView(MovesByDay, Creates, Changes, Deletes):
    """What is to be done."""

    move_record = staticmethod(move_task)

    compares = True
    serializer_class = shapes.TaskShape
    filters: ClassVar[dict[str, Filter]] = {
        **ABOUT,
        "is_done": Filter("done_at__isnull", lambda text: not a_flag(text), "true or false"),
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[Task]:
        del text
        return visible_tasks(actor=actor)

    def create_record(self, values: dict[str, Any], *, actor: Actor) -> Task:
        return create_task(actor=actor, **values)

    def update_record(self, record: Task, values: dict[str, Any], *, actor: Actor) -> Task:
        return update_task(record, changes=values, actor=actor)

    def delete_record(self, record: Task, *, actor: Actor) -> None:
        delete_task(record, actor=actor)

    @extend_schema(request=None, responses=shapes.TaskShape)
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, pk: str) -> Response:
        del pk
        return self.answer(complete_task(self.get_object(), actor=actor_of(request)))

    @extend_schema(request=None, responses=shapes.TaskShape)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        del pk
        return self.answer(reopen_task(self.get_object(), actor=actor_of(request)))
