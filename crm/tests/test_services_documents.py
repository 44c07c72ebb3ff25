"""Files beside records: kept, refused, found, deleted, put back, and gone with a person."""

import threading
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.db import IntegrityError, connection

from crm.intake.documents.kinds import RefusedFileError, kind_of
from crm.intake.documents.words import words_in
from crm.models import Document
from crm.selectors.documents import documents_matching, documents_of, get_document, visible_documents
from crm.services import documents as service
from crm.services.documents import attach_document, delete_document, restore_document
from crm.services.privacy import erase_person
from crm.tests.builders import a_company, a_contact, a_document
from gtmos.kernel import history
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotFoundError, NotPermittedError
from gtmos.kernel.people.models import Role
from gtmos.kernel.search.finding import find
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def me() -> Actor:
    return Actor.of(a_user(team=a_team()))


def a_package(*names: str) -> bytes:
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w") as package:
        for name in names:
            package.writestr(name, "x")
    return kept.getvalue()


def a_pdf(text: str) -> bytes:
    """One page, written by hand."""
    stream = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET".encode()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, part)
    start = len(out)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        out
        + b"xref\n0 6\n0000000000 65535 f \n"
        + table
        + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start
    )


def test_a_document_is_kept_outside_the_served_folders_and_told_in_the_history(me: Actor, tmp_path: Path):
    company = a_company(actor=me)

    document = attach_document(
        "company", company.pk, name="../../Plan für Q1.md", content=BytesIO(b"# Plan"), actor=me
    )

    path = Path(document.file.path)
    assert (document.name, document.media_type, document.size_bytes) == ("Plan für Q1.md", "text/markdown", 6)
    assert (path.parent.parent, path.read_bytes()) == (tmp_path, b"# Plan")
    assert path.is_relative_to(project.STATIC_ROOT) is False
    assert [each.new_values for each in history.of_record(document)] == [{"document": "Plan für Q1.md"}]


def test_the_same_file_twice_is_kept_once(me: Actor):
    company = a_company(actor=me)

    first, second = a_document(me, company=company), a_document(me, company=company)

    assert first == second


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.txt", b"", "empty.txt is empty."),
        ("setup.txt", b"MZ\x90\x00program", "setup.txt is a program. Programs are not kept here."),
        ("run.txt", b"#!/bin/sh\nrm -rf /", "run.txt is a program. Programs are not kept here."),
        ("run.bat", b"del *.*", "run.bat is a program. Programs are not kept here."),
        (
            "sum.xlsx",
            a_package("[Content_Types].xml", "xl/vbaProject.bin"),
            "sum.xlsx holds macros, which are programs. Save it without macros.",
        ),
        ("cut.docx", b"PK\x03\x04half", "cut.docx is damaged and cannot be opened."),
    ],
)
def test_what_is_refused_is_refused_in_a_sentence(me: Actor, name: str, content: bytes, words: str):
    company = a_company(actor=me)

    with pytest.raises(InvalidInputError) as refused:
        attach_document("company", company.pk, name=name, content=BytesIO(content), actor=me)

    assert refused.value.message == words
    assert Document.objects.count() == 0


def test_a_file_that_is_too_large_is_refused(me: Actor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(service, "LARGEST", 1024 * 1024)

    with pytest.raises(InvalidInputError) as refused:
        a_document(me, name="big.txt", text="x" * (1024 * 1024 + 1))

    assert refused.value.message == "big.txt is larger than 1 MB. Send a link to it instead."


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.exe.png", b"\x89PNG\r\n\x1a\n...", "image/png"),
        ("a.txt", b"<svg onload=x></svg>", "text/html"),
        ("a.csv", "Füße;1".encode("cp1252"), "text/csv"),
        ("a.docx", a_package("[Content_Types].xml", "word/document.xml"), "word"),
        ("a.pdf", a_pdf("x"), "application/pdf"),
    ],
)
def test_a_kind_is_told_by_what_is_inside(name: str, content: bytes, kind: str):
    assert kind in kind_of(name, content)


def test_bytes_of_no_known_kind_are_refused():
    with pytest.raises(RefusedFileError):
        kind_of("a.bin", bytes(range(256)) * 4)


def test_the_words_of_texts_pages_and_pdfs_are_read():
    page = b"<h1>Rollout</h1><script>secret()</script><p>plan</p>"

    assert words_in("text/html", page).words.split() == ["Rollout", "plan"]
    assert words_in("application/pdf", a_pdf("Security whitepaper")).words.strip() == "Security whitepaper"
    assert words_in("application/pdf", b"%PDF-1.4 broken").words == ""


