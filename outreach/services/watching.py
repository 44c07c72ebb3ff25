"""Mailboxes whose mails come back too often stop by themselves; a person lets them go on."""

from django.db import transaction
from django.urls import reverse

from gtmos.kernel import clock, events, live
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.notifications.kinds import kind
from gtmos.kernel.notifications.services import notify
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import require
from outreach.events import MailboxPaused
from outreach.governor.rates import STOP, gravest
from outreach.models import Mailbox
from outreach.selectors.returns import returns_of, said
from outreach.services.mailboxes import save_mailbox

STOPPED = kind("mailbox_stopped", label="A mailbox stops by itself", default_mail=True).name
BEGINNING = "Stopped by itself. "


def watch_mailboxes() -> int:
    """Stop those that must; returns how many."""
    return sum(_watch(box) for box in Mailbox.objects.filter(is_active=True).order_by("pk"))


@transaction.atomic
def _watch(seen: Mailbox) -> bool:
    """Counted again under the lock, so that a mailbox that was let go on meanwhile is not stopped for what was before."""
    box = Mailbox.objects.select_for_update().get(pk=seen.pk)
    now = clock.now()
    returns = returns_of([box], now)[box.pk]
    level, limit = gravest(returns)
    if not box.is_active or level != STOP:
        return False
    reason = f"{BEGINNING}{said(returns, limit)}"[:300]
    box = save_mailbox(box, changes={"is_active": False, "paused_reason": reason}, actor=SYSTEM)
    events.publish(
        MailboxPaused(mailbox_id=box.pk, kind=limit.kind, reason=reason), subject=box, actor=SYSTEM
    )
    _tell(box)
    if box.domain_id:
        live.push(f"domain:{box.domain_id}")
    return True


def _tell(box: Mailbox) -> None:
    """Its owner; without one, those who configure."""
    everybody = [] if box.owner else User.objects.filter(is_active=True)
    people = [box.owner] if box.owner else [each for each in everybody if each.may_configure]
    notify(
        people,
        kind=STOPPED,
        title=f"{box.address} stopped sending",
        text=box.paused_reason,
        url=reverse("outreach:domains"),
        key=f"mailbox-stopped:{box.pk}:{box.version}",
        actor=SYSTEM,
    )


@transaction.atomic
def resume_mailbox(mailbox: Mailbox, *, actor: Actor) -> Mailbox:
    """A person has looked; what came back before does not count any more."""
    require(actor, "outreach.configure_mailboxes", mailbox)
    box = Mailbox.objects.select_for_update().get(pk=mailbox.pk)
    if box.is_active:
        raise DomainError(f"{box.address} is on already.", code="same_state")
    box = save_mailbox(box, changes={"is_active": True}, actor=actor)
    if box.domain_id:
        live.push(f"domain:{box.domain_id}")
    return box
