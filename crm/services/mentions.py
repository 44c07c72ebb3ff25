"""Telling people that they were named in a note."""

from django.db import transaction
from django.db.models import Q

from crm.enums import ActivityType
from crm.events import PersonMentioned
from crm.intake.mentions import Colleague, named
from crm.models import Activity, Mention
from crm.selectors.mentions import may_be_told
from crm.services.notifying import tell_of_mention
from gtmos.kernel import clock, events, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.people.models import User


def tell_mentioned(activity: Activity, *, actor: Actor) -> list[User]:
    """Make the mentions of a note those of its text. Returns whom it names who may not see it and is not told."""
    people = _named(activity)
    told = [each for each in people if may_be_told(each, activity)]
    Mention.objects.filter(activity=activity).exclude(user__in=told).delete()
    known = set(Mention.objects.filter(activity=activity).values_list("user_id", flat=True))
    for user in told:
        if user.pk not in known:
            _tell(activity, user, actor)
    return [each for each in people if each not in told]


@transaction.atomic
def read_mention(mention: Mention, *, actor: Actor) -> Mention:
    if actor.user is None or mention.user_id != actor.user.pk:
        raise NotFoundError("There is no such mention.", code="not_found")
    mention = Mention.objects.select_for_update(of=("self",)).get(pk=mention.pk)
    if mention.read_at is None:
        mention.read_at = clock.now()
        mention.save(update_fields=["read_at", "updated_at"])
        live.push(f"user:{mention.user_id}", "mentions")
    return mention


def _named(activity: Activity) -> list[User]:
    """What came from outside names nobody: it only looks like an address."""
    text = activity.body or activity.subject
    if "@" not in text or activity.is_untrusted or activity.type == ActivityType.EMAIL:
        return []
    users = {user.pk: user for user in User.objects.filter(Q(is_active=True))}
    keys = named(text, [Colleague(each.pk, each.name, each.email) for each in users.values()])
    return [users[key] for key in keys]  # type: ignore[index]  # the keys are those that were given


def _tell(activity: Activity, user: User, actor: Actor) -> None:
    Mention.objects.create(activity=activity, user=user, said_by=actor.user)
    told = PersonMentioned(activity_id=activity.pk, user_id=user.pk)
    events.publish(told, subject=activity, actor=actor)
    tell_of_mention(activity, user, actor=actor)
    live.push(f"user:{user.pk}", "mentions")
