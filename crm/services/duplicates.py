"""Finding pairs that may be one record: in batches, for what has changed since the last look."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from crm.enums import PairState
from crm.events import DuplicateDismissed
from crm.models import Company, Contact, DuplicatePair, DuplicateSearch
from crm.scoring.duplicates import (
    SHOWN_FROM,
    Firm,
    Likeness,
    Person,
    companies_alike,
    contacts_alike,
    mailbox_of,
)
from gtmos.kernel import clock, events, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import require

AT_A_TIME = 300
# A transaction that was open at the last look may commit older moments.
OVERLAP = timedelta(minutes=1)
SIMILAR_ENOUGH = "0.6"  # for the database to propose; `crm.scoring.duplicates` decides
NEAR_COMPANIES = """
SELECT mine.id, near.id FROM crm_company mine JOIN crm_company near
ON near.id <> mine.id AND near.name_key %% mine.name_key WHERE mine.id = ANY(%s)
"""
NEAR_CONTACTS = """
SELECT mine.id, near.id FROM crm_contact mine JOIN crm_contact near
ON near.id <> mine.id AND near.company_id = mine.company_id AND similarity(near.name, mine.name) >= %s
WHERE mine.id = ANY(%s)
UNION SELECT mine.id, near.id FROM crm_contact mine JOIN crm_contact near
ON near.id <> mine.id AND near.linkedin_key = mine.linkedin_key AND near.linkedin_key <> ''
WHERE mine.id = ANY(%s)
"""


def find_duplicates(*, batches: int = 10) -> int:
    """Returns how many changed records were looked at."""
    return sum(_find(kind, batches) for kind in (Company, Contact))


def _find(model: type[Company | Contact], batches: int) -> int:
    total = 0
    for _ in range(batches):
        done = _find_batch(model)
        total += done
        if done < AT_A_TIME:
            break
    return total


@transaction.atomic
def _find_batch(model: Any) -> int:
    kind = model._meta.model_name
    DuplicateSearch.objects.get_or_create(subject_type=kind)
    # One searcher at a time; the row says where it goes on.
    place = DuplicateSearch.objects.select_for_update().get(subject_type=kind)
    rows = list(_changed(model, place).values_list("pk", "updated_at")[:AT_A_TIME])
    if not rows:
        return 0
    _renew(model, [key for key, _ in rows])
    full = len(rows) == AT_A_TIME
    last_id, last_at = rows[-1]
    # At the end of the list the next look begins a little earlier, for what is committed late.
    settled = timezone.now() - OVERLAP
    place.changed_at, place.last_id = (last_at, last_id) if full or last_at < settled else (settled, None)
    place.save(update_fields=["changed_at", "last_id"])
    return len(rows)


def _changed(model: Any, place: DuplicateSearch) -> Any:
    rows = model.objects.order_by("updated_at", "pk")
    if place.changed_at is None:
        return rows
    later = Q(updated_at__gt=place.changed_at)
    return rows.filter(
        later | Q(updated_at=place.changed_at, pk__gt=place.last_id) if place.last_id else later
    )


def _renew(model: Any, keys: list[UUID]) -> None:
    """What was dismissed stays dismissed; open pairs are made anew from the present values."""
    column = model._meta.model_name
    of_these = Q(**{f"{column}__in": keys}) | Q(**{f"other_{column}__in": keys})
    DuplicatePair.objects.filter(of_these, state=PairState.OPEN).delete()
    keep_pairs(model, _near(model, keys))


def keep_pairs(model: Any, near: set[tuple[UUID, UUID]]) -> list[tuple[UUID, UUID]]:
    """Of pairs that came near those that are probably one stand in the queue; returns them."""
    column = model._meta.model_name
    found = _alike(model, near)
    pairs = [
        DuplicatePair(
            **{f"{column}_id": one, f"other_{column}_id": other}, score=like.score, reasons=list(like.reasons)
        )
        for (one, other), like in found.items()
    ]
    DuplicatePair.objects.bulk_create(pairs, ignore_conflicts=True)
    return list(found)


def _near(model: Any, keys: list[UUID]) -> set[tuple[UUID, UUID]]:
    with connection.cursor() as cursor:
        if model is Company:
            cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [SIMILAR_ENOUGH])
            cursor.execute(NEAR_COMPANIES, [keys])
        else:
            cursor.execute(NEAR_CONTACTS, [float(SIMILAR_ENOUGH), keys, keys])
        found = {(min(pair), max(pair)) for pair in cursor.fetchall()}
    return found if model is Company else found | same_mailbox(keys)


def same_mailbox(keys: list[UUID]) -> set[tuple[UUID, UUID]]:
    mine = Contact.objects.filter(pk__in=keys).exclude(email_key="").values_list("pk", "email_key")
    wanted = {mailbox_of(email): key for key, email in mine if mailbox_of(email) != email}
    others = Contact.objects.filter(email_key__in=list(wanted)).values_list("email_key", "pk")
    return {
        (min(wanted[email], key), max(wanted[email], key)) for email, key in others if wanted[email] != key
    }


def _alike(model: Any, pairs: set[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], Likeness]:
    keys = {key for pair in pairs for key in pair}
    values = firms(keys) if model is Company else people(keys)
    compare: Any = companies_alike if model is Company else contacts_alike
    found = {pair: compare(values[pair[0]], values[pair[1]]) for pair in pairs if set(pair) <= values.keys()}
    return {pair: like for pair, like in found.items() if like.score >= SHOWN_FROM}


def firms(keys: set[UUID]) -> dict[UUID, Any]:
    rows = Company.objects.filter(pk__in=keys).values_list(
        "pk", "name_key", "city_key", "domain", "country_hq"
    )
    return {key: Firm(*rest) for key, *rest in rows}


def people(keys: set[UUID]) -> dict[UUID, Any]:
    rows: Any = Contact.objects.filter(pk__in=keys)
    columns = rows.values_list("pk", "name", "email_key", "linkedin_key", "company_id", "phone")
    return {
        key: Person(name, email, linkedin, str(company or ""), phone)
        for key, name, email, linkedin, company, phone in columns
    }


@transaction.atomic
def dismiss_pair(pair: DuplicatePair, *, actor: Actor) -> DuplicatePair:
    """They are not the same; the pair is not proposed again."""
    pair = DuplicatePair.objects.select_for_update().get(pk=pair.pk)
    one: Any = pair.company or pair.contact
    other: Any = pair.other_company or pair.other_contact
    for record in (one, other):
        require(actor, "crm.merge_records", record)
    if pair.state == PairState.DISMISSED:
        return pair
    pair.state, pair.decided_by, pair.decided_at = PairState.DISMISSED, actor.label[:150], clock.now()
    pair.save(update_fields=["state", "decided_by", "decided_at", "updated_at"])
    history.record(
        one,
        before={"not_the_same_as": None},
        after={"not_the_same_as": {"id": other.pk, "name": str(other)}},
        actor=actor,
        category="DUPLICATES",
        summary=f"Not the same as {other}",
    )
    events.publish(DuplicateDismissed(pair_id=pair.pk), subject=one, actor=actor)
    return pair
