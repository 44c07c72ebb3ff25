"""An upload that is killed between its file and its row leaves a file; the sweep takes that one away and no other."""

import logging
import multiprocessing
import os
import signal
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from crm.models import Document, ImportBatch
from crm.services.documents import attach_document, delete_document
from crm.services.importing import upload_import
from crm.services.stray_files import OLD_ENOUGH, remove_stray_files
from crm.tests.builders import a_company, a_document
from crm.tests.import_builders import imported
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.kill]
HOUR = timedelta(hours=1)
LIST = b"Company name,Domain\nC 1,c1.example\n,\n"


@pytest.fixture(autouse=True)
def root(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def me() -> Actor:
    return Actor.of(a_user(role=Role.REVOPS))


def files(root: Path) -> set[Path]:
    return {each for each in root.rglob("*") if each.is_file()}


def in_a_day() -> Any:
    return timezone.now() + OLD_ENOUGH + HOUR


def killed_before_the_row(upload: Any, model: Any) -> int | None:
    """The upload in a process of its own, which the system kills where the row would be written."""

    def act() -> None:
        model.save = lambda *_args, **_values: os.kill(os.getpid(), signal.SIGKILL)
        upload()

    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=act)
    process.start()
    process.join()
    return process.exitcode


def test_what_a_killed_upload_has_left_goes_after_a_day_and_nothing_else(root: Path, me: Actor) -> None:
    company = a_company(actor=me)
    kept = a_document(actor=me, name="Kept.txt")
    deleted = delete_document(a_document(actor=me, name="Deleted.txt"), actor=me)
    rejected = imported(LIST, me)
    waiting = upload_import(file_name="w.csv", content=BytesIO(LIST), actor=me)
    before = files(root)
    ended = [
        killed_before_the_row(
            lambda: attach_document("company", company.pk, name="N.txt", content=BytesIO(b"x"), actor=me),
            Document,
        ),
        killed_before_the_row(
            lambda: upload_import(file_name="l.csv", content=BytesIO(LIST), actor=me), ImportBatch
        ),
    ]
    strays = files(root) - before

    early = remove_stray_files(now=timezone.now() + OLD_ENOUGH - HOUR)
    there = files(root)
    gone = remove_stray_files(now=in_a_day())

    assert (ended, len(strays), early, gone) == ([-signal.SIGKILL] * 2, 2, 0, 2)
    assert (there, files(root)) == (before | strays, before)
    assert remove_stray_files(now=in_a_day()) == 0
    assert all(each.file.storage.exists(each.file.name) for each in (kept, deleted))
    assert all(Path(each).exists() for each in (rejected.path, waiting.path) if each)


def test_an_older_file_of_a_document_goes_and_the_one_it_names_stays(root: Path, me: Actor) -> None:
    document = a_document(actor=me)
    named = root / document.file.name
    older = named.with_name(f"{document.pk}_a1B2c3D")
    older.write_bytes(b"x")

    assert remove_stray_files(now=in_a_day()) == 1

    assert (named.exists(), older.exists()) == (True, False)


def test_what_is_not_named_as_ours_is_left_alone(root: Path, me: Actor) -> None:
    a_document(actor=me)
    others = [
        root / "documents" / "README",
        root / "other" / "x",
        root / "documents" / f"{me.user.pk}.d" / "x",
    ]
    for path in others:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    link = root / "documents" / str(me.user.pk)
    link.symlink_to(others[0])

    assert remove_stray_files(now=in_a_day()) == 0

    assert [path.exists() for path in (*others, link)] == [True] * 4


def test_files_of_an_installation_that_moved_stay(root: Path, me: Actor) -> None:
    batch = imported(LIST, me)
    ImportBatch.objects.update(path=f"/elsewhere/{batch.pk}.csv", rejected_path="")

    assert remove_stray_files(now=in_a_day()) == 0


def test_how_many_went_is_logged(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    (root / "imports").mkdir()
    for number in range(3):
        (root / "imports" / f"00000000-0000-4000-8000-00000000000{number}.csv").write_bytes(b"x")

    with caplog.at_level(logging.WARNING):
        remove_stray_files(now=in_a_day())

    assert caplog.messages == ["3 files that no record names were removed"]
