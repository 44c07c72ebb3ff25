"""A dry run says everything that the import would do, and does nothing of it."""

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from crm.models import Company, Contact, Deal, DuplicatePair, ImportBatch
from crm.services.import_kinds import read_as
from crm.services.import_moves import open_move, start_move, try_move
from crm.services.import_rehearsing import ask_rehearsal, rehearse_imports, resume_rehearsals
from crm.services.import_undo import undo_import
from crm.services.importing import run_import, start_import, upload_import
from crm.tests.builders import a_company
from crm.tests.import_builders import imported
from crm.tests.moving import FILES, NOTHING, carried_out, there
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.history.models import Change

pytestmark = pytest.mark.django_db
LIST = b"Name,Website,City\nAcme,acme.example,Berlin\nBirch,birch.example,Bonn\n,,\n,nothing here,\n"


def uploaded(content: bytes, me: Actor) -> ImportBatch:
    return upload_import(file_name="list.csv", content=io.BytesIO(content), actor=me)


def tried(batch: ImportBatch, me: Actor, mapping: dict[str, str] | None = None) -> dict[str, object]:
    ask_rehearsal(batch, mapping=mapping, actor=me)
    rehearse_imports(batch.pk)
    batch.refresh_from_db()
    rehearsal: dict[str, object] = batch.result["rehearsal"]
    return rehearsal


def test_a_dry_run_counts_as_the_import_does_and_changes_nothing(me: Actor) -> None:
    a_company(name="Acme", domain="acme.example", owner=me.user)
    before, noted = list(Company.objects.values()), Change.objects.count()
    batch = uploaded(LIST, me)
    files = sorted(Path(settings.MEDIA_ROOT, "imports").iterdir())

    rehearsal = tried(batch, me)

    assert (list(Company.objects.values()), Change.objects.count()) == (before, noted)
    assert (batch.state, sorted(Path(settings.MEDIA_ROOT, "imports").iterdir())) == ("uploaded", files)
    would = rehearsal["result"]
    assert isinstance(would, dict)
    did = run_import(start_import(batch, actor=me).pk).result
    same = ("rows", "created", "updated", "unchanged", "rejected", "signals", "links_tied", "alike")
    assert {name: would[name] for name in same} == {name: did[name] for name in same}
    assert did["created"]["companies"] == did["updated"]["companies"] == 1
    assert rehearsal["reasons"] == [["The row names no company: it has no name and no web domain.", 1, "5"]]


def test_files_of_a_move_are_tried_together_so_that_one_finds_what_another_brings(me: Actor) -> None:
    move = open_move(actor=me)
    for name in ("deals", "contacts", "companies"):
        upload_import(file_name=f"{name}.csv", content=io.BytesIO(FILES[name]), actor=me, move=move)

    try_move(move, actor=me)
    rehearse_imports(move.imports.earliest("created_at").pk)

    would = {each.file_name: each.result["rehearsal"]["result"]["created"] for each in move.imports.all()}
    assert there() == NOTHING
    carried_out(start_move(move, actor=me))
    assert would == {each.file_name: each.result["created"] for each in move.imports.all()}


def test_columns_are_tried_as_they_are_chosen_and_stay_so(me: Actor) -> None:
    batch = uploaded(b"Firm,Place\nAcme,Berlin\n", me)

    rehearsal = tried(batch, me, {"Firm": "company.name", "Place": "company.city"})

    assert rehearsal["state"] == "done"
    assert [column["target"] for column in batch.mapping["columns"]] == ["company.name", "company.city"]


def test_a_worker_that_dies_during_a_dry_run_is_followed_by_another(me: Actor) -> None:
    batch = uploaded(LIST, me)
    ask_rehearsal(batch, actor=me)

    waiting = resume_rehearsals()
    done = rehearse_imports(batch.pk)

    assert (waiting, done, resume_rehearsals(), rehearse_imports(batch.pk)) == (1, 1, 0, 0)


def test_what_was_imported_is_not_tried(me: Actor) -> None:
    batch = imported(LIST, me)

    with pytest.raises(DomainError, match="there is nothing to try"):
        ask_rehearsal(batch, actor=me)


