"""Several files as one move: one after the other, killed in between, taken back with one click and done again."""

import io
import os
import random
from functools import partial
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from crm.models import Company, Contact, Deal, ImportBatch, ImportMove
from crm.services.import_moves import join_move, open_move, repeat_import, repeat_move, start_move, undo_move
from crm.services.import_turns import resume_imports
from crm.services.importing import run_import, upload_import
from crm.tests.import_builders import imported
from crm.tests.killing import killed_half_way
from crm.tests.moving import FILES, MOVED, NOTHING, carried_out, left_over, there
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.tests.processes import in_a_process_of_its_own

TORN = pytest.mark.django_db(transaction=True)
ORDERS = random.Random(11).sample(sorted(permutations(FILES)), int(os.environ.get("GTMOS_TEST_ORDERS", "3")))
KILLS = int(os.environ.get("GTMOS_TEST_KILLS", "20"))


def a_move(me: Actor, *names: str) -> ImportMove:
    move = open_move(actor=me)
    for name in names or FILES:
        upload_import(file_name=f"{name}.csv", content=io.BytesIO(FILES[name]), actor=me, move=move)
    return move


@pytest.mark.django_db
def test_files_of_a_move_run_one_after_the_other_whoever_is_rung_first(me: Actor) -> None:
    move = start_move(a_move(me, "deals", "contacts", "companies"), actor=me)
    deals, contacts, companies = move.imports.order_by("created_at")

    states = [run_import(batch.pk).state for batch in (deals, contacts, companies, contacts, deals)]

    assert states == ["running", "running", "done", "done", "done"]


@pytest.mark.django_db
def test_a_move_is_taken_back_with_one_click_and_done_again(me: Actor) -> None:
    move = carried_out(start_move(a_move(me), actor=me))
    first = there()

    undo_move(move, actor=me)
    undone = (there(), left_over())
    carried_out(repeat_move(move, actor=me))
    again = there()
    undo_move(move, actor=me)

    assert first == again == MOVED
    assert undone == (NOTHING, 0)
    assert (there(), left_over()) == (NOTHING, 0)
    assert sorted(move.imports.values_list("state", flat=True)) == ["undone"] * 8


@pytest.mark.django_db
def test_values_edited_between_two_rounds_are_what_the_second_gives_back(me: Actor) -> None:
    batch = imported(b"Name,Website,City\nAcme,acme.example,Bonn\n", me)
    move = join_move(imported(b"Name,Website,City\nAcme,acme.example,Berlin\n", me), actor=me)
    undo_move(move, actor=me)
    Company.objects.update(city="Mainz")

    carried_out(repeat_move(move, actor=me))
    between = Company.objects.get().city
    undo_move(move, actor=me)

    assert (batch.state, between, Company.objects.get().city) == ("done", "Berlin", "Mainz")


@pytest.mark.django_db
def test_a_file_that_cannot_be_read_stops_no_other(me: Actor) -> None:
    move = a_move(me, "companies", "contacts")
    Path(move.imports.get(file_name="companies.csv").path).write_bytes(b"")

    carried_out(start_move(move, actor=me))

    assert sorted(move.imports.values_list("file_name", "state")) == [
        ("companies.csv", "failed"),
        ("contacts.csv", "done"),
    ]


@pytest.mark.django_db
def test_a_move_says_why_it_cannot(me: Actor) -> None:
    move = a_move(me, "companies")

    with pytest.raises(DomainError, match="Nothing of this move can be taken back"):
        undo_move(move, actor=me)
    with pytest.raises(DomainError, match="Nothing of this move was taken back"):
        repeat_move(move, actor=me)
    start_move(move, actor=me)
    with pytest.raises(DomainError, match="is being imported"):
        undo_move(move, actor=me)
    with pytest.raises(DomainError, match="imported already"):
        start_move(move, actor=me)


@pytest.mark.django_db
def test_a_file_that_is_not_kept_any_more_is_asked_for(me: Actor) -> None:
    move = undo_move(carried_out(start_move(a_move(me, "companies"), actor=me)), actor=me)
    Path(move.imports.get().path).unlink()

    with pytest.raises(DomainError, match="Upload it again"):
        repeat_import(move.imports.get(), actor=me)


