"""Who works on an account besides its owner."""

from typing import Any

from django.db import transaction

from crm.enums import AccountRole
from crm.events import AccountTeamChanged
from crm.models import AccountTeamMember, Company
from gtmos.kernel import events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes


@transaction.atomic
def add_account_member(
    company: Company, user: User, *, actor: Actor, role: str = AccountRole.MEMBER
) -> AccountTeamMember:
    """From the next request on this person sees the company and what belongs to it. Twice changes the role."""
    require(actor, "crm.edit_account_team", company)
    if role not in AccountRole.values:
        raise InvalidInputError(
            f"In an account team people are {', '.join(AccountRole.values)}.", code="unknown_role"
        )
    if not user.is_active:
        raise InvalidInputError(f"{user} does not work here any more.", code="inactive_user")
    member, is_new = AccountTeamMember.objects.get_or_create(
        company=company, user=user, defaults={"role": role}
    )
    before = None if is_new else f"{user}, {member.get_role_display()}"
    if member.role != role:
        member.role = role
        save_changes(member, "role")
    _tell(company, before=before, after=f"{user}, {member.get_role_display()}", actor=actor)
    return member


def change_account_role(member: AccountTeamMember, role: str, *, actor: Actor) -> AccountTeamMember:
    return add_account_member(member.company, member.user, role=role, actor=actor)


@transaction.atomic
def remove_account_member(member: AccountTeamMember, *, actor: Actor) -> None:
    require(actor, "crm.edit_account_team", member.company)
    was = f"{member.user}, {member.get_role_display()}"
    company = member.company
    member.delete()
    _tell(company, before=was, after=None, actor=actor)


def _tell(company: Company, *, before: str | None, after: str | None, actor: Actor) -> None:
    changes: dict[str, Any] = {"before": {"account_team": before}, "after": {"account_team": after}}
    if history.record(company, **changes, actor=actor, category="ACCOUNT_TEAM"):
        events.publish(AccountTeamChanged(company_id=company.pk), subject=company, actor=actor)
        live.push(f"company:{company.pk}")
