"""Who can be named in a note, and where somebody was named."""

from django.db.models import Q, QuerySet

from crm.models import Activity, Company, Contact, Deal, Mention
from crm.selectors.visibility import one, visible_activities
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import User
from gtmos.kernel.people.selectors import active_users
from gtmos.kernel.records import may_see

OFFERED = 8
LOOKED_AT = 60


def visible_mentions(*, actor: Actor) -> QuerySet[Mention]:
    """Only of this person, and only where they may still see the note."""
    seen = visible_activities(actor=actor).select_related(None).order_by().values("pk")
    rows = Mention.objects.filter(user=actor.user, activity__in=seen)
    return rows.select_related("activity__company", "activity__contact", "activity__deal", "said_by")


def unread_mentions(*, actor: Actor) -> QuerySet[Mention]:
    return visible_mentions(actor=actor).filter(read_at__isnull=True)


def get_mention(key: object, *, actor: Actor) -> Mention:
    return one(visible_mentions(actor=actor), str(key))


def may_be_told(user: User, activity: Activity) -> bool:
    """Whoever sees the note and everything it is about."""
    reader = Actor.of(user)
    about = (activity, activity.company, activity.contact, activity.deal)
    return user.is_active and all(may_see(reader, each) for each in about if each is not None)


def mentionable(words: str, record: Company | Contact | Deal, *, actor: Actor) -> list[User]:
    """Colleagues whose name begins so, of those who would see a note of this person on the record."""
    draft = Activity(owner=actor.user, **{str(record._meta.model_name): record})
    if actor.user is not None:
        draft.team_id = next(iter(actor.user.team_ids), None)
    if not isinstance(record, Company):
        draft.company = record.company
    begins = Q(name__istartswith=words) | Q(name__icontains=f" {words}") | Q(email__istartswith=words)
    candidates = active_users(actor=actor).filter(begins).order_by("name", "email")[:LOOKED_AT]
    return [each for each in candidates if may_be_told(each, draft)][:OFFERED]
