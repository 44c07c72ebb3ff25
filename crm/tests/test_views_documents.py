"""Pages and addresses for programs, where documents are dropped, listed and taken away."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from crm.models import Document
from crm.tests.builders import a_company, a_contact, a_deal, a_document
from gtmos.context.services.messages import create_product
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import User
from gtmos.kernel.tests.builders import a_team, a_user
from outreach.tests.campaign_builders import a_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def me(client: Client) -> User:
    user = a_user(team=a_team())
    client.force_login(user)
    return user


def dropped(client: Client, url: str, name: str = "Plan.md", content: bytes = b"# Plan") -> Any:
    return client.post(url, {"file": SimpleUploadedFile(name, content)}, headers={"HX-Request": "true"})


def test_a_file_dropped_beside_each_kind_of_record_is_listed_there_and_among_all(client: Client, me: User):
    actor = Actor.of(me)
    records = {
        "company": a_company(actor=actor),
        "contact": a_contact(actor=actor),
        "deal": a_deal(actor=actor),
        "product": create_product("Compass", actor=SYSTEM),
        "campaign": a_campaign(1, actor=actor),
    }

    for noun, record in records.items():
        url = reverse(f"crm:documents-of-{noun}", args=[record.pk])
        assert "Plan.md" in dropped(client, url).content.decode()
        assert "Plan.md" in client.get(url).content.decode()

    assert sorted(Document.objects.values_list("subject_type", flat=True)) == sorted(records)
    assert client.get(reverse("crm:documents")).content.decode().count(">Plan.md<") == 5


def test_a_file_is_only_ever_sent_to_be_kept(client: Client, me: User):
    document = a_document(Actor.of(me), name="page.html", text="<html><script>alert(1)</script>")

    answer = client.get(reverse("crm:document-download", args=[document.pk]))

    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="page.html"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer.content == b"<html><script>alert(1)</script>"


def test_words_of_a_file_are_shown_as_words(client: Client, me: User):
    document = a_document(Actor.of(me), text="<b onclick=x>bold</b>")

    page = client.get(reverse("crm:document", args=[document.pk])).content.decode()

    assert "&lt;b onclick=x&gt;" in page


def test_a_refusal_says_why_and_keeps_nothing(client: Client, me: User):
    url = reverse("crm:documents-of-company", args=[a_company(actor=Actor.of(me)).pk])

    answer = dropped(client, url, "setup.exe", b"MZ")
    none = client.post(url, {}, headers={"HX-Request": "true"})

    said = [json.loads(each["HX-Trigger"])["toast"]["text"] for each in (answer, none)]
    assert said == ["setup.exe is a program. Programs are not kept here.", "Choose a file first."]
    assert Document.objects.count() == 0


def test_of_several_files_the_good_ones_are_kept_and_the_others_named(client: Client, me: User):
    url = reverse("crm:documents-of-company", args=[a_company(actor=Actor.of(me)).pk])
    files = [SimpleUploadedFile(*each) for each in (("setup.exe", b"MZ"), ("Plan.md", b"# Plan"))]

    answer = client.post(url, {"file": files}, headers={"HX-Request": "true"})

    said = json.loads(answer["HX-Trigger"])["toast"]["text"]
    assert said == "Kept: Plan.md. setup.exe is a program. Programs are not kept here."
    assert list(Document.objects.values_list("name", flat=True)) == ["Plan.md"]


def test_deleting_offers_the_way_back(client: Client, me: User):
    document = a_document(Actor.of(me))

    deleted = client.post(reverse("crm:document-delete", args=[document.pk]), headers={"HX-Request": "true"})
    undo = json.loads(deleted["HX-Trigger"])["toast"]["undo_url"]
    gone = client.get(reverse("crm:document", args=[document.pk])).status_code
    back = client.post(undo, headers={"HX-Request": "true"})

    assert (gone, "Plan.txt" in back.content.decode()) == (404, True)


def test_programs_add_list_read_and_delete_documents(client: Client, me: User):
    company = a_company(actor=Actor.of(me))
    given = {
        "subject_type": "company",
        "subject_id": str(company.pk),
        "file": SimpleUploadedFile("Plan.txt", b"zeppelin"),
    }

    made = client.post("/api/v1/documents/", given)
    key = made.json()["id"]
    listed = client.get("/api/v1/documents/", {"subject_id": str(company.pk), "q": "zeppelin"}).json()
    content = client.get(f"/api/v1/documents/{key}/content/").content
    deleted = client.delete(f"/api/v1/documents/{key}/", headers={"If-Match": made["ETag"]})
    after = client.get(f"/api/v1/documents/{key}/").status_code
    back = client.post(f"/api/v1/documents/{key}/restore/")

    assert (made.status_code, made.json()["media_type"]) == (201, "text/plain")
    assert [each["id"] for each in listed["results"]] == [key]
    assert (content, deleted.status_code, after, back.status_code) == (b"zeppelin", 204, 404, 200)


def test_a_program_is_told_what_is_wrong(client: Client, me: User):
    company = a_company(actor=Actor.of(me))
    given = {"subject_type": "company", "subject_id": str(company.pk)}

    none = client.post("/api/v1/documents/", given)
    empty = client.post("/api/v1/documents/", {**given, "file": SimpleUploadedFile("a.txt", b"")})

    assert (none.status_code, empty.status_code) == (400, 422)
    assert empty.json()["detail"] == "a.txt is empty."


def test_a_large_file_comes_in_through_the_address_for_programs(client: Client, me: User):
    company = a_company(actor=Actor.of(me))
    text = b"word " * (1_200_000)

    made = client.post(
        "/api/v1/documents/",
        {
            "subject_type": "company",
            "subject_id": str(company.pk),
            "file": SimpleUploadedFile("a.txt", text),
        },
    )

    assert (made.status_code, made.json()["size_bytes"]) == (201, len(text))
