"""Refusing an address for good."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from gtmos.kernel import clock, events
from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import require
from outreach.channels.email.addresses import address_hmac
from outreach.enums import Channel, SuppressionReason
from outreach.events import AddressSuppressed
from outreach.models import ChannelAddress

# A graver reason replaces a lighter one; nothing replaces a refusal by nothing.
GRAVITY = {
    SuppressionReason.IMPORTED: 1,
    SuppressionReason.BY_HAND: 2,
    SuppressionReason.HARD_BOUNCE: 3,
    SuppressionReason.UNSUBSCRIBED: 4,
    SuppressionReason.COMPLAINT: 5,
    SuppressionReason.ERASED: 6,
}


def address_for(email: str, *, channel: str = Channel.EMAIL) -> ChannelAddress:
    """The one row of this address in any spelling; made when it is seen for the first time."""
    return addresses_for([email], channel=channel)[email]


def addresses_for(emails: list[str], *, channel: str = Channel.EMAIL) -> dict[str, ChannelAddress]:
    """The same for many: two statements, and safe beside others who do it too."""
    hashes = {email: address_hmac(email) for email in emails}
    # In one order everywhere, so that two batches with the same people never wait for each other.
    rows = [ChannelAddress(channel=channel, address_hmac=each) for each in sorted(set(hashes.values()))]
    ChannelAddress.objects.bulk_create(rows, ignore_conflicts=True)
    stored = ChannelAddress.objects.filter(channel=channel, address_hmac__in=set(hashes.values()))
    found = {row.address_hmac: row for row in stored}
    return {email: found[digest] for email, digest in hashes.items()}


@transaction.atomic
def suppress(
    email: str,
    *,
    reason: str,
    detail: str = "",
    actor: Actor,
    expires_at: datetime | None = None,
    channel: str = Channel.EMAIL,
) -> ChannelAddress:
    """Once this has committed no hand-over to the address begins; it can be made longer, never taken back."""
    require(actor, "outreach.suppress_address")
    address = ChannelAddress.objects.select_for_update().get(pk=address_for(email, channel=channel).pk)
    now = clock.now()
    is_in_force = address.suppressed_at is not None and (
        address.expires_at is None or address.expires_at > now
    )
    if is_in_force:
        _deepen(address, SuppressionReason(reason), detail, expires_at)
    else:
        address.suppressed_at, address.expires_at = now, expires_at
        address.reason, address.detail = SuppressionReason(reason), detail[:300]
    address.save(update_fields=["suppressed_at", "expires_at", "reason", "detail"])
    if not is_in_force:
        events.publish(AddressSuppressed(channel=channel, address_id=address.pk, reason=reason), actor=actor)
    return address


@transaction.atomic
def suppress_all(
    emails: Iterable[str], *, reason: str, detail: str = "", actor: Actor, channel: str = Channel.EMAIL
) -> int:
    """Set form, for lists: a few statements for any number; a refusal that has no end stays as it is.

    Tells nobody of each single address.
    """
    require(actor, "outreach.suppress_address")
    wanted = [address.pk for address in addresses_for(list(emails), channel=channel).values()]
    rows = ChannelAddress.objects.filter(pk__in=wanted).exclude(
        suppressed_at__isnull=False, expires_at__isnull=True
    )
    # In the order of `addresses_for`, so that two lists with the same people never wait for each other.
    locked = list(rows.select_for_update().order_by("address_hmac").values_list("pk", flat=True))
    return ChannelAddress.objects.filter(pk__in=locked).update(
        suppressed_at=clock.now(), expires_at=None, reason=SuppressionReason(reason), detail=detail[:300]
    )


def _deepen(
    address: ChannelAddress, reason: SuppressionReason, detail: str, expires_at: datetime | None
) -> None:
    """A second refusal only ever adds: the later end, the graver reason."""
    if address.expires_at is not None:
        address.expires_at = None if expires_at is None else max(address.expires_at, expires_at)
    if GRAVITY[reason] > GRAVITY.get(SuppressionReason(address.reason), 0):
        address.reason, address.detail = reason, detail[:300]
