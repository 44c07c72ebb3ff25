"""Reading who works on which account."""

from uuid import UUID

from django.db.models import QuerySet

from crm.models import AccountTeamMember, Company
from crm.selectors.visibility import one
from gtmos.kernel.actors import Actor
from gtmos.kernel.records import visible_to


def visible_account_members(*, actor: Actor) -> QuerySet[AccountTeamMember]:
    """Of the companies that the actor may see."""
    members = AccountTeamMember.objects.select_related("company", "user")
    return visible_to(actor, members, through="company__")


def account_team(company: Company, *, actor: Actor) -> QuerySet[AccountTeamMember]:
    return visible_account_members(actor=actor).filter(company=company).order_by("user__name", "user__email")


def get_account_member(key: UUID, *, actor: Actor) -> AccountTeamMember:
    return one(visible_account_members(actor=actor), key)