@pytest.mark.django_db
def test_the_page_takes_several_files_and_leads_through_the_move(me: Actor, client: Client) -> None:
    client.force_login(me.user)
    files = [named(f"{name}.csv", raw) for name, raw in FILES.items()]

    sent = client.post(reverse("crm:import-upload"), {"file": files})
    move = ImportMove.objects.get()
    client.post(
        reverse("crm:import-upload"), {"file": named("more.csv", b"Name\nFurther\n"), "move": move.pk}
    )
    before = client.get(sent["Location"]).content.decode()
    client.post(reverse("crm:move-start", args=[move.pk]))
    carried_out(move)
    done = client.get(sent["Location"]).content.decode()
    undone = client.post(reverse("crm:move-undo", args=[move.pk])).content.decode()

    assert sent["Location"] == reverse("crm:move", args=[move.pk])
    assert move.imports.count() == 5
    assert [words in before for words in ("Import all", "Take the move back")] == [True, False]
    assert [words in done for words in ("Import all", "Take the move back")] == [False, True]
    assert "Do it again" in undone
    assert there() == NOTHING


def named(name: str, raw: bytes) -> io.BytesIO:
    file = io.BytesIO(raw)
    file.name = name
    return file


@TORN
@pytest.mark.kill
@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
def test_a_move_in_any_order_with_a_killed_file_ends_as_an_undisturbed_one(
    order: tuple[str, ...], me: Actor
) -> None:
    torn = random.Random(str(order)).choice(order)
    move = open_move(actor=me)
    for name in order * 2:
        batch = upload_import(file_name=f"{name}.csv", content=io.BytesIO(FILES[name]), actor=me, move=move)
        start_move(move, actor=me)
        if name == torn:
            killed_half_way(batch)
            ImportBatch.objects.update(lease_until=None)  # time passes
            assert resume_imports() == 1
        carried_out(move)
    moved = there()

    undo_move(move, actor=me)
    undone = (there(), left_over())
    carried_out(repeat_move(move, actor=me))

    assert moved == MOVED
    assert undone == (NOTHING, 0)
    assert there() == MOVED


@pytest.fixture
def a_longer_list() -> bytes:
    rows = "".join(
        f"{n},Firm {n % 400},firm{n % 400}.example,Person {n},p{n}@firm{n % 400}.example,{n % 900}\n"
        for n in range(1200)
    )
    return f"Contact ID,Company,Website,Name,Email,Seats\n{rows}".encode()


@TORN
@pytest.mark.kill
def test_twenty_kills_at_random_moments_end_as_none(me: Actor, a_longer_list: bytes) -> None:
    whole = imported(a_longer_list, me)
    expected = state_of_all()
    statements = statements_of_an_import(whole, me)
    dice = random.Random(os.environ.get("GTMOS_TEST_SEED", "5"))
    ends = []
    for _ in range(KILLS):
        batch = repeat_import(undone(whole, me), actor=me)
        start_move(join_move(batch, actor=me), actor=me)
        in_a_process_of_its_own(partial(run_import, batch.pk), dies_at=dice.randrange(1, statements)).join()
        after_kill = Company.objects.count() + Contact.objects.count()
        ImportBatch.objects.update(lease_until=None)
        whole = run_import(batch.pk)
        ends.append((after_kill in {0, 1600}, whole.state, state_of_all()))

    assert ends == [(True, "done", expected)] * KILLS


def undone(batch: ImportBatch, me: Actor) -> ImportBatch:
    undo_move(join_move(batch, actor=me), actor=me)
    return ImportBatch.objects.get(pk=batch.pk)


def statements_of_an_import(batch: ImportBatch, me: Actor) -> int:
    again = repeat_import(undone(batch, me), actor=me)
    start_move(join_move(again, actor=me), actor=me)
    seen = 0

    def count(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal seen
        seen += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        run_import(again.pk)
    batch.pk = again.pk
    return seen


def state_of_all() -> tuple[Any, ...]:
    people = Contact.objects.order_by("email_key").values_list(
        "name", "email_key", "external_id", "company__domain", "custom", "version", "source"
    )
    firms = Company.objects.order_by("domain").values_list(
        "name", "domain", "custom", "version", "search_text"
    )
    return list(people), list(firms), Deal.objects.count()
