"""Who works on which company besides its owner, for programs."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from crm.enums import AccountRole
from crm.models import AccountTeamMember
from crm.selectors.account_teams import visible_account_members
from crm.selectors.companies import visible_companies
from crm.services.account_teams import add_account_member, change_account_role, remove_account_member
from gtmos.kernel.actors import Actor
from gtmos.kernel.api_records import (
    Changes,
    Creates,
    Deletes,
    Filter,
    RecordSerializer,
    by_key,
    link,
    one_of,
)
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.people.selectors import active_users


class AccountTeamShape(RecordSerializer):
    company_id = link("company", visible_companies, required=True, allow_null=False)
    user_id = link("user", active_users, required=True, allow_null=False)
    user_name = serializers.CharField(source="user.__str__", read_only=True)

    class Meta:
        model = AccountTeamMember
        fields = ("id", "created_at", "updated_at", "version", "company_id", "user_id", "user_name", "role")


class AccountTeamView(Creates, Changes, Deletes):
    """Whoever stands here sees the company and what belongs to it. Of a member only the role is changed."""

    serializer_class = AccountTeamShape
    filters: ClassVar[dict[str, Filter]] = {
        "company_id": by_key("company_id"),
        "user_id": by_key("user_id"),
        "role": one_of("role", AccountRole.values),
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[AccountTeamMember]:
        del text
        return visible_account_members(actor=actor)

    def create_record(self, values: dict[str, Any], *, actor: Actor) -> AccountTeamMember:
        return add_account_member(values.pop("company"), values.pop("user"), actor=actor, **values)

    def update_record(
        self, record: AccountTeamMember, values: dict[str, Any], *, actor: Actor
    ) -> AccountTeamMember:
        if set(values) - {"role"}:
            raise InvalidInputError(
                "Of a member only the role is changed; add another one instead.", code="fixed"
            )
        return change_account_role(record, values.get("role", record.role), actor=actor)

    def delete_record(self, record: AccountTeamMember, *, actor: Actor) -> None:
        remove_account_member(record, actor=actor)
