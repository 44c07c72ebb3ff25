"""Who sees which approvals, and whose word an open step still waits for."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals.enums import ApprovalState
from gtmos.kernel.approvals.models import (
    Approval,
    ApprovalAsked,
    ApprovalDecision,
    ApprovalPolicy,
    ApprovalStep,
    Delegation,
)
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import allows

RELATED = ("requested_by", "policy_version__policy")
OWN_ALLOWED = Q(policy_version=None, named_rules__own_allowed=True) | Q(
    policy_version__isnull=False, policy_version__definition__own_allowed=True
)
STEPS = ("steps__asked__person", "steps__decisions__person", "steps__decisions__given_by")


@dataclass(frozen=True, slots=True)
class Word:
    """In whose name somebody may decide now. None is left out where they may not."""

    person: User
    step: ApprovalStep


def visible_approvals(*, actor: Actor) -> QuerySet[Approval]:
    """Those that one asked for, is or was asked about, stands in for, or decided; all for whoever configures."""
    approvals = Approval.objects.select_related(*RELATED).prefetch_related(*STEPS)
    if actor.is_system or allows(actor, "kernel.configure_approvals"):
        return approvals
    if actor.user is None:
        return approvals.none()
    names = [actor.user.pk, *_away_for(actor.user)]
    asked = ApprovalAsked.objects.filter(step__approval=OuterRef("pk"), person__in=names)
    decided = ApprovalDecision.objects.filter(step__approval=OuterRef("pk"), given_by=actor.user)
    return approvals.filter(Q(requested_by=actor.user) | Q(Exists(asked)) | Q(Exists(decided)))


def get_approval(key: UUID | str, *, actor: Actor) -> Approval:
    found = visible_approvals(actor=actor).filter(pk=key).first()
    if found is None:
        raise NotFoundError("There is no such approval, or you may not see it.", code="not_found")
    return found


def approvals_waiting(*, actor: Actor) -> QuerySet[Approval]:
    """What waits for the word of this person, in their own name or in that of somebody who is away; due first.

    In one statement whatever the count; their own requests are not among them unless a policy allows it.
    """
    approvals = Approval.objects.filter(state=ApprovalState.REQUESTED).select_related(*RELATED)
    if actor.user is None:
        return approvals.none()
    open_step = Q(step__closed_at=None) & ~Q(step__opened_at=None)
    names = [actor.user.pk, *_away_for(actor.user)]
    asked = ApprovalAsked.objects.filter(open_step, step__approval=OuterRef("pk"), person__in=names)
    given = ApprovalDecision.objects.filter(step=OuterRef("step"), person=OuterRef("person"))
    waiting = approvals.filter(Exists(asked.exclude(Exists(given)))).prefetch_related(*STEPS)
    own = Q(requested_by=actor.user) & ~OWN_ALLOWED
    return waiting.exclude(own).order_by("requested_at", "id")


def requested_by(*, actor: Actor) -> QuerySet[Approval]:
    """What this person asked for."""
    return visible_approvals(actor=actor).filter(requested_by=actor.user)


def approvals_about(subject: Model) -> QuerySet[Approval]:
    """For those who see the record already; the newest first."""
    about = Approval.objects.filter(subject_id=subject.pk, subject_type=subject._meta.label_lower)
    return about.select_related(*RELATED).prefetch_related(*STEPS)


def hold_open(subject: Model, *, action: str) -> list[Approval]:
    """Its open ones of this action, held until the transaction ends.

    A verb asks before it locks the record: whoever decides locks in this order too.
    """
    about = Approval.objects.select_for_update(of=("self",)).filter(
        subject_id=subject.pk, action=action, state=ApprovalState.REQUESTED
    )
    return list(about.order_by("pk"))


def waiting_among(kind: type[Model], keys: Collection[UUID]) -> set[UUID]:
    """Those of the records about which anything waits for a decision."""
    waiting = Approval.objects.filter(
        subject_id__in=keys, subject_type=kind._meta.label_lower, state=ApprovalState.REQUESTED
    )
    return set(waiting.values_list("subject_id", flat=True))


def open_step(approval: Approval) -> ApprovalStep | None:
    """The link of the chain that waits now."""
    if approval.state != ApprovalState.REQUESTED:
        return None
    return next((each for each in approval.steps.all() if each.opened_at and each.closed_at is None), None)


def still_asked(step: ApprovalStep) -> list[User]:
    """Those of the step who are still here and have not said their word."""
    given = {each.person_id for each in step.decisions.all()}
    people = (each.person for each in step.asked.all())
    return [each for each in people if each.is_active and each.pk not in given]


def word_of(user: User, approval: Approval) -> Word | None:
    """In whose name they may decide: first their own, then that of somebody who is away."""
    step = open_step(approval)
    if step is None or (is_own(user, approval) and not _own_allowed(approval)):
        return None
    waiting = {each.pk: each for each in still_asked(step)}
    away = _away_for(user) if user.pk not in waiting else ()
    person = waiting.get(user.pk) or next((waiting[key] for key in away if key in waiting), None)
    return Word(person, step) if person else None


def is_own(user: User, approval: Approval) -> bool:
    return approval.requested_by_id == user.pk


def _own_allowed(approval: Approval) -> bool:
    return bool(approval.rules.get("own_allowed"))


def _away_for(user: User) -> list[UUID]:
    """In whose name this person decides at this moment."""
    now = clock.now()
    away = Delegation.objects.filter(deputy=user, starts_at__lte=now, ends_at__gt=now, person__is_active=True)
    return list(away.order_by("starts_at").values_list("person_id", flat=True))


def deputies_of(people: list[User]) -> list[User]:
    """Who decides for them at this moment."""
    now = clock.now()
    away = Delegation.objects.filter(person__in=people, starts_at__lte=now, ends_at__gt=now)
    return [each.deputy for each in away.select_related("deputy") if each.deputy.is_active]


def visible_policies(*, actor: Actor) -> QuerySet[ApprovalPolicy]:
    policies = ApprovalPolicy.objects.all()
    return policies if allows(actor, "kernel.configure_approvals") else policies.none()


def get_policy(key: UUID | str, *, actor: Actor) -> ApprovalPolicy:
    found = visible_policies(actor=actor).filter(pk=key).first()
    if found is None:
        raise NotFoundError("There is no such policy.", code="not_found")
    return found


def visible_delegations(*, actor: Actor) -> QuerySet[Delegation]:
    """One's own, those in which one stands in for somebody, and all for whoever configures."""
    delegations = Delegation.objects.select_related("person", "deputy")
    if allows(actor, "kernel.configure_approvals"):
        return delegations
    return (
        delegations.filter(Q(person=actor.user) | Q(deputy=actor.user)) if actor.user else delegations.none()
    )
