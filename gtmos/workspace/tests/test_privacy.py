"""A mark in every text that can be held about a person: all exported, none left after the erasure."""

import json
import os
import subprocess
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import redis
from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.test import Client
from django.utils import timezone

from crm.models import Contact, Document, DuplicatePair, ImportBatch
from crm.services.contacts import update_contact
from crm.services.pipelines import ensure_default_pipeline
from crm.services.privacy import erase_person, export_person
from crm.tests.builders import a_contact
from crm.tests.import_builders import imported
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import Role
from gtmos.kernel.privacy import retention
from gtmos.kernel.privacy.holdings import TEXTS, Holding, emptied, holdings, is_impersonal
from gtmos.kernel.privacy.models import PrivacyRequest
from gtmos.kernel.secrets import SealedField
from gtmos.kernel.tests.builders import a_user, unguarded
from gtmos.runtime.binaries import find_binaries
from outreach.enums import TouchState
from outreach.models import ChannelAddress, Touch
from outreach.selectors.performance import performance
from outreach.selectors.readiness import refusals
from outreach.tests.campaign_builders import a_campaign, a_touch, running

EMAIL = "zoe@qx.example"
NAME = "Zoe Quarx"
FILE = b"""Company,Name,Email,Note
Qx Ltd,Zoe Quarx,zoe@qx.example,zq0lineqz
Qx Ltd,Other One,other@qx.example,stays
"""
SHORTEST = 24
OURS = {"kernel", "context", "crm", "outreach", "agents", "workspace", "issues", "journeys"}
KEYS = {"subject_id", "entity_id", "kept_id"}


class Rows:
    """One row of each table, as much about the person as its columns allow."""

    def __init__(self, person: Contact) -> None:
        self.person = person
        self.made: dict[type[models.Model], models.Model] = {Contact: person}
        self.numbers = count(1)
        self.marks: dict[str, str] = {}

    def of(self, model: type[models.Model]) -> models.Model:
        if model not in self.made:
            values = {
                column.name: value
                for column in model._meta.concrete_fields
                if not column.generated and (value := self._value(column)) is not None
            }
            self.made[model] = row = model(**values)
            models.Model.save(row, force_insert=True)
        return self.made[model]

    def _value(self, column: Any) -> Any:
        if column.is_relation:
            is_needed = not column.null or column.related_model._meta.label in {
                "crm.Contact",
                "outreach.Touch",
            }
            return self.of(column.related_model) if is_needed else None
        if column.name in KEYS:
            return self.person.pk
        if column.primary_key or column.null or column.has_default():
            return None
        return self._plain(column)

    def _plain(self, column: Any) -> Any:
        kind = column.get_internal_type()
        if column.choices:
            return column.choices[0][0]
        if isinstance(column, SealedField):
            return ""
        if column.name == "vector":
            return [0.5] * 384
        plain = {
            "DateField": timezone.now().date(),
            "DateTimeField": timezone.now(),
            "UUIDField": self.person.pk,
        }
        if kind in plain:
            return plain[kind]
        if kind == "TimeField":
            return timezone.now().time()
        if kind in TEXTS:
            return b"" if kind == "BinaryField" else f"t{next(self.numbers)}"[: column.max_length or 9]
        return 1

    def mark(self, holding: Holding) -> None:
        """A mark of its own in every column that is to be emptied; beside the address where only it tells."""
        row = self.of(holding.model)
        values = {}
        for column in emptied(holding):
            if column.max_length and column.max_length < SHORTEST:
                continue
            mark = f"zq{next(self.numbers)}qz"
            if holding.model is not Contact or column.name != "email":
                self.marks[mark] = f"{holding.name}.{column.name}"
                values[column.name] = self._marked(
                    column, mark, is_theirs=holding.of is not None and holding.model is not ImportBatch
                )
        with unguarded():
            holding.model._default_manager.filter(pk=row.pk).update(**values)

    def _marked(self, column: Any, mark: str, *, is_theirs: bool) -> Any:
        text = mark if is_theirs else f"{mark} {EMAIL}"
        kind = column.get_internal_type()
        if kind == "JSONField":
            return {"said": [text], "deeper": {"name": text}}
        return text.encode() if kind == "BinaryField" else text


def a_pair(*people: Contact) -> DuplicatePair:
    one, other = sorted(people, key=lambda each: each.pk)
    return DuplicatePair.objects.create(contact=one, other_contact=other, score=1)


def registered() -> list[Holding]:
    """Each table once, as its app declares it."""
    return list({holding.name: holding for holding in reversed(list(holdings()))}.values())


