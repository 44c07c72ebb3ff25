"""Exchange rates, objections, and what a company and all below it are worth, for programs."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.enums import ObjectionCategory, ObjectionOutcome
from crm.models import ExchangeRate, Objection
from crm.selectors.activities import visible_activities
from crm.selectors.companies import visible_companies
from crm.selectors.contacts import visible_contacts
from crm.selectors.currencies import visible_rates
from crm.selectors.deals import visible_deals
from crm.selectors.objections import objection_report, visible_objections
from crm.services.currencies import delete_rate, record_rate, update_rate
from crm.services.objections import delete_objection, record_objection, update_objection
from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_records import Changes, Creates, Deletes, Filter, RecordSerializer, by_key, link, one_of

BASE = ("id", "created_at", "updated_at", "version")


class RateShape(RecordSerializer):
    """One unit of `currency` is `rate` units of `base` from `dated_on` on."""

    class Meta:
        model = ExchangeRate
        fields = (*BASE, "currency", "base", "dated_on", "rate", "source")


class RateView(Creates, Changes, Deletes):
    """Exchange rates by day. A rate of the same two currencies and day replaces the one that is there."""

    serializer_class = RateShape
    filters: ClassVar[dict[str, Filter]] = {
        "currency": Filter("currency", str.upper),
        "base": Filter("base", str.upper),
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[ExchangeRate]:
        del text
        return visible_rates(actor=actor)

    def create_record(self, values: dict[str, Any], *, actor: Actor) -> ExchangeRate:
        return record_rate(actor=actor, **values)

    def update_record(self, record: ExchangeRate, values: dict[str, Any], *, actor: Actor) -> ExchangeRate:
        return update_rate(record, changes=values, actor=actor)

    def delete_record(self, record: ExchangeRate, *, actor: Actor) -> None:
        delete_rate(record, actor=actor)


class ObjectionShape(RecordSerializer):
    owner_id = serializers.UUIDField(read_only=True)
    activity_id = link("activity", visible_activities)
    deal_id = link("deal", visible_deals)
    contact_id = link("contact", visible_contacts)
    company_id = link("company", visible_companies)

    class Meta:
        model = Objection
        fields = (
            *BASE,
            "owner_id",
            "category",
            "text",
            "response",
            "outcome",
            "raised_at",
            "responded_at",
            "activity_id",
            "deal_id",
            "contact_id",
            "company_id",
        )
        read_only_fields = ("responded_at",)


class ObjectionCount(serializers.Serializer[Any]):
    """One kind of objection: how many there are, answered and resolved, and on how many deals."""

    category = serializers.CharField()
    count = serializers.IntegerField()
    answered = serializers.IntegerField()
    resolved = serializers.IntegerField()
    deals = serializers.IntegerField()
    won = serializers.IntegerField(help_text="Of these deals.")
    lost = serializers.IntegerField(help_text="Of these deals.")


class ObjectionCounts(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    categories = ObjectionCount(many=True)


class ObjectionView(Creates, Changes, Deletes):
    """What people object, and what was answered."""

    serializer_class = ObjectionShape
    filters: ClassVar[dict[str, Filter]] = {
        "category": one_of("category", ObjectionCategory.values),
        "outcome": one_of("outcome", ObjectionOutcome.values),
        "deal_id": by_key("deal_id"),
        "company_id": by_key("company_id"),
        "activity_id": by_key("activity_id"),
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[Objection]:
        del text
        return visible_objections(actor=actor)

    def create_record(self, values: dict[str, Any], *, actor: Actor) -> Objection:
        return record_objection(actor=actor, **values)

    def update_record(self, record: Objection, values: dict[str, Any], *, actor: Actor) -> Objection:
        return update_objection(record, changes=values, actor=actor)

    def delete_record(self, record: Objection, *, actor: Actor) -> None:
        delete_objection(record, actor=actor)

    @extend_schema(responses=ObjectionCounts, filters=False)
    @action(detail=False, methods=["get"], pagination_class=None)
    def report(self, request: Request) -> Response:
        """Counts of each kind, the commonest first."""
        rows = objection_report(actor=actor_of(request))
        return Response(
            {"total": sum(row.count for row in rows), "categories": ObjectionCount(rows, many=True).data}
        )
