"""A backup that comes back whole, and a copy that keeps still."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.urls import reverse

from benchmarks.outbox import due_touches
from crm.models import Company
from crm.services.importing import upload_import
from crm.tests.builders import a_company, a_contact, a_deal
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.exceptions import DomainError, NotPermittedError
from gtmos.kernel.history.models import Change
from gtmos.kernel.history.sealing import seal_changes
from gtmos.kernel.history.verifying import verify
from gtmos.kernel.people.models import Role
from gtmos.kernel.schedule.models import Heartbeat
from gtmos.kernel.schedule.place import ANOTHER, OTHER_KEY, PROCESS, closed_because, present_place
from gtmos.kernel.schedule.place_services import note_place
from gtmos.kernel.tests.builders import a_user, an_actor
from gtmos.kernel.tests.receivers import Receiver, receiving
from gtmos.kernel.webhooks import sending
from gtmos.kernel.webhooks.services import create_webhook
from gtmos.runtime import dumps
from gtmos.workspace.selectors.digests import differences, digests
from gtmos.workspace.selectors.readiness import readiness
from gtmos.workspace.services import restoring_backups
from gtmos.workspace.services.backups import database_place, take_backup
from gtmos.workspace.services.restoring_backups import restore_backup
from outreach.models import Touch
from outreach.services.reopening import open_sending
from outreach.tests.sending import a_post

pytestmark = pytest.mark.django_db(transaction=True)
COPY = "test_gtmos_copy"


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.AUDIT_CHECKPOINT = tmp_path / "audit" / "checkpoint.json"
    settings.OUTGOING_PRIVATE_HOSTS = ("127.0.0.1",)


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Any]:
    with a_post(tmp_path) as opened:
        yield opened


def on_the_server(statement: str) -> None:
    with psycopg.connect(**{**database_place(), "dbname": "postgres"}, autocommit=True) as server:
        server.execute(statement)


@contextmanager
def another_installation(settings: Any, tmp_path: Path) -> Iterator[None]:
    """An empty database beside the first, with files and checkpoint of its own."""
    first = connection.settings_dict["NAME"], settings.MEDIA_ROOT, settings.AUDIT_CHECKPOINT
    on_the_server(f"DROP DATABASE IF EXISTS {COPY}")
    on_the_server(f"CREATE DATABASE {COPY}")
    connection.close()
    connection.settings_dict["NAME"] = COPY
    settings.MEDIA_ROOT, settings.AUDIT_CHECKPOINT = tmp_path / "copy" / "files", tmp_path / "copy" / "point"
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"], settings.MEDIA_ROOT, settings.AUDIT_CHECKPOINT = first
        on_the_server(f"DROP DATABASE {COPY} WITH (FORCE)")


def an_installation() -> None:
    """Records, files, secrets, a sealed history, and mails of which two are due."""
    for number in range(30):
        company = a_company(actor=SYSTEM, name=f"Company {number}")
        a_contact(actor=SYSTEM, company=company)
        a_deal(actor=SYSTEM, company=company)
    upload_import(file_name="list.csv", content=csv_file(), into="companies", actor=SYSTEM)
    create_webhook("CRM", url="https://hooks.example/in", event_names=["*"], actor=SYSTEM)
    due_touches(2)
    note_place()
    seal_changes()


def csv_file() -> Any:
    return io.BytesIO(b"Company name\nContoso\n")


def present() -> dict[str, list[str]]:
    with transaction.atomic():
        return digests()


def saved(tmp_path: Path) -> Path:
    path = tmp_path / "backup.tar"
    take_backup(path)
    return path


def test_a_restored_backup_is_equal_in_every_table_file_and_seal(settings, tmp_path, capsys):
    an_installation()
    files = [path.read_bytes() for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    before = present()
    call_command("backup", str(tmp_path / "backup.tar"), "--keys", str(tmp_path / "keys.json"))

    with another_installation(settings, tmp_path):
        call_command("restore", str(tmp_path / "backup.tar"))
        after = present()
        again = [path.read_bytes() for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
        verdict = verify()

    told = capsys.readouterr().out
    assert [each.split(":")[0] for each in differences(before, after)] == ["kernel_heartbeat"]
    assert (len(files), again) == (1, files)
    assert (verdict.faults, verdict.rows > 90) == ([], True)
    assert ("Recovery time (RTO): " in told, "Recovery point (RPO): " in told) == (True, True)
    assert settings.SECRET_KEY.encode() not in (tmp_path / "backup.tar").read_bytes()
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600


def test_what_is_written_while_it_is_saved_is_in_all_of_it_or_in_nothing(settings, tmp_path):
    ended = threading.Event()

    def write() -> None:
        while not ended.is_set():
            with transaction.atomic():
                company = a_company(actor=SYSTEM)
                a_contact(actor=SYSTEM, company=company)
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    taken = take_backup(tmp_path / "backup.tar")
    ended.set()
    writer.join()
    written = Company.objects.count()

    with another_installation(settings, tmp_path):
        restore_backup(tmp_path / "backup.tar")
        kept = Company.objects.count()
        pairs = Company.objects.filter(contacts__isnull=False).distinct().count()

    assert taken.manifest.digests["crm_company"][0] == str(kept)
    assert (kept, kept < written) == (pairs, True)


def test_a_copy_sends_nothing_while_the_first_goes_on_and_asks_before_what_was_due(settings, tmp_path, post):
    an_installation()
    path = saved(tmp_path)
    post.send()
    told_first = post.copies

    with another_installation(settings, tmp_path), receiving(Receiver()) as receiver:
        restore_backup(path)
        sending.Webhook.objects.update(url=receiver.url)
        kept_still = [post.send().sent, sending.send_waiting(), post.copies, len(receiver.seen)]
        locked = readiness()["place"]
        opened = open_sending(actor=SYSTEM)
        Touch.objects.filter(state="late").first()
        post.send()
        states = sorted(Touch.objects.values_list("state", flat=True))

    assert told_first == 2
    assert kept_still == [0, 0, 2, 0]
    assert locked == {"ok": False, "why": ANOTHER}
    assert opened == (ANOTHER, 2)
    assert (post.copies, states) == (2, ["late", "late"])


def test_after_a_person_opened_it_a_copy_sends_what_falls_due_then(settings, tmp_path, post):
    an_installation()
    Touch.objects.update(next_at=clock.now() + timedelta(hours=1))
    path = saved(tmp_path)

    with another_installation(settings, tmp_path):
        restore_backup(path)
        open_sending(actor=SYSTEM)
        Touch.objects.update(next_at=clock.now())
        sent = post.send().sent
        noted = Change.objects.filter(change_category="SENDING").count()

    assert (sent, noted) == (2, 1)


def test_a_copy_made_with_other_tools_keeps_still_too(settings, tmp_path, post):
    an_installation()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        dumps.dump(database_place(), tmp_path / "plain.dump", snapshot=cursor.fetchone()[0])

    with another_installation(settings, tmp_path):
        dumps.restore(tmp_path / "plain.dump", database_place())
        sent = post.send()

    assert (sent.sent, sent.locked, post.copies) == (0, ANOTHER, 0)


def test_the_lock_is_what_keeps_a_copy_still(settings, tmp_path, post):
    """Without it the same copy sends: the tests above can fail."""
    an_installation()
    path = saved(tmp_path)

    with another_installation(settings, tmp_path):
        restore_backup(path)
        Heartbeat.objects.filter(process=PROCESS).update(detail=present_place())
        sent = post.send().sent

    assert sent == 2


def test_a_row_that_came_back_otherwise_is_found(settings, tmp_path, monkeypatch):
    an_installation()
    path = saved(tmp_path)
    spoilt = (
        restoring_backups.LOCK + "UPDATE public.crm_company SET name = name || '.' WHERE name = 'Company 7';"
    )
    monkeypatch.setattr(restoring_backups, "LOCK", spoilt)

    with another_installation(settings, tmp_path), pytest.raises(DomainError) as refused:
        restore_backup(path)

    assert refused.value.code == "not_equal"
    assert "crm_company: 31 / " in refused.value.message


def test_a_backup_that_was_cut_short_changes_nothing(settings, tmp_path):
    an_installation()
    before = present()
    path = saved(tmp_path)
    half = tmp_path / "half.tar"
    half.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    broken = tmp_path / "broken.dump"
    with restoring_backups._opened(path) as archive:
        content = restoring_backups._member(archive, "database.dump").read()
    broken.write_bytes(content[: len(content) * 2 // 3])
    connection.close()

    with pytest.raises(DomainError):
        restore_backup(half, replace=True)
    with pytest.raises(dumps.StoreFault, match="Nothing was changed"):
        dumps.restore(broken, database_place())

    assert present() == before


def test_what_is_here_is_replaced_only_when_asked_and_a_backup_of_a_copy_comes_back_too(settings, tmp_path):
    an_installation()
    path = saved(tmp_path)

    with another_installation(settings, tmp_path):
        restore_backup(path)
        a_company(actor=SYSTEM, name="Later")
        with pytest.raises(CommandError, match="Say --replace"):
            call_command("restore", str(path))
        take_backup(tmp_path / "second.tar")
        restore_backup(path, replace=True)
        without = Company.objects.filter(name="Later").count()
        restore_backup(tmp_path / "second.tar", replace=True)
        with_it = Company.objects.filter(name="Later").count()

    assert (without, with_it) == (0, 1)


def test_a_backup_is_not_restored_under_other_keys_or_into_a_database_in_use(settings, tmp_path):
    an_installation()
    path = saved(tmp_path)

    with another_installation(settings, tmp_path):
        with psycopg.connect(**database_place()), pytest.raises(DomainError, match="in use"):
            restore_backup(path)
        settings.SECRET_KEY = "k" * 60
        with pytest.raises(DomainError, match="SECRET_KEY differ"):
            restore_backup(path)
        restore_backup(path, without_keys=True)
        restored = Company.objects.count()

    assert restored > 30


def test_another_secret_key_locks_sending_until_somebody_says_otherwise(settings):
    note_place()
    settings.SECRET_KEY = "k" * 60

    locked = closed_because()
    opened = open_sending(actor=SYSTEM)

    assert (locked, opened, closed_because()) == (OTHER_KEY, (OTHER_KEY, 0), "")


def test_only_who_configures_opens_sending_and_the_banner_offers_it(client):
    note_place()
    Heartbeat.objects.filter(process=PROCESS).update(detail={"database": "elsewhere"})
    with pytest.raises(NotPermittedError):
        open_sending(actor=an_actor(Role.AE))
    client.force_login(a_user(role=Role.REVOPS))

    banner = client.get(reverse("workspace:banner")).content.decode()
    answer = client.post(reverse("workspace:sending-open"))

    assert (banner.count("This copy sends nothing."), banner.count(reverse("workspace:sending-open"))) == (
        1,
        1,
    )
    assert (answer.status_code, closed_because()) == (204, "")
