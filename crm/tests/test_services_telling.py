"""Records that come in sets are told to other systems one by one, and inside as one."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from crm.models import Activity, Company, Contact, Signal
from crm.services.activities import delete_activity, log_activity
from crm.services.activity_batches import log_activities
from crm.services.batch_rows import Row
from crm.services.batches import write_batch
from crm.services.companies import update_company
from crm.services.deals import delete_deal
from crm.services.import_undo import undo_import
from crm.services.objections import delete_objection, record_objection
from crm.services.signals import NewSignal, record_signals
from crm.services.tasks import delete_task
from crm.tests.builders import a_company, a_deal, a_task
from crm.tests.import_builders import imported
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events.models import Delivery, EventRecord
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_user
from gtmos.kernel.tests.receivers import Receiver, receiving
from gtmos.kernel.webhooks import sending
from gtmos.kernel.webhooks.models import WebhookDelivery
from gtmos.kernel.webhooks.services import create_webhook

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("import_files")]
LIST = b"Company name,Domain\n" + b"".join(b"C %d,c%d.example\n" % (n, n) for n in range(40))


@pytest.fixture
def me() -> Actor:
    return Actor.of(a_user())


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.OUTGOING_PRIVATE_HOSTS = ("127.0.0.1",)
    with receiving(Receiver()) as running:
        yield running


def a_webhook(receiver: Receiver, *names: str) -> None:
    create_webhook("Warehouse", url=receiver.url, event_names=names, actor=SYSTEM)


def told(receiver: Receiver) -> list[tuple[str, str]]:
    while sending.send_waiting():
        continue
    messages = [json.loads(body) for _, body in receiver.seen]
    return [(message["type"], message["subject"]["id"]) for message in messages if message["subject"]]


def test_each_record_of_a_list_is_told_once_to_who_asked_for_such_records(receiver, me):
    a_webhook(receiver, "crm.company_created")

    imported(LIST, me)

    names = {str(each.pk) for each in Company.objects.all()}
    found = told(receiver)
    assert (len(found), {kind for kind, _ in found}) == (40, {"crm.company_created"})
    assert {key for _, key in found} == names
    data = json.loads(receiver.seen[0][1])["data"]
    assert list(data) == ["company_id"]


def test_what_a_second_list_changes_is_told_as_changed_with_its_fields(receiver, me):
    imported(LIST, me)
    a_webhook(receiver, "crm.company_changed")

    imported(b"Company name,Domain,City\nC 1,c1.example,Oslo\nC 2,c2.example,\nNew,new.example,Rome\n", me)

    assert told(receiver) == [("crm.company_changed", str(Company.objects.get(name="C 1").pk))]
    assert "city" in json.loads(receiver.seen[0][1])["data"]["fields"]


def test_where_nobody_asks_no_fact_is_written_for_each_and_inside_there_is_one(receiver, me):
    a_webhook(receiver, "crm.deal_won")

    imported(LIST, me)

    facts = Counter(EventRecord.objects.values_list("name", flat=True))
    assert (facts["crm.company_created"], facts["crm.import_finished"]) == (0, 1)
    assert WebhookDelivery.objects.count() == 0


def test_inside_nobody_is_told_of_each_although_a_webhook_is(receiver, me):
    a_webhook(receiver, "crm.*")

    imported(LIST, me)

    subscribers = Counter(Delivery.objects.values_list("event__name", flat=True))
    assert subscribers["crm.company_created"] == 0
    assert Counter(WebhookDelivery.objects.values_list("event__name", flat=True))["crm.company_created"] == 40


def test_a_batch_of_the_api_tells_of_each_row_once_however_it_was_written(receiver, me):
    a_company(actor=me, name="Known", domain="known.example")
    a_webhook(receiver, "crm.company_created", "crm.company_changed")
    values = [{"name": f"New {number}", "domain": f"new{number}.example"} for number in range(20)]
    known = {"name": "Known", "domain": "known.example", "city": "Oslo"}
    twice = {"name": "New 3", "domain": "new3.example", "city": "Rome"}

    write_batch(
        "company",
        [Row(values=each, key=each["domain"]) for each in (*values, known, twice)],
        operation="upsert",
        match_on="domain",
        actor=me,
    )

    found = Counter(told(receiver))
    created = {key for kind, key in found if kind == "crm.company_created"}
    assert set(found.values()) == {1}
    assert created == {str(key) for key in Company.objects.exclude(name="Known").values_list("pk", flat=True)}
    assert ("crm.company_changed", str(Company.objects.get(name="Known").pk)) in found


def test_what_somebody_changes_afterwards_is_told_after_the_list(receiver, me):
    a_webhook(receiver, "crm.company_created", "crm.company_changed")
    imported(LIST, me)
    company = Company.objects.get(name="C 7")

    update_company(company, changes={"city": "Oslo"}, actor=me)

    assert [kind for kind, key in told(receiver) if key == str(company.pk)] == [
        "crm.company_created",
        "crm.company_changed",
    ]


def signals_of(company: Company, *details: str) -> list[NewSignal]:
    return [
        NewSignal(company, "funding", "news", date(2026, 11, 1), detail=f"Round {each}") for each in details
    ]


def test_each_new_signal_is_told_and_one_that_is_known_is_not(receiver, me):
    company = a_company(actor=me)
    record_signals(signals_of(company, "A"), actor=me)
    a_webhook(receiver, "crm.signal_recorded")

    assert record_signals(signals_of(company, "A", "B", "C", "C"), actor=me) == 2

    known = {str(key) for key in Signal.objects.exclude(detail="Round A").values_list("pk", flat=True)}
    assert sorted(told(receiver)) == sorted(("crm.signal_recorded", key) for key in known)
    assert json.loads(receiver.seen[0][1])["data"] | {"signal_id": ""} == {
        "signal_id": "",
        "company_id": str(company.pk),
        "type": "funding",
    }
    assert EventRecord.objects.filter(name="crm.signals_recorded").count() == 2


def test_each_activity_of_a_set_is_told_once(receiver, me):
    a_webhook(receiver, "crm.activity_logged")
    sent = [
        Activity(type="email", subject=f"M {number}", happened_at=clock.now(), source_id=uuid4())
        for number in range(30)
    ]

    assert (log_activities(sent, actor=me), log_activities(sent, actor=me)) == (30, 0)

    assert sorted(told(receiver)) == sorted(("crm.activity_logged", str(each.pk)) for each in sent)
    assert Delivery.objects.filter(event__name="crm.activity_logged").count() == 0


def test_what_is_deleted_is_told_with_the_key_it_had(receiver, me):
    deal, task = a_deal(actor=me), a_task(actor=me)
    activity = log_activity(type="call", subject="Call", actor=me, deal=deal)
    objection = record_objection(category="price", text="Dear", deal=deal, actor=me)
    gone = [("activity", activity), ("objection", objection), ("task", task), ("deal", deal)]
    expected = [(f"crm.{noun}_deleted", str(record.pk)) for noun, record in gone]
    a_webhook(receiver, *[name for name, _ in expected])

    delete_activity(activity, actor=me)
    delete_objection(objection, actor=me)
    delete_task(task, actor=me)
    delete_deal(deal, actor=me)

    assert sorted(told(receiver)) == sorted(expected)
    assert [list(json.loads(body)["data"].values()) for _, body in receiver.seen] == [
        [json.loads(body)["subject"]["id"]] for _, body in receiver.seen
    ]


def test_what_goes_with_an_import_is_told_one_by_one(receiver):
    revops = Actor.of(a_user(role=Role.REVOPS))
    batch = imported(b"Full name,Email,Company name,Domain\nAnn Lee,ann@c1.example,C 1,c1.example\n", revops)
    company, contact = Company.objects.get(), Contact.objects.get()
    record_signals(signals_of(company, "A", "B"), actor=revops, cause_id=batch.pk)
    signals = [str(key) for key in Signal.objects.values_list("pk", flat=True)]
    a_webhook(receiver, "crm.company_deleted", "crm.contact_deleted", "crm.signal_deleted")

    undo_import(batch, actor=revops)

    assert (Company.objects.count(), Contact.objects.count(), Signal.objects.count()) == (0, 0, 0)
    assert sorted(told(receiver)) == sorted(
        [
            ("crm.company_deleted", str(company.pk)),
            ("crm.contact_deleted", str(contact.pk)),
            *(("crm.signal_deleted", key) for key in signals),
        ]
    )


def test_where_nobody_asks_nothing_is_written_for_each_of_a_set(receiver, me):
    a_webhook(receiver, "crm.deal_won")
    company = a_company(actor=me)

    record_signals(signals_of(company, "A", "B"), actor=me)

    assert EventRecord.objects.filter(name="crm.signal_recorded").count() == 0
