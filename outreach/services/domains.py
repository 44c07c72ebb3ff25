"""The domains we send from: made with a mailbox, told what to expect, asked about again."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from gtmos.kernel import clock, history, jobs, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from outreach.channels.email.addresses import ascii_host
from outreach.governor.limits import MOST_A_DAY
from outreach.models import SendingDomain

EDITABLE = frozenset({"dkim_selector", "spf_source", "daily_cap"})
CATEGORY = "DOMAIN"
JOB = "outreach.check_domains"


@transaction.atomic
def ensure_domain(address: str, *, actor: Actor) -> SendingDomain:
    """The domain of this address; made, and looked at soon, when it is the first of it."""
    require(actor, "outreach.configure_mailboxes")
    name = ascii_host(address.rpartition("@")[2].strip())
    domain, is_new = SendingDomain.objects.get_or_create(name=name)
    if is_new:
        history.record_creation(domain, actor=actor)
        jobs.enqueue(JOB)
    return domain


@transaction.atomic
def update_domain(domain: SendingDomain, *, changes: dict[str, Any], actor: Actor) -> SendingDomain:
    """What the checks expect; the domain is looked at again by what is written now."""
    require(actor, "outreach.configure_domains", domain)
    unknown = sorted(set(changes) - EDITABLE)
    if unknown:
        raise InvalidInputError(f"A sending domain has no {', '.join(unknown)}.", code="unknown_field")
    domain = SendingDomain.objects.select_for_update().get(pk=domain.pk)
    before = history.changed_values(domain, changes)
    for name, value in changes.items():
        setattr(domain, name, value.strip().rstrip(".").lower() if isinstance(value, str) else value)
    _check(domain)
    after = {name: getattr(domain, name) for name in changes}
    if history.record(domain, before=before, after=after, actor=actor, category=CATEGORY):
        _want(domain, *changes)
    return domain


@transaction.atomic
def ask_for_check(domain: SendingDomain, *, actor: Actor) -> SendingDomain:
    """Look at the records as soon as a worker is free, not only tomorrow."""
    require(actor, "outreach.configure_domains", domain)
    domain = SendingDomain.objects.select_for_update().get(pk=domain.pk)
    if domain.wanted_at is None:
        _want(domain)
    return domain


def _want(domain: SendingDomain, *changed: str) -> None:
    domain.wanted_at = clock.now()
    save_changes(domain, "wanted_at", *changed)
    jobs.enqueue(JOB)
    live.push(f"domain:{domain.pk}")


def _check(domain: SendingDomain) -> None:
    try:
        domain.clean_fields()
    except ValidationError as error:
        raise InvalidInputError(" ".join(error.messages), code="bad_domain") from error
    if (domain.daily_cap or 0) > MOST_A_DAY:
        raise InvalidInputError(f"A domain sends at most {MOST_A_DAY:,} mails a day.", code="bad_domain")