def test_a_document_is_found_by_name_and_by_words_in_the_one_search(me: Actor):
    document = a_document(me, name="Battlecard.txt", text="Our answer to the zeppelin objection")

    by_name = find("Battlecard", actor=me, only=("document",)).hits
    by_words = find("zeppelin", actor=me, only=("document",)).hits

    assert [hit.key for hit in by_name] == [document.pk]
    assert [hit.key for hit in by_words] == [document.pk]
    assert [each.pk for each in documents_matching("zeppelin", actor=me)] == [document.pk]


def test_another_team_neither_sees_nor_finds_nor_changes_it(me: Actor):
    document = a_document(me, text="zeppelin")
    other = Actor.of(a_user(team=a_team()))

    assert list(visible_documents(actor=other)) == []
    assert find("zeppelin", actor=other, only=("document",)).hits == []
    with pytest.raises(NotFoundError):
        get_document(document.pk, actor=other)
    with pytest.raises(NotFoundError):
        delete_document(document, actor=other)
    with pytest.raises(NotFoundError):
        attach_document("company", document.subject_id, name="x.txt", content=BytesIO(b"x"), actor=other)


def test_a_viewer_reads_and_changes_nothing():
    team = a_team()
    document = a_document(Actor.of(a_user(team=team)))
    viewer = Actor.of(a_user(team=team, role=Role.VIEWER))

    assert get_document(document.pk, actor=viewer) == document
    with pytest.raises(NotPermittedError):
        delete_document(document, actor=viewer)


def test_deleting_takes_it_out_of_every_list_and_can_be_taken_back(me: Actor):
    document = a_document(me, text="zeppelin")

    delete_document(document, actor=me)
    gone = list(visible_documents(actor=me)), find("zeppelin", actor=me, only=("document",)).hits
    restore_document(document, actor=me)

    assert gone == ([], [])
    assert list(documents_of("company", document.subject_id, actor=me)) == [document]


def test_putting_back_what_was_added_again_meanwhile_leaves_one(me: Actor):
    company = a_company(actor=me)
    document = a_document(me, company=company)
    delete_document(document, actor=me)
    again = a_document(me, company=company)

    assert restore_document(document, actor=me) == again
    assert visible_documents(actor=me).count() == 1


def test_the_files_of_an_erased_person_are_gone_and_lines_elsewhere_lose_the_name(me: Actor):
    company = a_company(actor=me)
    ana = a_contact(actor=me, name="Ana Silva", email="ana@acme.example", company=company)
    own = attach_document("contact", ana.pk, name="cv.txt", content=BytesIO(b"My life"), actor=me)
    shared = a_document(me, company=company, text="Agenda\nana@acme.example comes\nEnd")
    printed = attach_document(
        "company", company.pk, name="a.pdf", content=BytesIO(a_pdf("ana@acme.example signs")), actor=me
    )
    paths = [Path(each.file.path) for each in (own, printed)]

    erase_person(ana, reason="Asked", actor=SYSTEM)

    shared.refresh_from_db()
    printed.refresh_from_db()
    assert [path.exists() for path in paths] == [False, False]
    assert Path(shared.file.path).read_text() == "Agenda\nEnd"
    assert (printed.file.name, printed.words) == ("", "")


def test_files_that_are_alike_once_the_name_is_out_hinder_no_erasure(me: Actor):
    company = a_company(actor=me)
    ana = a_contact(actor=me, name="Ana Silva", email="ana@acme.example", company=company)
    for name in ("ana@acme.example.txt", "On ana@acme.example.txt"):
        a_document(me, company=company, name=name, text=f"ana@acme.example stands in {name}")

    erase_person(ana, reason="Asked", actor=SYSTEM)

    rows = Document.objects.all()
    assert [(each.name, each.words) for each in rows] == [("Erased", "")] * 2
    assert sorted(each.deleted_at is None for each in rows) == [False, True]


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_sent_twice_at_the_same_moment_is_kept_once(me: Actor, tmp_path: Path):
    company = a_company(actor=me)
    start, kept = threading.Barrier(4), []

    def send() -> None:
        start.wait()
        kept.append(a_document(me, company=company).pk)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(kept), len(set(kept)), Document.objects.count()) == (4, 1, 1)
    assert len([each for each in tmp_path.rglob("*") if each.is_file()]) == 1


def test_a_file_that_is_gone_cannot_be_put_back(me: Actor):
    document = a_document(me)
    delete_document(document, actor=me)
    service.clear_files(Document.objects.all())

    with pytest.raises(DomainError) as refused:
        restore_document(document, actor=me)

    assert refused.value.message == "The file is no longer there."


def test_a_file_whose_row_is_refused_does_not_stay(me: Actor, tmp_path: Path):
    company = a_company(actor=me)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE crm_document ADD CHECK (name <> 'Refused.txt')")

    with pytest.raises(IntegrityError):
        attach_document("company", company.pk, name="Refused.txt", content=BytesIO(b"x"), actor=me)

    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []
