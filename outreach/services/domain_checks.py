"""Asking the domain system about our domains, outside any transaction, and writing down what it said."""

from django.db import transaction

from gtmos.kernel import clock, events, history, live
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.records import save_changes
from outreach.channels.names import Asked, SandboxNames, name_server
from outreach.events import SendingDomainChecked
from outreach.governor.checking import check_domain
from outreach.governor.verdicts import Check
from outreach.models import SendingDomain
from outreach.selectors.domains import due_domains
from outreach.services.domains import CATEGORY

AT_A_TIME = 20
NOTED = ("checks", "answered_by", "checked_at", "wanted_at")


def check_due_domains() -> int:
    """Look at what is due; returns how many. Side by side two may ask the same, and write the same."""
    names = name_server()
    due = list(due_domains(clock.now()).order_by("checked_at", "name")[:AT_A_TIME])
    return sum(_check(domain, names) for domain in due)


def _check(domain: SendingDomain, names: Asked | SandboxNames) -> bool:
    found = check_domain(domain.name, selector=domain.dkim_selector, source=domain.spf_source, names=names)
    return _note(domain, found, names.label)


@transaction.atomic
def _note(read: SendingDomain, found: list[Check], answered_by: str) -> bool:
    """Nothing is written of a domain that was changed while it was asked about: it is still due."""
    domain = SendingDomain.objects.select_for_update().get(pk=read.pk)
    if domain.version != read.version:
        return False
    before = {each["key"]: each["state"] for each in domain.checks}
    after = {each.key: each.state for each in found}
    domain.checks = [each.as_row() for each in found]
    domain.answered_by, domain.checked_at, domain.wanted_at = answered_by, clock.now(), None
    save_changes(domain, *NOTED)
    live.push(f"domain:{domain.pk}")
    if before == after:
        return True
    before = {key: before.get(key, "") for key in after}
    history.record(domain, before=before, after=after, actor=SYSTEM, category=CATEGORY)
    failing = tuple(sorted(key for key, state in after.items() if state == "fail"))
    events.publish(SendingDomainChecked(domain_id=domain.pk, failing=failing), subject=domain, actor=SYSTEM)
    return True
