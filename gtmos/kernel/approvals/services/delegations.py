"""Who decides while somebody is away."""

from datetime import datetime

from django.db import transaction

from gtmos.kernel import clock, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals.models import Delegation
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes


@transaction.atomic
def delegate(
    person: User, *, deputy: User, starts_at: datetime, ends_at: datetime, actor: Actor, note: str = ""
) -> Delegation:
    """From then until then the deputy decides in the person's name; the person may still decide too."""
    require(actor, "kernel.delegate_approvals", person)
    User.objects.select_for_update().get(pk=person.pk)  # two of one person's are written one after the other
    delegation = Delegation(
        person=person, deputy=deputy, starts_at=starts_at, ends_at=ends_at, note=note.strip()[:200]
    )
    _refuse_wrong(delegation)
    delegation.save(force_insert=True)
    history.record_creation(
        delegation, actor=actor, values={"starts_at": starts_at, "ends_at": ends_at, "deputy": deputy}
    )
    _tell(delegation)
    return delegation


@transaction.atomic
def end_delegation(delegation: Delegation, *, actor: Actor) -> Delegation:
    """Back already: from now on only the person decides. One that has not begun is over before it begins."""
    require(actor, "kernel.delegate_approvals", delegation)
    delegation = Delegation.objects.select_for_update(of=("self",)).get(pk=delegation.pk)
    now = clock.now()
    if delegation.ends_at <= now:
        raise DomainError("That is over already.", code="same_state")
    before = {"starts_at": delegation.starts_at, "ends_at": delegation.ends_at}
    delegation.starts_at = min(delegation.starts_at, now)
    delegation.ends_at = max(now, delegation.starts_at)
    if delegation.ends_at == delegation.starts_at:
        history.record(delegation, before=before, after={"ends_at": None}, actor=actor, category="DELETED")
        delegation.delete()
        return delegation
    save_changes(delegation, "starts_at", "ends_at")
    after = {"starts_at": delegation.starts_at, "ends_at": delegation.ends_at}
    history.record(delegation, before=before, after=after, actor=actor, category="DELEGATION")
    _tell(delegation)
    return delegation


def _refuse_wrong(each: Delegation) -> None:
    if each.person_id == each.deputy_id or not each.deputy.is_active:
        raise InvalidInputError("Choose somebody else who works here.", code="bad_deputy")
    if each.ends_at <= each.starts_at or each.ends_at <= clock.now():
        raise InvalidInputError("It ends after it begins, and not in the past.", code="bad_period")
    same = Delegation.objects.filter(
        person=each.person, starts_at__lt=each.ends_at, ends_at__gt=each.starts_at
    )
    if other := same.select_related("deputy").first():
        raise DomainError(
            f"{other.deputy} decides for {each.person} in a part of that time already. End that first.",
            code="delegation_overlaps",
        )


def _tell(delegation: Delegation) -> None:
    for key in (delegation.person_id, delegation.deputy_id):
        live.push(f"user:{key}")
