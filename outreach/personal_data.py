"""What is held of people who are written to. Their rows stay, since campaigns count them; their words go."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce, Now

from crm.models import Contact
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.privacy import retention
from gtmos.kernel.privacy.emptying import empty_rows
from gtmos.kernel.privacy.holdings import Holding, Person, before_erasing, impersonal, register
from outreach import models as ours
from outreach.enums import Outcome, SuppressionReason, TouchState
from outreach.models.approval import ApprovedContent
from outreach.selectors.providers import GIVEN_UP
from outreach.services.enrollments import lock_touches_of, stop_enrollments_of
from outreach.services.suppression import suppress
from outreach.services.touches import cancel_touches


@before_erasing
def refuse_for_good(contact: Contact, person: Person, *, actor: Actor) -> None:
    """The address is refused before it is forgotten, as a keyed hash; what waits to be sent is cancelled."""
    lock_touches_of(contact.pk)
    if contact.touches.filter(state__in=(TouchState.CLAIMED, TouchState.HANDING)).exists():
        raise DomainError(
            "A mail to this person is on its way. Try again in a minute.", code="mail_on_its_way"
        )
    for word in sorted(each for each in person.words if "@" in each):
        suppress(word, reason=SuppressionReason.ERASED, actor=actor)
    stop_enrollments_of(contact, outcome=Outcome.CANCELLED, actor=actor)
    cancel_touches(contact.touches, why="Erased.")


def _mails(person: Person) -> Q:
    wanted = Q(contact_id=person.key) | Q(touch__contact_id=person.key)
    for word in person.words:
        if "@" in word:
            wanted |= Q(sender__icontains=word) | Q(recipients__icontains=word)
    return wanted


def _spellings(person: Person) -> list[str]:
    return [each for word in person.words if "@" in word for each in (word, word.lower())]


register(
    Holding(
        ours.Touch,
        "Mails to them",
        of=lambda person: Q(contact_id=person.key),
        keeps=frozenset(
            {"content_hash", "approved_hash", "token", "message_id", "idempotency_key", "worker", "announced"}
            | {"reply_category"}
        ),
    )
)
register(
    Holding(
        ours.TouchAttempt,
        "Attempts to send",
        of=lambda person: Q(touch__contact_id=person.key),
        keeps=frozenset({"worker", "result"}),
    )
)
register(
    Holding(
        ours.Engagement,
        "Opens and clicks",
        of=lambda person: Q(touch__contact_id=person.key),
        keeps=frozenset({"machine_reason", "method"}),
    )
)
register(Holding(ours.Enrollment, "Places in campaigns", of=lambda person: Q(contact_id=person.key)))
register(Holding(ours.Prospect, "Results of searches", of=lambda person: Q(contact_id=person.key)))
MAIL = Holding(
    ours.InboundMail,
    "Mails from them",
    of=_mails,
    keeps=frozenset({"digest"}),
    puts={"processed_at": Coalesce("processed_at", Now())},
)
register(MAIL)
register(
    Holding(
        ours.ProviderEvent,
        "What mail providers told of them",
        of=lambda person: Q(touch__contact_id=person.key) | Q(recipient__in=_spellings(person)),
        keeps=frozenset({"key", "machine_reason"}),
    )
)


def _empty_posts(keys: list[Any], person: Person, **_: Any) -> int:
    """What could not be understood or applied. A post that waits is applied within seconds, and empty then."""
    del person
    rows = ours.ProviderPost.objects.filter(~Q(error="") | GIVEN_UP, pk__in=keys)
    return rows.update(body=b"", processed_at=Coalesce("processed_at", Now()))


register(
    Holding(
        ours.ProviderPost,
        "Posts of mail providers that could not be understood",
        keeps=frozenset({"kind", "digest", "content_type", "post_id", "error"}),
        erase=_empty_posts,
    )
)
for model, title in (
    (ours.ResearchJob, "Searches"),
    (ours.SavedSearch, "Saved searches"),
    (ours.Step, "Messages of campaigns"),
    (ours.Variant, "Variants"),
    (ours.Experiment, "Tests"),
):
    register(Holding(model, title))
register(Holding(ours.Campaign, "Campaigns", keeps=frozenset({"approved_hash"})))
impersonal("Keyed hashes of addresses.", ours.ChannelAddress)
impersonal("Digests.", ApprovedContent)
impersonal("Ours.", ours.Mailbox, ours.MailboxDay, ours.SendingDomain, ours.SendingDomainDay)
impersonal("Secrets of the house.", ours.EmailProvider)
impersonal("Rules of the house.", ours.ScoringWeights)
impersonal("Words of the house, with places for names.", ours.MailTemplate)
impersonal("Hours of a colleague.", ours.BookingHours)
impersonal("Days of the house.", ours.ClosedDay)


def _old_mails(before: datetime) -> QuerySet[Any]:
    return ours.InboundMail.objects.filter(received_at__lt=before, processed_at__isnull=False).exclude(
        raw=b""
    )


def _empty_mails(rows: QuerySet[Any]) -> object:
    return empty_rows(MAIL, list(rows.values_list("pk", flat=True)))


retention.register(
    retention.Kept("outreach.mails", "Mails that came in", _old_mails, {"empty": _empty_mails})
)
