"""What the customer record holds of people, and how it is emptied."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce, Now

from crm import models as ours
from crm.services.document_words import read_all_documents
from crm.services.documents import clear_files, take_out_words
from crm.services.import_erasing import lines_about, paths_of, speaks, take_out
from crm.services.privacy import erase_person, idle_contacts
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.privacy import retention
from gtmos.kernel.privacy.emptying import empty, empty_rows
from gtmos.kernel.privacy.finding import speaking
from gtmos.kernel.privacy.holdings import Holding, Person, impersonal, register

PERSON = Holding(
    ours.Contact,
    "Contact",
    of=lambda person: Q(pk=person.key),
    puts={"name": "Erased person", "do_not_email": True, "do_not_call": True, "is_primary": False},
    spoken=False,
)


def _empty_person(keys: list[Any], person: Person, *, reason: str, actor: Actor) -> int:
    del person, reason, actor
    done = empty_rows(PERSON, keys)
    now = clock.now()
    ours.Contact.objects.filter(pk__in=keys).update(
        erased_at=now, email_status="unknown", seniority="", influence_role="unknown", authority_override=None
    )
    return done


def _of_files(person: Person) -> Q:
    """A file is looked through line by line; so many are few enough to be read."""
    about = [batch.pk for batch in ours.ImportBatch.objects.exclude(path="") if speaks(batch, person.words)]
    return Q(pk__in=about)


def _take_out(keys: list[Any], person: Person, *, reason: str, actor: Actor) -> int:
    del reason, actor
    for batch in ours.ImportBatch.objects.filter(pk__in=keys):
        take_out(batch, person.words)
    return empty(FILES_SPOKEN, keys, person)


def _by_contact(person: Person) -> Q:
    return Q(contact_id=person.key)


FILE_WORDS = frozenset(
    {"path", "rejected_path", "digest", "into", "shape", "encoding", "delimiter", "mapping"}
)
FILES_SPOKEN = Holding(ours.ImportBatch, "Imported files", keeps=FILE_WORDS)
register(
    Holding(
        PERSON.model,
        PERSON.title,
        of=PERSON.of,
        puts=PERSON.puts,
        spoken=False,
        erase=_empty_person,
    )
)
register(
    Holding(
        ours.Activity,
        "Activities",
        of=_by_contact,
        keeps=frozenset({"source_type"}),
        puts={"subject": "Erased"},
    )
)
register(
    Holding(ours.Task, "Tasks", of=_by_contact, keeps=frozenset({"source_type"}), puts={"title": "Erased"})
)
register(Holding(ours.Objection, "Objections", of=_by_contact))
register(
    Holding(
        ours.Alert, "Alerts", of=_by_contact, keeps=frozenset({"kind", "fact_key"}), puts={"what": "Erased"}
    )
)
READING_WORDS = frozenset({"model", "employee_name"})
register(Holding(ours.Reading, "Readings of notes", of=_by_contact, keeps=READING_WORDS))
register(
    Holding(
        ours.Proposal,
        "Changes found in notes",
        of=lambda person: Q(record_id=person.key) | Q(reading__contact_id=person.key),
        keeps=frozenset({"record_type", "field"}),
    )
)
DOCUMENT_WORDS = frozenset({"subject_type", "media_type", "digest", "file", "words_fault"})


def _clear_documents(keys: list[Any], person: Person, *, reason: str, actor: Actor) -> int:
    """Their own documents go with their files; of others only what names them."""
    del reason, actor
    rows = ours.Document.objects.filter(pk__in=keys)
    own = Q(subject_type="contact", subject_id=person.key)
    return clear_files(rows.filter(own)) + take_out_words(rows.exclude(own), person.words)


def _of_documents(person: Person) -> Q:
    read_all_documents()
    named = speaking(ours.Document.objects.all(), ["name", "words"], {*person.words, str(person.key)})
    return Q(subject_type="contact", subject_id=person.key) | Q(pk__in=named.values("pk"))


register(Holding(ours.Document, "Documents", of=_of_documents, keeps=DOCUMENT_WORDS, erase=_clear_documents))
register(Holding(ours.Meeting, "Meetings"))
impersonal("Who is named or invited, by key.", ours.MeetingAttendee, ours.Mention)
impersonal("Until when a colleague has read, by key.", ours.MessagesRead)
register(Holding(ours.ColleagueMessage, "Messages of colleagues", of=_by_contact))
register(Holding(ours.Signal, "Signals", of=_by_contact, keeps=frozenset({"type", "source"})))
register(
    Holding(
        ours.UsageEvent,
        "Usage",
        of=lambda person: Q(contact_id=person.key) | Q(contact_email__in=person.words),
        keeps=frozenset({"source", "name", "company_domain"}),
    )
)
register(
    Holding(
        ours.ImportBatch,
        "Imported files",
        of=_of_files,
        keeps=FILE_WORDS,
        erase=_take_out,
        lines=lambda batch, person: lines_about(batch, person.words),
    )
)
register(Holding(ours.Company, "Companies", keeps=frozenset({"name", "name_key", "domain", "website_url"})))
register(Holding(ours.Deal, "Deals"))
# What was merged can no longer be taken apart: there is nothing left to make the other record of.
register(
    Holding(
        ours.Merge,
        "Merges",
        of=lambda person: Q(kept_id=person.key) | Q(absorbed_id__in=person.keys),
        keeps=frozenset({"subject_type", "user_name"}),
        puts={"undone_at": Coalesce("undone_at", Now()), "undone_notes": ["Erased."]},
    )
)
register(
    Holding(
        ours.DuplicatePair,
        "Likely duplicates",
        of=lambda person: Q(contact_id=person.key) | Q(other_contact_id=person.key),
        keeps=frozenset({"decided_by"}),
    )
)
register(
    Holding(
        ours.SourceKey,
        "Keys in other systems",
        of=lambda person: Q(record_id=person.key),
        keeps=frozenset({"record_type", "system"}),
        spoken=False,
    )
)
register(
    Holding(
        ours.PendingLink,
        "Links that wait for their record",
        of=lambda person: Q(record_id=person.key) | Q(key__in=person.words),
        keeps=frozenset({"record_type", "target_type", "system"}),
    )
)
impersonal("How far a search has come.", ours.DuplicateSearch)
impersonal("What a colleague called a group of files.", ours.ImportMove)
impersonal("Names of columns, and who of the house chose their fields.", ours.RememberedMapping)
impersonal("Sums of deals.", ours.ForecastSnapshot)
impersonal(
    "Configuration.", ours.Pipeline, ours.Stage, ours.StageCriterion, ours.ExchangeRate, ours.AlertRule
)
impersonal("People of the house.", ours.AccountTeamMember, ours.RoutingTurn)
impersonal("Rules of the house.", ours.RoutingVersion)
impersonal("Which company is on which list.", ours.TargetAccount)
register(
    Holding(
        ours.BulkEdit,
        "Bulk edits",
        keeps=frozenset({"noun", "keys", "field", "operation", "state", "causes"}),
    )
)
register(Holding(ours.TargetList, "Target lists", keeps=frozenset({"name"})))


def _old_files(before: datetime) -> QuerySet[Any]:
    return ours.ImportBatch.objects.filter(finished_at__lt=before).exclude(path="")


def _delete_files(rows: QuerySet[Any]) -> object:
    for batch in rows:
        for path in paths_of(batch):
            path.unlink(missing_ok=True)
    return rows.update(path="", rejected_path="")


def _old_usage(before: datetime) -> QuerySet[Any]:
    return ours.UsageEvent.objects.filter(occurred_at__lt=before)


def _deleted_documents(before: datetime) -> QuerySet[Any]:
    return ours.Document.objects.filter(deleted_at__lt=before).exclude(file="")


def _erase_idle(rows: QuerySet[Any]) -> object:
    return [erase_person(contact, reason="Retention", actor=SYSTEM) for contact in rows]


for kept in (
    retention.Kept("crm.import_files", "Imported files", _old_files, {"delete": _delete_files}),
    retention.Kept("crm.deleted_documents", "Deleted documents", _deleted_documents, {"delete": clear_files}),
    retention.Kept("crm.usage", "Usage", _old_usage, {"delete": retention.delete}),
    retention.Kept("crm.contacts", "People without contact", idle_contacts, {"erase": _erase_idle}),
):
    retention.register(kept)
