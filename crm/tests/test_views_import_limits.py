"""Harmful files at the door: each is refused with a sentence, nothing of it is written, and nothing breaks."""

import io
import struct
import zipfile
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from crm.models import Company, Contact, ImportBatch
from crm.services import import_files
from crm.services.importing import run_import, start_import
from crm.tests.test_intake_workbooks import REFUSED, with_part
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db


def a_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as pack:
        pack.writestr("xl/workbook.xml", "<workbook/>")
        with pack.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(300):
                part.write(b"0" * (1 << 20))
    return packed.getvalue()


def a_flood_of_pixels() -> bytes:
    """A picture of forty thousand by forty thousand points in a few bytes."""
    head = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 6, 0, 0, 0)
    chunk = struct.pack(">I", len(head)) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    return b"\x89PNG\r\n\x1a\n" + chunk


FILES: dict[str, bytes] = {
    **{name: with_part(*part).getvalue() for name, part in REFUSED.items()},
    "a bomb": a_bomb(),
    "a packed file": b"PK\x03\x04" + b"\0" * 5000,
    "a picture": a_flood_of_pixels(),
    "a program": b"MZ\x90\x00\x03" + bytes(range(256)) * 40,
    "a program of Linux": b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 40,
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * 40,
    "nothing": b"",
}


@pytest.fixture
def me(client: Client, settings: Any, tmp_path: Any) -> User:
    settings.MEDIA_ROOT = tmp_path
    user = a_user(role=Role.REVOPS)
    client.force_login(user)
    return user


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_harmful_file_brings_nothing_in_whatever_it_calls_itself(
    name: str, ending: str, client: Client, me: User
) -> None:
    answer = client.post("/imports/upload/", {"file": SimpleUploadedFile(f"list.{ending}", FILES[name])})

    batch = ImportBatch.objects.first()
    if batch is not None:
        try:
            start_import(batch, actor=Actor.of(me))
        except DomainError:
            pass
        else:
            run_import(batch.pk)
        assert client.get(f"/imports/{batch.pk}/").status_code == 200
    assert answer.status_code < 500
    assert (Company.objects.count(), Contact.objects.count()) == (0, 0)


def test_a_file_above_the_limit_is_refused_while_it_comes(
    client: Client, me: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    del me
    monkeypatch.setattr(import_files, "LARGEST_FILE", 1000)

    answer = client.post(
        "/imports/upload/", {"file": SimpleUploadedFile("list.csv", b"Company\n" + b"x" * 2000)}
    )

    assert 400 <= answer.status_code < 500
    assert ImportBatch.objects.count() == 0


def test_a_list_of_rates_above_the_limit_is_refused(client: Client, me: User) -> None:
    del me

    answer = client.post("/rates/record/", {"file": SimpleUploadedFile("rates.csv", b"x" * 2_100_000)})

    assert 400 <= answer.status_code < 500


def test_a_form_of_more_than_five_megabytes_is_refused(client: Client, me: User) -> None:
    del me

    answers = [
        client.post("/tasks/new/", {"title": "x" * (6 << 20)}),
        client.post("/api/v1/tasks/", {"title": "x" * (6 << 20)}, content_type="application/json"),
    ]

    assert [answer.status_code for answer in answers] == [400, 413]
