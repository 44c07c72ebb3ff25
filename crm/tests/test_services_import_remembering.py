"""Columns that somebody sent elsewhere are proposed so for the next file with the same names."""

import io

import pytest
from django.test import Client
from django.urls import reverse

from crm.intake.tables import is_address
from crm.models import Contact, ImportBatch, RememberedMapping
from crm.services.importing import run_import, start_import, upload_import
from gtmos.kernel.actors import Actor

pytestmark = pytest.mark.django_db
LIST = b"Name,Email,Reach\nAda,ada@acme.example,Berlin\n"
TURNED = b"Reach,Email,Name\nBonn,bo@acme.example,Bo\n"


def uploaded(raw: bytes, me: Actor) -> ImportBatch:
    return upload_import(file_name="list.csv", content=io.BytesIO(raw), actor=me)


def targets(batch: ImportBatch) -> dict[str, str]:
    return {column["name"]: column["target"] for column in batch.mapping["columns"]}


def test_the_next_file_with_the_same_columns_is_read_as_the_last_one(me: Actor, client: Client) -> None:
    first = uploaded(LIST, me)
    start_import(first, mapping={"Reach": "contact.city"}, actor=me)
    run_import(first.pk)

    second = uploaded(TURNED, me)
    client.force_login(me.user)
    words = client.get(reverse("crm:import", args=[second.pk])).content.decode()
    start_import(second, actor=me)
    run_import(second.pk)

    assert (targets(first)["Reach"], targets(second)["Reach"]) == ("", "contact.city")
    assert f"Columns as {me.label} chose them" in words
    assert list(Contact.objects.order_by("name").values_list("name", "city")) == [
        ("Ada", "Berlin"),
        ("Bo", "Bonn"),
    ]


def test_another_choice_takes_the_place_of_the_first(me: Actor) -> None:
    start_import(uploaded(LIST, me), mapping={"Reach": "contact.city"}, actor=me)

    start_import(uploaded(LIST, me), mapping={"Reach": ""}, actor=me)

    assert targets(uploaded(LIST, me))["Reach"] == ""
    assert RememberedMapping.objects.count() == 1


def test_files_with_other_columns_and_fields_that_are_gone_are_read_as_understood(me: Actor) -> None:
    start_import(uploaded(LIST, me), mapping={"Reach": "contact.city"}, actor=me)
    RememberedMapping.objects.update(targets={"Name": "contact.full_name", "Reach": "contact.custom.gone"})

    assert targets(uploaded(LIST, me))["Reach"] == ""
    assert "remembered" not in uploaded(LIST.replace(b"Reach", b"Range"), me).mapping


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ada@acme.example", True),
        ("Email", False),
        ("ada@acme", False),
        ("ada@.acme", False),
        ("ada@acme.", False),
        ("@acme.example", False),
        ("a@b@acme.example", False),
        ("ada @acme.example", False),
        (" ada@acme.example", False),
        ("a" * 100_000 + "@" + "a." * 50_000 + " ", False),
    ],
)
def test_a_heading_is_an_address_by_its_parts(text: str, *, expected: bool) -> None:
    assert is_address(text) is expected
