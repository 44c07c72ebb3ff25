"""Account teams at the RevOps desk."""

from typing import Any

from django.contrib import admin

from crm.models import AccountTeamMember
from crm.services.account_teams import add_account_member, remove_account_member
from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk


@admin.register(AccountTeamMember)
class AccountTeamMemberAdmin(Desk):
    list_display = ("user", "company", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("user", "company")
    search_fields = ("user__email", "company__name")
    autocomplete_fields = ("user", "company")
    fields = ("company", "user", "role")

    def create(self, values: dict[str, Any], *, actor: Actor) -> AccountTeamMember:
        return add_account_member(actor=actor, **values)

    def remove(self, record: AccountTeamMember, *, actor: Actor) -> None:
        remove_account_member(record, actor=actor)
