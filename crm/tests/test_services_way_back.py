"""Ways back that meet what others did meanwhile: nothing of theirs is written over, lost, or told to strangers."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.models import BulkEdit, Company
from crm.selectors.exports import KEY
from crm.services.bulk_edits import run_bulk_edit, start_bulk_edit, undo_bulk_edit, work_on
from crm.services.cells import take_cell_back
from crm.services.companies import change_state, retag_company, update_company
from crm.services.deals import update_deal
from crm.services.restoring import restore_values
from crm.tests.builders import a_company, a_deal
from gtmos.kernel import clock, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotPermittedError
from gtmos.kernel.lists.conditions import condition_of
from gtmos.kernel.lists.filters import parse_filter
from gtmos.kernel.lists.services.views import create_view
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_team, a_user, an_actor
from gtmos.kernel.undo.models import Deed

pytestmark = pytest.mark.django_db


def test_a_value_that_changed_after_it_was_read_is_not_written_over(admin: Actor) -> None:
    company = a_company(actor=admin, city="Bonn")
    change = history.of_record(update_company(company, changes={"city": "Graz"}, actor=admin)).first()
    read_before = Company.objects.get()
    update_company(company, changes={"city": "Wien"}, actor=an_actor(Role.REVOPS))

    with pytest.raises(DomainError) as refused:
        restore_values(read_before, change, actor=admin)

    assert (refused.value.code, Company.objects.get().city) == ("changed_since", "Wien")


def test_what_others_made_of_a_deal_is_not_told_to_strangers(admin: Actor) -> None:
    ann = an_actor(team=a_team())
    deal = a_deal(actor=ann, amount=50_000)
    change = history.of_record(update_deal(deal, changes={"deal_amount": 60_000}, actor=ann)).first()
    update_deal(deal, changes={"deal_amount": 80_000}, actor=admin)

    stranger = an_actor(team=a_team())
    with pytest.raises(NotPermittedError) as refused:
        restore_values(deal, change, actor=stranger)

    told = f"{stranger.label} may not edit deal: the role account executive has no right to it here."
    assert refused.value.message == told


def test_a_state_that_a_deal_holds_is_said_to_stay_by_a_cell_and_by_a_bulk_edit(admin: Actor) -> None:
    one, two = (a_company(actor=admin, name=name) for name in ("One", "Two"))
    edit = start_bulk_edit(
        "company", Company.objects.all(), field="customer_state", value="exploring", actor=admin
    )
    run_bulk_edit(edit, actor=admin)
    change_state(one, "buying", reason="", actor=admin)
    newest = history.of_record(one).order_by("-pk").first()
    a_deal(actor=admin, company=one)

    with pytest.raises(DomainError) as cell:
        take_cell_back(one, newest.pk, actor=admin)
    edit.refresh_from_db()
    undone = undo_bulk_edit(edit, actor=admin)

    states = list(Company.objects.order_by("name").values_list("customer_state", flat=True))
    assert cell.value.message == "One stays buying: another deal holds it there."
    assert (undone.changed, undone.refused, states) == (1, 1, ["buying", "dormant"])
    assert two.pk != one.pk


def test_two_tags_that_come_at_once_both_stay(admin: Actor) -> None:
    company = a_company(actor=admin)
    read_before = Company.objects.get()
    retag_company(company, add="vip", actor=admin)

    retag_company(read_before, add="north", actor=admin)

    assert Company.objects.get().tags == ["vip", "north"]


def test_a_bulk_edit_that_a_worker_does_is_the_last_thing_done(
    browser: Client, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        a_company(actor=admin, city="Bonn")
    edit = start_bulk_edit("company", Company.objects.all(), field="city", value="Graz", actor=admin)
    monkeypatch.setattr("crm.services.bulk_edits.AT_ONCE", 0)

    browser.post(reverse("crm:bulk-run", args=[edit.pk]), headers={"HX-Request": "true"})
    work_on(edit.pk)
    monkeypatch.undo()
    deed = Deed.objects.get()
    browser.post(deed.undo_url, headers={"HX-Request": "true", "X-Undo": "1"})

    deed.refresh_from_db()
    assert deed.title == "3 companies changed: Place becomes Graz"
    assert (BulkEdit.objects.get().state, deed.undone_at is not None) == ("undone", True)
    assert set(Company.objects.values_list("city", flat=True)) == {"Bonn"}


def test_a_day_of_a_filter_is_the_readers_day(admin: Actor) -> None:
    a_company(actor=admin)
    made = Company.objects.get().created_at

    with timezone.override("Pacific/Kiritimati"), clock.as_if_on(made):
        here = timezone.localdate(made)
        found = [
            Company.objects.filter(condition_of(parse_filter(where), "company", actor=admin)).count()
            for where in (f"created_at:is:{here}", "created_at:in_last:1", f"created_at:before:{here}")
        ]

    assert found == [1, 1, 0]


def test_twenty_owners_of_a_filter_are_read_at_once(admin: Actor) -> None:
    addresses = [a_user().email.upper() for _ in range(20)]
    tree = parse_filter(f"owner:any_of:{';'.join(addresses)}")

    with CaptureQueriesContext(
        connection,
    ) as few:
        condition_of(parse_filter(f"owner:any_of:{addresses[0]}"), "company", actor=admin)
    one = parse_filter(f"owner:is:{addresses[0]}")
    condition_of(one, "company", actor=admin)  # what is kept for the person is read
    with CaptureQueriesContext(connection) as few:
        condition_of(one, "company", actor=admin)
    with CaptureQueriesContext(connection) as many:
        condition_of(tree, "company", actor=admin)

    assert len(many) == len(few)


def test_a_view_of_a_very_long_search_is_refused_in_words(admin: Actor) -> None:
    with pytest.raises(InvalidInputError, match="up to 200 letters"):
        create_view("company", "Long", actor=admin, text="a" * 201)


@pytest.mark.parametrize("percent", ["1e999999999", "NaN", "much"])
def test_a_discount_that_is_no_number_is_refused_in_words(
    browser: Client, admin: Actor, percent: str
) -> None:
    deal = a_deal(actor=admin)

    answer = browser.post(reverse("crm:deal-discount", args=[deal.pk]), {"percent": percent})

    deal.refresh_from_db()
    assert (answer.status_code, deal.discount) == (422, 0)


def test_a_time_that_is_none_is_refused_before_anything_is_tried(admin: Actor) -> None:
    with pytest.raises(InvalidInputError, match="Write the time as"):
        start_bulk_edit("task", Company.objects.none(), field="due_at", value="2026-01-01Txx:yy", actor=admin)


def test_a_column_that_is_only_filtered_by_is_left_out_of_a_list_that_is_taken_along(
    browser: Client, admin: Actor
) -> None:
    a_company(actor=admin, name="Acme")

    answer = browser.get(reverse("crm:export", args=["companies", "csv"]), {"columns": "name,target_list"})

    first = b"".join(answer.streaming_content).decode().splitlines()[0]
    assert first.removeprefix("\ufeff") == f'"{KEY}","Company name"'