def everything_stored() -> str:
    name = connection.settings_dict
    program = find_binaries(None).postgres / "pg_dump"
    place = ["-h", name["HOST"], "-p", str(name["PORT"]), "-U", name["USER"], name["NAME"]]
    known = {"PGPASSWORD": name["PASSWORD"], "PATH": os.environ["PATH"]}
    dump = subprocess.run([program, *place], capture_output=True, check=True, env=known).stdout
    files = (*Path(settings.MEDIA_ROOT).rglob("*"), *(settings.GTMOS_HOME / "logs").rglob("*"))
    stored = b"".join(path.read_bytes() for path in files if path.is_file())
    store = redis.Redis.from_url(settings.REDIS_URL.replace("redis+socket://", "unix://", 1))
    keys = b"".join((store.dump(key) or b"") + key for key in store.scan_iter())
    store.close()
    return (dump + stored + keys).decode(errors="replace")


def test_every_table_with_words_says_what_it_holds_of_people() -> None:
    known = {holding.name for holding in holdings()}

    unsaid = [
        model._meta.label
        for model in apps.get_models()
        if model._meta.app_label in OURS
        and not is_impersonal(model._meta.label_lower)
        and model._meta.label_lower not in known
    ]

    assert unsaid == []
    assert [
        (each.name, name)
        for each in holdings()
        for name in each.keeps - {column.name for column in each.model._meta.concrete_fields}
    ] == []


