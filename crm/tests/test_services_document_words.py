"""Words of office files and PDFs: read by a job, found with their sentence, bounded, and gone with a person."""

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import Any

import docx
import openpyxl
import pptx
import pypdf
import pytest

from crm.intake.documents import parts, words
from crm.intake.documents.kinds import RefusedFileError, kind_of
from crm.intake.documents.words import words_in
from crm.models import Document
from crm.selectors.documents import documents_matching
from crm.services.document_words import read_documents
from crm.services.documents import attach_document
from crm.services.privacy import erase_person
from crm.tests.builders import a_company, a_contact
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.search.finding import find
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db
SENTENCE = "The zeppelin hangar is part of the offer."
BODY = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def me() -> Actor:
    return Actor.of(a_user(team=a_team()))


def saved(made: Any) -> bytes:
    kept = BytesIO()
    made.save(kept)
    return kept.getvalue()


def a_letter(*lines: str) -> bytes:
    made = docx.Document()
    made.add_heading("Offer", 1)
    for line in lines:
        made.add_paragraph(line)
    made.add_table(1, 1).cell(0, 0).text = "In a table"
    made.sections[0].footer.paragraphs[0].text = "At the foot"
    return saved(made)


def a_workbook(*lines: str) -> bytes:
    made = openpyxl.Workbook()
    sheet: Any = made.active
    sheet.title = "Prices"
    for line in lines:
        sheet.append([line, 1200])
    return saved(made)


def a_talk(*lines: str) -> bytes:
    made = pptx.Presentation()
    for number in range(12):
        slide = made.slides.add_slide(made.slide_layouts[1])
        slide.shapes.title.text = f"Slide {number + 1}"
        slide.placeholders[1].text = "\n".join(lines if number == 0 else [])
    made.slides[0].notes_slide.notes_text_frame.text = "Only for the speaker"
    return saved(made)


def a_package(**texts: str) -> bytes:
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        for name, text in texts.items():
            package.writestr(f"word/{name}.xml", text)
    return kept.getvalue()


def put(me: Actor, name: str, content: bytes) -> Document:
    company = a_company(actor=me)
    return attach_document("company", company.pk, name=name, content=BytesIO(content), actor=me)


@pytest.mark.parametrize(("name", "make"), [("a.docx", a_letter), ("a.xlsx", a_workbook), ("a.pptx", a_talk)])
def test_words_of_an_office_file_are_found_with_their_sentence_once_the_job_ran(
    me: Actor, name: str, make: Callable[..., bytes]
):
    document = put(me, name, make("An introduction.", SENTENCE, "The end."))

    before = find("zeppelin hangar", actor=me, only=("document",)).hits
    done = read_documents()
    hits = find("zeppelin hangar", actor=me, only=("document",)).hits

    assert (before, done) == ([], 1)
    assert [(hit.key, SENTENCE in hit.sentence) for hit in hits] == [(document.pk, True)]
    assert [each.pk for each in documents_matching("zeppelin", actor=me)] == [document.pk]


def test_a_letter_is_read_with_tables_and_foot_and_a_talk_in_the_order_of_its_slides():
    letter = words_in(kind_of("a.docx", a_letter(SENTENCE)), a_letter(SENTENCE)).words
    talk = words_in(kind_of("a.pptx", a_talk(SENTENCE)), a_talk(SENTENCE)).words

    assert letter.split("\n")[:3] == ["Offer", SENTENCE, "In a table"]
    assert "At the foot" in letter
    assert [each for each in talk.split("\n") if each.startswith("Slide")] == [
        f"Slide {number + 1}" for number in range(12)
    ]
    assert "Only for the speaker" in talk


def test_what_stands_in_one_row_of_a_workbook_is_one_line():
    content = a_workbook("Hangar")

    assert words_in(kind_of("a.xlsx", content), content).words.split("\n") == ["Prices", "Hangar, 1200"]


def test_an_open_document_is_read():
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr("content.xml", '<o xmlns:t="t"><t:p>One</t:p><t:p>Two</t:p></o>')

    found = words_in("application/vnd.oasis.opendocument.text", kept.getvalue())

    assert found.words.split() == ["One", "Two"]


def test_a_zip_bomb_says_so_and_is_read_in_bounded_time(me: Actor):
    """A gigabyte of one paragraph, packed into a megabyte."""
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        with package.open("word/document.xml", "w", force_zip64=True) as part:
            part.write(BODY.encode())
            for _ in range(1024):
                part.write(b" " * (1 << 20))
    document = put(me, "bomb.docx", kept.getvalue())
    begun = perf_counter()

    read_documents()

    document.refresh_from_db()
    assert (document.words, document.words_fault) == ("", parts.TOO_LARGE)
    assert perf_counter() - begun < 20


def test_many_words_are_read_to_the_bound_and_no_further():
    content = a_package(
        document=f"{BODY}{'<w:p><w:r><w:t>zeppelin</w:t></w:r></w:p>' * 300_000}</w:body></w:document>"
    )

    assert len(words_in(kind_of("a.docx", content), content).words) == words.LONGEST


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"{BODY}<w:p><w:t>half", parts.DAMAGED),
        (f"<!DOCTYPE x [<!ENTITY a 'b'>]>{BODY}</w:body></w:document>", parts.DAMAGED),
        ("<a>" * 1000 + "</a>" * 1000, parts.TOO_LARGE),
        (f"{BODY}</w:body></w:document>", words.NO_WORDS),
    ],
)
def test_a_file_that_cannot_be_read_says_why_on_its_row(me: Actor, text: str, fault: str):
    document = put(me, "a.docx", a_package(document=text))

    read_documents()

    document.refresh_from_db()
    assert (document.words, document.words_fault) == ("", fault)
    assert document.words_read_at is not None


def test_a_truncated_file_is_refused_or_says_that_it_is_damaged(me: Actor):
    whole = a_letter(SENTENCE)
    with pytest.raises(RefusedFileError):
        kind_of("a.docx", whole[: len(whole) // 2])
    document = put(me, "a.pdf", b"%PDF-1.7\n1 0 obj<</Type/Cat")

    read_documents()

    document.refresh_from_db()
    assert document.words_fault == parts.DAMAGED


def test_a_locked_pdf_says_so_and_a_locked_office_file_is_refused(me: Actor):
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm="RC4-128")
    kept = BytesIO()
    writer.write(kept)
    document = put(me, "a.pdf", kept.getvalue())
    compound = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500 + "EncryptedPackage".encode("utf-16-le")

    read_documents()
    with pytest.raises(RefusedFileError) as refused:
        kind_of("a.docx", compound)

    document.refresh_from_db()
    assert document.words_fault == parts.ENCRYPTED
    assert "locked with a password" in str(refused.value)


def test_a_file_that_is_gone_is_asked_for_once(me: Actor):
    document = put(me, "a.docx", a_letter(SENTENCE))
    Path(document.file.path).unlink()

    assert (read_documents(), read_documents()) == (1, 0)
    document.refresh_from_db()
    assert document.words_fault == "The file is not there."


def test_a_file_that_names_an_erased_person_goes_though_nobody_had_read_it_yet(me: Actor):
    company = a_company(actor=me)
    ana = a_contact(actor=me, name="Ana Silva", email="ana@acme.example", company=company)
    content = a_letter("Signed by ana@acme.example")
    document = attach_document("company", company.pk, name="a.docx", content=BytesIO(content), actor=me)
    path = Path(document.file.path)

    erase_person(ana, reason="Asked", actor=SYSTEM)
    read_documents()

    document.refresh_from_db()
    assert (path.exists(), document.words, document.file.name) == (False, "", "")
