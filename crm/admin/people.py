"""Account teams at the RevOps desk."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from crm.models import AccountTeamMember
from crm.services.account_teams import add_account_member, remove_account_member
from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk, actor_of, may_enter


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

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        del obj
        return may_enter(request)

    def delete_model(self, request: HttpRequest, obj: AccountTeamMember) -> None:
        remove_account_member(obj, actor=actor_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[AccountTeamMember]) -> None:
        for member in queryset:
            remove_account_member(member, actor=actor_of(request))
