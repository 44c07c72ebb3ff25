"""What becomes of prospects, enrolments and mails when two people turn out to be one."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from crm.services.merge_relations import Treatment, declare, lock_first
from gtmos.kernel.actors import Actor
from outreach.enums import EnrollmentState, Outcome
from outreach.models import Enrollment
from outreach.services.enrollments import finish_enrollment, lock_touches_of

MERGING = Actor.system("merging")


def lock_mails(kind: str, keys: list[UUID]) -> None:
    """Before the people themselves, as the hand-over does it."""
    if kind == "contact":
        for key in keys:
            lock_touches_of(key)


def supersede(clashing: QuerySet[Enrollment], kept: Any) -> list[Any]:
    """Both are in the campaign: one goes on. The other ends, keeps its mails and numbers, and no longer counts as a second."""
    done = []
    for each in clashing.select_related("campaign"):
        going_on = Enrollment.objects.get(campaign=each.campaign_id, contact=kept.pk, superseded_by=None)
        if each.state != EnrollmentState.FINISHED:
            finish_enrollment(each, outcome=Outcome.CANCELLED, actor=MERGING)
        elif going_on.state != EnrollmentState.FINISHED:
            finish_enrollment(going_on, outcome=each.outcome or Outcome.CANCELLED, actor=MERGING)
        Enrollment.objects.filter(pk=each.pk).update(superseded_by=going_on.pk)
        done.append(each.pk)
    return done


def stand_alone(keys: list[Any]) -> None:
    """The enrolment is one of its own again; it does not begin anew."""
    Enrollment.objects.filter(pk__in=keys).update(superseded_by=None)


lock_first(lock_mails)
declare(
    Treatment.MOVES,
    "outreach.prospect.company_id",
    "outreach.prospect.contact_id",
    "outreach.touch.contact_id",
    "outreach.inboundmail.contact_id",
)
declare(Treatment.MOVES, "outreach.enrollment.contact_id", settle=supersede, unsettle=stand_alone)
