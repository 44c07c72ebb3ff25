"""Who may not be written to, whatever spelling is asked."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from gtmos.kernel import clock
from outreach.channels.email.addresses import address_hmac
from outreach.enums import Channel, SuppressionReason
from outreach.models import ChannelAddress


def in_force(now: datetime) -> Q:
    return Q(suppressed_at__isnull=False) & (Q(expires_at__isnull=True) | Q(expires_at__gt=now))


def suppressed_addresses(*, channel: str = Channel.EMAIL) -> QuerySet[ChannelAddress]:
    return ChannelAddress.objects.filter(in_force(clock.now()), channel=channel)


def is_suppressed(email: str, *, channel: str = Channel.EMAIL) -> bool:
    return suppressed_addresses(channel=channel).filter(address_hmac=address_hmac(email)).exists()


def suppressed_among(emails: Iterable[str], *, channel: str = Channel.EMAIL) -> set[str]:
    """Those of these addresses that are suppressed, in the spelling they were asked in."""
    hashes = {email: address_hmac(email) for email in emails}
    found = set(
        suppressed_addresses(channel=channel)
        .filter(address_hmac__in=set(hashes.values()))
        .values_list("address_hmac", flat=True)
    )
    return {email for email, digest in hashes.items() if digest in found}


def erased_among(emails: Iterable[str]) -> set[str]:
    """Those whose person was erased; only the keyed hash still knows."""
    hashes = {email: address_hmac(email) for email in emails}
    erased = ChannelAddress.objects.filter(channel=Channel.EMAIL, reason=SuppressionReason.ERASED)
    found = set(erased.filter(address_hmac__in=set(hashes.values())).values_list("address_hmac", flat=True))
    return {email for email, digest in hashes.items() if digest in found}


def suppression_of(email: str, *, channel: str = Channel.EMAIL) -> ChannelAddress | None:
    """The refusal with its reason and date, to show to a person."""
    return suppressed_addresses(channel=channel).filter(address_hmac=address_hmac(email)).first()
