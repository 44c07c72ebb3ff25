"""Links that wait for a record, found by what files call it."""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from crm.models import Company, Contact, PendingLink
from gtmos.kernel.actors import Actor

BY_ADDRESS = "e-mail"  # stands as the system of a person who is named by their address
BY_NAME = "name"  # stands as the system of a company that is named by its name
NAME_LENGTH = 320
AT_ONCE = 200  # what is left then is tied by the next import
Called = tuple[str, str, str]  # as what it is named, in which system, by which key
Found = list[tuple[PendingLink, Company | Contact]]


def tie_what_waited(
    records: Sequence[Company | Contact], *, actor: Actor, cause_id: UUID | None = None
) -> int:
    """Records that were just made, or are called otherwise now: one question, and a verb for each link."""
    found = _waiting_for(records)
    if not found:
        return 0
    from crm.services.tying import tie  # noqa: PLC0415 -- the verbs that tie come here themselves

    return tie(found, actor=actor, cause_id=cause_id)


def _waiting_for(records: Iterable[Company | Contact]) -> Found:
    """The main links first."""
    wanted: dict[Called, Company | Contact] = {}
    for record in records:
        for called in _called(record):
            wanted.setdefault(called, record)
    if not wanted:
        return []
    targets, systems, keys = (set(each) for each in zip(*wanted, strict=True))
    links = PendingLink.objects.filter(
        tied_by=None, target_type__in=targets, system__in=systems, key__in=keys
    )
    first = links.order_by("place")[:AT_ONCE]
    known = ((link, wanted.get((link.target_type, link.system, link.key))) for link in first)
    return [(link, record) for link, record in known if record is not None and record.pk != link.record_id]


def _called(record: Company | Contact) -> Iterator[Called]:
    """A record without a system is one of plain lists."""
    system, key = record.external_source or "plain", record.external_id
    if isinstance(record, Contact):
        if record.email_key:
            yield "contact", BY_ADDRESS, record.email_key
        if key:
            yield "contact", system, key
        return
    yield "parent", BY_NAME, record.name.lower()[:NAME_LENGTH]
    if key:
        yield "company", system, key
        yield "parent", system, key
