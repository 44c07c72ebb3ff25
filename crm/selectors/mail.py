"""Whose mails somebody may read. That there was a mail, everybody sees who sees the customer."""

from functools import partial
from typing import Any

from django.db.models import F, Q, QuerySet

from crm.enums import ActivityType
from crm.models import Activity
from gtmos.kernel.actors import Actor
from gtmos.kernel.masking import with_rule
from gtmos.kernel.people.models import MailVisibility, User

UNREAD_SUBJECT = "E-mail"


def with_readable_mail(activities: QuerySet[Activity], *, actor: Actor) -> QuerySet[Activity]:
    """Mails of others keep their moment and direction; subject and text only where their owner lets them be read."""
    if actor.is_system or actor.user is None:
        return activities
    told = activities.annotate(mail_visibility=F("owner__mail_visibility"))
    return with_rule(told, partial(_empty_unreadable, user=actor.user))


def readable_condition(actor: Actor, alias: str) -> tuple[str, dict[str, Any]]:
    """The same rule on a table of a hand-written statement: search must not find what cannot be read."""
    if actor.is_system:
        return "TRUE", {}
    if actor.user is None:
        return "FALSE", {}
    owner = f"SELECT u.mail_visibility FROM kernel_user u WHERE u.id = {alias}.owner_id"  # noqa: S608 -- the alias is ours
    teams = f"({alias}.team_id = ANY(%(readers_teams)s) OR %(reads_teams)s)"
    condition = (
        f"({alias}.type <> 'email' OR {alias}.owner_id IS NULL OR {alias}.owner_id = %(reader)s "
        f"OR ({owner}) = 'all' OR (({owner}) = 'team' AND {teams}))"
    )
    reads_teams = actor.user.sees_everything
    return condition, {
        "reader": actor.user.pk,
        "readers_teams": list(actor.user.team_ids),
        "reads_teams": reads_teams,
    }


def readable(actor: Actor) -> Q:
    """The same rule for an export, which makes files of rows that nobody looks at one by one."""
    if actor.is_system or actor.user is None:
        return Q()
    teams = Q() if actor.user.sees_everything else Q(team__in=actor.user.team_ids)
    others = Q(owner__mail_visibility=MailVisibility.ALL)
    others |= Q(owner__mail_visibility=MailVisibility.TEAM) & teams
    return ~Q(type=ActivityType.EMAIL) | Q(owner__isnull=True) | Q(owner=actor.user) | others


def may_read(user: User, activity: Activity, visibility: str) -> bool:
    if activity.type != ActivityType.EMAIL or activity.owner_id in {None, user.pk}:
        return True
    if visibility == MailVisibility.TEAM:
        return user.sees_everything or activity.team_id in user.team_ids
    return visibility == MailVisibility.ALL


def _empty_unreadable(activity: Activity, *, user: User) -> None:
    visibility = activity.__dict__.get("mail_visibility") or MailVisibility.PRIVATE
    if not may_read(user, activity, visibility):
        activity.__dict__.update(subject=UNREAD_SUBJECT, body="", outcome="", is_text_hidden=True)
