"""Rules of retention: of every kind of data that has one, what is older goes, once, and what is younger stays."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F

from agents.models import Thread
from agents.services.threads import start_thread
from crm.models import Contact, Document, ImportBatch, UsageEvent
from crm.services.documents import delete_document
from crm.services.pipelines import ensure_default_pipeline
from crm.tests.builders import a_contact, a_document
from crm.tests.import_builders import imported
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events.models import Delivery, EventRecord
from gtmos.kernel.exceptions import InvalidInputError, NotPermittedError
from gtmos.kernel.notifications.models import Notification
from gtmos.kernel.notifications.services import notify
from gtmos.kernel.people.models import Role
from gtmos.kernel.privacy import retention
from gtmos.kernel.privacy.models import RetentionRule
from gtmos.kernel.tests.builders import a_user, unguarded
from gtmos.kernel.workflows.models import WorkflowRun
from gtmos.kernel.workflows.services.workflows import create_workflow
from outreach.models import InboundMail
from outreach.services.inbound import store_mail

pytestmark = pytest.mark.django_db
MARK = "zqretainqz"
DAYS, OLD, YOUNG = 30, timedelta(days=31), timedelta(days=29)
numbers = iter(range(1_000_000))


def a_person(age: timedelta, actor: Actor) -> Any:
    person = a_contact(name=f"{MARK} {next(numbers)}", actor=actor)
    Contact.objects.filter(pk=person.pk).update(updated_at=clock.now() - age, created_at=clock.now() - age)
    return person


def a_file(age: timedelta, actor: Actor) -> Any:
    number = next(numbers)
    batch = imported(f"Company,City\n{MARK} {number} Ltd,Bonn\n".encode(), actor)
    ImportBatch.objects.filter(pk=batch.pk).update(finished_at=clock.now() - age)
    return batch


def some_usage(age: timedelta, actor: Actor) -> Any:
    del actor
    return UsageEvent.objects.create(
        source="app", external_id=f"{next(numbers)}", name=MARK, occurred_at=clock.now() - age
    )


def a_mail(age: timedelta, actor: Actor) -> Any:
    del actor
    raw = f"From: zoe@qx.example\nSubject: {MARK} {next(numbers)}\n\n{MARK}\n".encode()
    mail = store_mail(raw, sender="zoe@qx.example", recipients=["us@ours.example"])
    at = clock.now() - age
    InboundMail.objects.filter(pk=mail.pk).update(received_at=at, processed_at=at, text=MARK, subject=MARK)
    return mail


def a_deleted_document(age: timedelta, actor: Actor) -> Any:
    document = a_document(actor=actor, name=f"{MARK} {next(numbers)}.txt")
    delete_document(document, actor=actor)
    Document.objects.filter(pk=document.pk).update(deleted_at=clock.now() - age)
    return document


def a_thread(age: timedelta, actor: Actor) -> Any:
    thread = start_thread(actor=actor)
    Thread.objects.filter(pk=thread.pk).update(title=MARK, last_message_at=clock.now() - age)
    return thread


def a_fact(age: timedelta, actor: Actor) -> Any:
    del actor
    person = a_contact(name=f"{MARK} {next(numbers)}")
    record = EventRecord.objects.get(subject_id=person.pk, name="crm.contact_created")
    Delivery.objects.filter(event=record).update(state="done")
    with unguarded():
        EventRecord.objects.filter(pk=record.pk).update(happened_at=clock.now() - age)
    return record


def a_notification(age: timedelta, actor: Actor) -> Any:
    person = a_user()
    notify([person], kind="mention", title=MARK, key="old", actor=SYSTEM)
    Notification.objects.filter(person=person).update(created_at=clock.now() - age)
    del actor
    return Notification.objects.get(person=person)


def a_run(age: timedelta, actor: Actor) -> Any:
    """Of a workflow, at an event that is forgotten."""
    steps = [{"do": "stop", "with": {}}]
    workflow = create_workflow(f"{MARK} {next(numbers)}", event_name="crm.deal_won", steps=steps, actor=actor)
    at = clock.now() - age
    run = WorkflowRun(workflow=workflow, definition=workflow.newest, event_key=workflow.pk, state="done")
    run.started_at = run.finished_at = at
    run.save(force_insert=True)
    return run


# Of each kind: how one is made that is so old, and what of it is left where it was kept.
KINDS: dict[str, tuple[Callable[[timedelta, Actor], Any], Callable[[Any], bool]]] = {
    "crm.contacts": (a_person, lambda row: Contact.objects.filter(pk=row.pk, erased_at=None).exists()),
    "crm.import_files": (a_file, lambda row: ImportBatch.objects.exclude(path="").filter(pk=row.pk).exists()),
    "crm.deleted_documents": (
        a_deleted_document,
        lambda row: Document.objects.exclude(file="").filter(pk=row.pk).exists(),
    ),
    "crm.usage": (some_usage, lambda row: UsageEvent.objects.filter(pk=row.pk).exists()),
    "outreach.mails": (a_mail, lambda row: InboundMail.objects.exclude(raw=b"").filter(pk=row.pk).exists()),
    "agents.threads": (a_thread, lambda row: Thread.objects.filter(pk=row.pk).exists()),
    "kernel.notifications": (
        a_notification,
        lambda row: Notification.objects.filter(pk=row.pk).exists(),
    ),
    "kernel.workflow_runs": (a_run, lambda row: WorkflowRun.objects.filter(pk=row.pk).exists()),
    "kernel.events": (a_fact, lambda row: EventRecord.objects.filter(pk=row.pk).exists()),
}


@pytest.fixture
def me(settings: Any, tmp_path: Path) -> Actor:
    settings.MEDIA_ROOT = tmp_path
    ensure_default_pipeline(actor=SYSTEM)
    return Actor.of(a_user(role=Role.REVOPS))


def test_each_kind_with_a_rule_is_looked_at() -> None:
    assert set(retention.kinds()) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_older_goes_once_and_what_is_younger_stays(kind: str, me: Actor) -> None:
    make, is_there = KINDS[kind]
    old, young = make(OLD, me), make(YOUNG, me)
    (action,) = retention.kinds()[kind].actions
    retention.set_rule(kind, days=DAYS, action=action, is_active=False, actor=me)

    would_go, asleep = retention.preview(kind, DAYS), retention.apply_rules()
    both = (is_there(old), is_there(young))
    retention.set_rule(kind, days=DAYS, action=action, is_active=True, actor=me)
    went = (retention.apply_rules(), retention.apply_rules())

    assert (would_go, asleep, both) == (1, 0, (True, True))
    assert (went, is_there(old), is_there(young)) == ((1, 0), False, True)


def test_the_file_itself_is_gone_and_what_it_brought_in_stays(me: Actor, settings: Any) -> None:
    a_file(OLD, me)
    stored = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    retention.set_rule("crm.import_files", days=DAYS, action="delete", is_active=True, actor=me)

    retention.apply_rules()

    assert len(stored) > 0
    assert [path for path in stored if path.exists()] == []
    assert ImportBatch.objects.get().result["created"]["companies"] == 1


def test_of_an_old_mail_its_words_go_and_its_count_stays(me: Actor) -> None:
    mail = a_mail(OLD, me)
    retention.set_rule("outreach.mails", days=DAYS, action="empty", is_active=True, actor=me)

    retention.apply_rules()

    mail.refresh_from_db()
    assert (bytes(mail.raw), mail.text, mail.subject, mail.sender) == (b"", "", "", "")


def test_a_fact_that_somebody_still_waits_for_is_not_old_yet(me: Actor) -> None:
    record = a_fact(OLD, me)
    Delivery.objects.filter(event=record).update(state="waiting")
    waiting = Delivery.objects.filter(event=record, state="waiting").count()
    retention.set_rule("kernel.events", days=DAYS, action="delete", is_active=True, actor=me)

    retention.apply_rules()

    assert EventRecord.objects.filter(pk=record.pk).exists() is bool(waiting)


def test_what_is_more_than_a_batch_goes_in_several_turns(me: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_A_TIME", 20)
    UsageEvent.objects.bulk_create(
        UsageEvent(source="app", external_id=f"{MARK}{number}", name=MARK, occurred_at=clock.now() - OLD)
        for number in range(50)
    )
    retention.set_rule("crm.usage", days=DAYS, action="delete", is_active=True, actor=me)

    went = [retention.apply_rules() for _ in range(4)]

    assert went == [20, 20, 10, 0]


def test_a_rule_that_makes_no_sense_or_is_not_theirs_is_refused(me: Actor) -> None:
    seller = Actor.of(a_user(role=Role.AE))

    with pytest.raises(NotPermittedError):
        retention.set_rule("crm.usage", days=DAYS, action="delete", is_active=True, actor=seller)
    for kind, days, action in (
        ("nothing", 9, "delete"),
        ("crm.usage", 0, "delete"),
        ("crm.usage", 9, "erase"),
    ):
        with pytest.raises(InvalidInputError):
            retention.set_rule(kind, days=days, action=action, is_active=True, actor=me)
    assert RetentionRule.objects.count() == 0


def test_a_rule_that_looks_at_the_wrong_time_is_found(me: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kept rows of the tests above are young for a reason: without it the young one would go too."""
    young = some_usage(YOUNG, me)
    careless = retention.Kept(
        "crm.usage",
        "Usage",
        lambda before: UsageEvent.objects.filter(occurred_at__lt=F("received_at")),
        {"delete": retention.delete},
    )
    monkeypatch.setitem(retention._kept, "crm.usage", careless)
    retention.set_rule("crm.usage", days=DAYS, action="delete", is_active=True, actor=me)

    retention.apply_rules()

    assert UsageEvent.objects.filter(pk=young.pk).exists() is False
