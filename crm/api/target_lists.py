"""Target lists, the companies on them, and how far we are with these, for programs."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.models import TargetAccount, TargetList
from crm.selectors.companies import visible_companies
from crm.selectors.target_lists import (
    Coverage,
    Covered,
    coverage,
    visible_target_accounts,
    visible_target_lists,
)
from crm.services.target_lists import (
    add_to_list,
    create_target_list,
    delete_target_list,
    remove_from_list,
    update_target_list,
)
from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_records import Changes, Creates, Deletes, Filter, RecordSerializer, by_key, link
from gtmos.kernel.people.selectors import active_users

BASE = ("id", "created_at", "updated_at", "version")


class TargetListShape(RecordSerializer):
    marketing_owner_id = link("marketing_owner", active_users)
    sales_owner_id = link("sales_owner", active_users)

    class Meta:
        model = TargetList
        fields = (*BASE, "name", "plan", "marketing_owner_id", "sales_owner_id", "goal_on")


class CoveredShape(serializers.Serializer[Covered]):
    company_id = serializers.UUIDField(source="company.pk")
    company_name = serializers.CharField(source="company.name")
    people = serializers.IntegerField()
    last_activity_at = serializers.DateTimeField(allow_null=True)
    open_deals = serializers.IntegerField()


class CoverageShape(serializers.Serializer[Coverage]):
    """The figures are of all companies of the list that the caller sees; the rows are the first 200 by name."""

    companies = serializers.IntegerField()
    with_people = serializers.IntegerField()
    active_lately = serializers.IntegerField(help_text="With an activity in the last 30 days.")
    with_open_deals = serializers.IntegerField()
    rows = CoveredShape(many=True)


class TargetListView(Creates, Changes, Deletes):
    """Companies that marketing and sales work on together, with one plan and two owners."""

    serializer_class = TargetListShape
    filters: ClassVar[dict[str, Filter]] = {
        "marketing_owner_id": by_key("marketing_owner_id"),
        "sales_owner_id": by_key("sales_owner_id"),
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[TargetList]:
        del text
        return visible_target_lists(actor=actor)

    def create_record(self, values: dict[str, Any], *, actor: Actor) -> TargetList:
        return create_target_list(values.pop("name"), actor=actor, **values)

    def update_record(self, record: TargetList, values: dict[str, Any], *, actor: Actor) -> TargetList:
        return update_target_list(record, changes=values, actor=actor)

    def delete_record(self, record: TargetList, *, actor: Actor) -> None:
        delete_target_list(record, actor=actor)

    @extend_schema(responses=CoverageShape)
    @action(detail=True, methods=["get"])
    def coverage(self, request: Request, pk: str) -> Response:
        del pk
        return Response(CoverageShape(coverage(self.get_object(), actor=actor_of(request))).data)


class TargetAccountShape(RecordSerializer):
    target_list_id = link("target_list", visible_target_lists, required=True, allow_null=False)
    company_id = link("company", visible_companies, required=True, allow_null=False)

    class Meta:
        model = TargetAccount
        fields = (*BASE, "target_list_id", "company_id")


class TargetAccountView(Creates, Deletes):
    """Which company is on which list. Adding one that is on it already changes nothing."""

    serializer_class = TargetAccountShape
    filters: ClassVar[dict[str, Filter]] = {
        "target_list_id": by_key("target_list_id"),
        "company_id": by_key("company_id"),
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[TargetAccount]:
        del text
        return visible_target_accounts(actor=actor)

    def create_record(self, values: dict[str, Any], *, actor: Actor) -> TargetAccount:
        target, company = values["target_list"], values["company"]
        add_to_list(target, visible_companies(actor=actor).filter(pk=company.pk), actor=actor)
        return TargetAccount.objects.get(target_list=target, company=company)

    def delete_record(self, record: TargetAccount, *, actor: Actor) -> None:
        company = visible_companies(actor=actor).filter(pk=record.company_id)
        remove_from_list(record.target_list, company, actor=actor)