def test_a_file_that_cannot_be_read_any_more_says_so(me: Actor) -> None:
    batch = uploaded(LIST, me)
    Path(batch.path).unlink()

    assert tried(batch, me) == {
        "state": "failed",
        "error": "The file of list.csv is not kept any more. Upload it again.",
    }


def test_the_page_shows_what_the_file_would_do(me: Actor, client: Client) -> None:
    client.force_login(me.user)
    batch = uploaded(LIST, me)

    asked = client.post(reverse("crm:import-rehearse", args=[batch.pk])).content.decode()
    rehearse_imports(batch.pk)
    page = client.get(reverse("crm:import", args=[batch.pk])).content.decode()

    assert "Trying the file" in asked
    assert [words in page for words in ("Dry run", "Nothing has been changed", "names no company")] == [
        True,
        True,
        True,
    ]


PEOPLE = (
    b"Company,Website,Name,Email,LinkedIn\n"
    b"Northwind Traders,northwind.test,Ada Young,ada+crm@northwind.example,\n"
    b"Northwind Tradres,,Bo Zhang,bo@other.example,https://www.linkedin.com/in/bozhang\n"
    b"Cobalt,cobalt.example,Cy Moss,cy@cobalt.example,\n"
)


def test_new_records_that_probably_are_there_already_are_counted_and_queued(me: Actor) -> None:
    imported(
        b"Company,Website,Name,Email,LinkedIn\n"
        b"Northwind Traders,northwind.example,Ada Young,ada@northwind.example,\n"
        b"Birch,birch.example,Bo Zhang,bo@birch.example,https://www.linkedin.com/in/bozhang\n",
        me,
    )
    batch = uploaded(PEOPLE, me)

    would = tried(batch, me)["result"]
    queued_by_trying = DuplicatePair.objects.count()
    did = run_import(start_import(batch, actor=me).pk)

    alike = {"looked_at": 6, "companies": 2, "contacts": 2}
    assert isinstance(would, dict)
    assert (would["alike"], queued_by_trying, did.result["alike"]) == (alike, 0, alike)
    assert DuplicatePair.objects.count() == 4
    undo_import(did, actor=me)
    assert (Company.objects.count(), Contact.objects.count(), Deal.objects.count()) == (2, 2, 0)
    assert DuplicatePair.objects.count() == 0


def test_lines_of_one_file_are_no_duplicates_of_each_other_here(me: Actor) -> None:
    batch = imported(PEOPLE, me)

    assert batch.result["alike"] == {"looked_at": 0, "companies": 0, "contacts": 0}


def test_a_person_says_what_the_rows_are_and_the_columns_are_understood_anew(
    me: Actor, client: Client
) -> None:
    client.force_login(me.user)
    batch = uploaded(b"Name,Account,Amount\nRollout,Harbor,48000\n", me)
    tried(batch, me)

    page = client.post(reverse("crm:import-kind", args=[batch.pk]), {"into": "deals"}).content.decode()

    batch.refresh_from_db()
    assert [each["target"] for each in batch.mapping["columns"]] == [
        "deal.name",
        "company.name",
        "deal.amount",
    ]
    assert (batch.mapping["kind"], batch.into, batch.result) == ("deals", "deals", {})
    assert 'value="deals" aria-pressed="true"' in page
    done = run_import(start_import(batch, actor=me).pk)
    assert done.result["created"]["deals"] == 1


def test_a_kind_that_is_none_and_a_file_that_is_imported_are_not_read_anew(me: Actor) -> None:
    batch = uploaded(LIST, me)
    before = batch.mapping

    with pytest.raises(InvalidInputError, match="not lamps"):
        read_as(batch, "lamps", actor=me)
    batch.refresh_from_db()
    assert (batch.mapping, batch.into) == (before, "auto")

    run_import(start_import(batch, actor=me).pk)
    with pytest.raises(DomainError, match="cannot be read anew"):
        read_as(batch, "deals", actor=me)
    batch.refresh_from_db()
    assert (batch.mapping, batch.into) == (before, "auto")