@pytest.mark.django_db(transaction=True)
def test_all_marks_are_exported_and_none_is_left_after_the_erasure(
    caplog: pytest.LogCaptureFixture, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    ensure_default_pipeline(actor=SYSTEM)
    me = Actor.of(a_user(role=Role.REVOPS))
    person = a_contact(name=NAME, email=EMAIL)
    batch = imported(FILE, me)
    rows = Rows(person)
    rows.made[ImportBatch] = batch
    rows.made[DuplicatePair] = a_pair(person, a_contact())
    rows.marks["zq0lineqz"] = "a line of the file"
    for holding in registered():
        rows.mark(holding)
    Touch.objects.update(state=TouchState.SCHEDULED)
    Document.objects.update(words_read_at=timezone.now())  # what waits would be read anew
    person.refresh_from_db()

    told = json.dumps(export_person(person, actor=me))
    erase_person(person, reason="Asked by letter", actor=me)

    left = everything_stored() + caplog.text
    assert [place for mark, place in rows.marks.items() if mark not in told] == []
    assert [place for mark, place in rows.marks.items() if mark in left] == []
    assert [word for word in (EMAIL, NAME) if word in left] == []
    assert "other@qx.example" in left
    assert len(rows.marks) > 100


@pytest.mark.django_db
def test_statistics_stay_and_what_waits_is_cancelled() -> None:
    campaign = running(a_campaign(people=2))
    enrollment, other = campaign.enrollments.order_by("position")
    a_touch(enrollment, opened_at=clock.now(), replied_at=clock.now())
    waiting = a_touch(enrollment, step_no=2, state=TouchState.SCHEDULED)
    a_touch(other)
    before = [cell for cell in performance(campaign, actor=SYSTEM).cells if cell.step_no == 1]

    erase_person(enrollment.contact, reason="Asked", actor=SYSTEM)

    waiting.refresh_from_db()
    assert waiting.state == TouchState.CANCELLED
    assert (waiting.recipient, waiting.subject, waiting.body) == ("", "", "")
    assert [cell for cell in performance(campaign, actor=SYSTEM).cells if cell.step_no == 1] == before


def spellings() -> list[str]:
    plus = [f"zoe+{tag}@qx.example" for tag in range(150)]
    case = [
        "".join(c.upper() if bits >> at & 1 else c for at, c in enumerate("zoe")) + "@QX.example"
        for bits in range(8)
    ]
    return [*plus, *case, " zoe@qx.example ", "Zoe <zoe@qx.example>", "\uff5aoe@qx.example"][:160]


@pytest.mark.django_db
def test_nothing_brings_an_erased_address_back(settings: Any, tmp_path: Path, client: Client) -> None:
    settings.MEDIA_ROOT = tmp_path
    ensure_default_pipeline(actor=SYSTEM)
    user = a_user(role=Role.REVOPS)
    me = Actor.of(user)
    erase_person(a_contact(name=NAME, email=EMAIL), reason="Asked", actor=me)
    client.force_login(user)
    tries = 0
    for place in range(1000):
        email = spellings()[place % len(spellings())]
        if place % 100 == 0:
            imported(f"Company,Name,Email\nNew{place} Ltd,Zoe,{email}\n".encode(), me)
        elif place % 100 == 1:
            body = {"name": "Zoe", "email": email}
            client.post("/api/v1/contacts/", body, content_type="application/json")
        else:
            Contact.objects.bulk_create([Contact(name=f"Zoe {place}", email=email, consent_basis="consent")])
        tries += 1

    people = list(Contact.objects.exclude(email="").values_list("pk", flat=True))
    refused = refusals(people, now=clock.now())

    assert tries == 1000
    assert len(people) > 900
    assert [person for person in people if person not in refused] == []


@pytest.mark.django_db
def test_an_erased_record_takes_no_new_data() -> None:
    person = a_contact(name=NAME, email=EMAIL)
    note = erase_person(person, reason="Asked", actor=SYSTEM)
    person.refresh_from_db()

    with pytest.raises(DomainError) as refused:
        update_contact(person, changes={"email": EMAIL}, actor=SYSTEM)

    assert refused.value.code == "erased"
    assert (person.name, person.email, person.do_not_email) == ("Erased person", "", True)
    assert (note.subject_id, note.counts["Contact"]) == (person.pk, 1)
    assert ChannelAddress.objects.get().reason == "erased"


@pytest.mark.django_db
def test_the_reason_may_not_name_the_person() -> None:
    person = a_contact(name=NAME, email=EMAIL)

    with pytest.raises(DomainError) as refused:
        erase_person(person, reason=f"{NAME} asked", actor=SYSTEM)

    assert refused.value.code == "reason_names_person"


@pytest.mark.django_db
def test_a_namesake_keeps_their_name() -> None:
    person, namesake = a_contact(name=NAME, email=EMAIL), a_contact(name=NAME, email="other@qx.example")

    erase_person(person, reason="Asked", actor=SYSTEM)

    namesake.refresh_from_db()
    assert (namesake.name, namesake.email) == (NAME, "other@qx.example")
    assert Change.objects.filter(subject_id=namesake.pk, summary__startswith="Erased").count() == 0


@pytest.mark.django_db
def test_the_page_asks_for_the_typed_word_and_shows_counts_first(client: Client) -> None:
    client.force_login(a_user(role=Role.REVOPS))
    person = a_contact(name=NAME, email=EMAIL)
    url = f"/contacts/{person.pk}/erase/"

    shown = client.get(url).content.decode()
    wrong = client.post(url, {"reason": "Asked", "confirmation": "erase"})
    done = client.post(url, {"reason": "Asked", "confirmation": "ERASE"})

    assert "What is emptied" in shown
    assert (wrong.status_code, done.status_code, done["Location"]) == (422, 302, "/settings/privacy/")
    assert "Asked" in client.get("/settings/privacy/").content.decode()
    assert client.get(f"/contacts/{person.pk}/").status_code == 200


@pytest.mark.django_db
def test_sellers_neither_export_nor_erase_a_person(client: Client) -> None:
    user = a_user(role=Role.AE)
    person = a_contact(actor=Actor.of(user))
    client.force_login(user)

    pages = [client.get(f"/contacts/{person.pk}/erase/"), client.post(f"/contacts/{person.pk}/export/")]
    api = [
        client.get(f"/api/v1/contacts/{person.pk}/export/"),
        client.post(f"/api/v1/contacts/{person.pk}/erase/", {"reason": "x"}, content_type="application/json"),
    ]

    assert [answer.status_code for answer in (*pages, client.get("/settings/privacy/"))] == [404, 404, 404]
    assert [answer.status_code for answer in api] == [403, 403]


@pytest.mark.django_db
def test_the_api_exports_and_erases(client: Client) -> None:
    client.force_login(a_user(role=Role.REVOPS))
    person = a_contact(name=NAME, email=EMAIL)

    told = client.get(f"/api/v1/contacts/{person.pk}/export/").json()
    done = client.post(
        f"/api/v1/contacts/{person.pk}/erase/", {"reason": "Asked"}, content_type="application/json"
    )

    assert told["records"]["crm.contact"][0]["email"] == EMAIL
    assert (done.status_code, done.json()["kind"]) == (200, "erasure")
    assert list(PrivacyRequest.objects.values_list("kind", flat=True)) == ["erasure", "export"]


@pytest.mark.django_db
def test_a_rule_shows_what_would_go_and_removes_it_in_batches() -> None:
    me = Actor.of(a_user(role=Role.REVOPS))
    old = a_contact()
    a_contact()
    Contact.objects.filter(pk=old.pk).update(updated_at=clock.now() - timedelta(days=900))
    retention.set_rule("crm.contacts", days=800, action="erase", is_active=False, actor=me)

    switched_off, would_go = retention.apply_rules(), retention.preview("crm.contacts", 800)
    retention.set_rule("crm.contacts", days=800, action="erase", is_active=True, actor=me)

    assert (switched_off, would_go) == (0, 1)
    assert (retention.apply_rules(), retention.apply_rules()) == (1, 0)
    assert list(Contact.objects.filter(erased_at__isnull=False)) == [old]
