"""One change to many records: tried without a trace, done with a line of history each, taken back as one."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models import BulkEdit, Company, Task
from crm.services.bulk_edits import resume_bulk_edits, run_bulk_edit, start_bulk_edit, undo_bulk_edit, work_on
from crm.services.companies import update_company
from crm.tests.builders import a_company, a_contact, a_deal, a_task
from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotPermittedError
from gtmos.kernel.fields.services.locks import lock_fields
from gtmos.kernel.fields.tests.builders import a_field
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.access_services import create_role
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_team, a_user, an_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def me() -> Actor:
    return an_actor(Role.ADMIN)


def companies() -> QuerySet[Company]:
    return Company.objects.order_by("name")


def figures(edit: BulkEdit) -> tuple[str, int, int, int]:
    return edit.state, edit.changed, edit.unchanged, edit.refused


def edited(records: Any, actor: Actor, noun: str = "company", **values: str) -> BulkEdit:
    return run_bulk_edit(start_bulk_edit(noun, records, actor=actor, **values), actor=actor)


def test_a_change_is_tried_without_a_trace(me: Actor) -> None:
    other = a_user()
    for _ in range(3):
        a_company(actor=me)
    a_company(actor=me, owner=other)
    before = Change.objects.count(), EventRecord.objects.count(), list(companies().values_list("version"))

    edit = start_bulk_edit("company", companies(), field="owner", value=other.email, actor=me)

    assert figures(edit) == ("previewed", 3, 1, 0)
    assert (
        Change.objects.count(),
        EventRecord.objects.count(),
        list(companies().values_list("version")),
    ) == before


def test_records_are_handed_over_with_one_line_of_history_each_and_back_as_one(me: Actor) -> None:
    other = a_user()
    made = [a_company(actor=me) for _ in range(4)]

    edit = edited(companies(), me, field="owner", value=other.email)
    owners = set(companies().values_list("owner", flat=True))
    lines = [history.of_record(each).filter(cause_id__in=edit.causes).count() for each in made]
    undone = undo_bulk_edit(edit, actor=me)

    assert (figures(edit), owners, lines) == (("done", 4, 0, 0), {other.pk}, [1, 1, 1, 1])
    assert me.user is not None
    assert (figures(undone), set(companies().values_list("owner", flat=True))) == (
        ("undone", 4, 0, 0),
        {me.user.pk},
    )


def test_taking_back_reads_and_writes_no_more_for_many_than_for_few(me: Actor) -> None:
    other, counts = a_user(), []
    for many in (3, 12):
        made = [a_company(actor=me).pk for _ in range(many)]
        edit = edited(Company.objects.filter(pk__in=made), me, field="owner", value=other.email)
        with CaptureQueriesContext(connection) as asked:
            undone = undo_bulk_edit(edit, actor=me)
        counts.append(len(asked))
        owners = Company.objects.filter(pk__in=made).values_list("owner", flat=True)
        assert (figures(undone), set(owners)) == (("undone", many, 0, 0), {me.user and me.user.pk})

    assert counts[1] == counts[0]


def test_what_a_role_may_no_longer_change_stays_when_it_is_taken_back(me: Actor) -> None:
    rep = an_actor()
    mine, theirs = a_company(actor=rep, city="Rom"), a_company(actor=rep, city="Rom")
    edit = edited(companies(), rep, field="city", value="Bonn")
    update_company(theirs, changes={"owner": me.user}, actor=me)

    undone = undo_bulk_edit(edit, actor=rep)

    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (figures(undone), mine.city, theirs.city) == (("undone", 1, 0, 1), "Rom", "Bonn")


def test_what_would_be_refused_is_counted_with_its_reasons_and_stays(me: Actor) -> None:
    """A dormant company cannot have churned; one whose city a person keeps stays there."""
    plain, kept = a_company(actor=me, city="Bonn"), a_company(actor=me, city="Bonn")
    lock_fields(kept, ["city"], actor=me)

    states = start_bulk_edit("company", companies(), field="customer_state", value="churned", actor=me)
    moved = edited(companies(), me, field="city", value="Berlin")

    assert figures(states) == ("previewed", 0, 0, 2)
    (reason,) = states.refusals.values()
    assert (reason["count"], "cannot become churned" in reason["samples"][0]["why"]) == (2, True)
    plain.refresh_from_db()
    kept.refresh_from_db()
    assert (figures(moved), plain.city, kept.city) == (("done", 1, 0, 1), "Berlin", "Bonn")


def test_words_are_added_and_taken_away_beside_what_is_there(me: Actor) -> None:
    one, two = a_company(actor=me, tags=["vip"]), a_company(actor=me, tags=["north", "vip"])

    edited(companies(), me, field="tags", value="pilot, vip", operation="add")
    one.refresh_from_db()
    two.refresh_from_db()
    added = one.tags, two.tags
    edited(companies(), me, field="tags", value="vip", operation="remove")
    one.refresh_from_db()

    assert (added, one.tags) == ((["vip", "pilot"], ["north", "vip", "pilot"]), ["pilot"])


def test_custom_fields_deals_people_and_tasks_are_changed_and_taken_back(me: Actor) -> None:
    a_field(label="Plan", kind="choice", options={"choices": ["Gold", "Free"]})
    other, company = a_user(), a_company(actor=me, custom={"plan": "Free"})
    person, deal, task = (
        a_contact(actor=me, company=company),
        a_deal(actor=me, company=company),
        a_task(actor=me),
    )
    done = [
        edited(companies(), me, field="custom.plan", value="gold"),
        edited(type(person).objects.all(), me, "contact", field="seniority", value="vp"),
        edited(type(deal).objects.all(), me, "deal", field="owner", value=other.email),
        edited(type(task).objects.all(), me, "task", field="owner", value=other.email),
    ]
    for each in (company, person, deal, task):
        each.refresh_from_db()
    held = company.custom, person.seniority, deal.owner, task.owner
    back = [undo_bulk_edit(edit, actor=me) for edit in done]

    for each in (company, person, deal, task):
        each.refresh_from_db()
    assert [figures(edit) for edit in done] == [("done", 1, 0, 0)] * 4
    assert held == ({"plan": "Gold"}, "vp", other, other)
    assert [figures(edit) for edit in back] == [("undone", 1, 0, 0)] * 4
    assert (company.custom, person.seniority, deal.owner, task.owner) == (
        {"plan": "Free"},
        "",
        me.user,
        me.user,
    )


def test_a_state_goes_back_past_its_lifecycle(me: Actor) -> None:
    company = a_company(actor=me)

    edit = edited(companies(), me, field="customer_state", value="exploring")
    undo_bulk_edit(edit, actor=me)

    company.refresh_from_db()
    assert (edit.changed, company.customer_state) == (1, "dormant")


def test_what_somebody_changed_since_stays_when_the_rest_is_taken_back(me: Actor) -> None:
    one, two = a_company(actor=me, city="Bonn"), a_company(actor=me, city="Bonn")
    edit = edited(companies(), me, field="city", value="Berlin")
    update_company(one, changes={"city": "Paris"}, actor=me)

    undone = undo_bulk_edit(edit, actor=me)

    one.refresh_from_db()
    two.refresh_from_db()
    assert (figures(undone), one.city, two.city) == (("undone", 1, 0, 1), "Paris", "Bonn")


def test_many_are_worked_on_in_parts_and_go_on_after_a_worker_died(
    me: Actor, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr("crm.services.bulk_edits.AT_ONCE", 0)
    monkeypatch.setattr("crm.services.bulk_edits.PART", 2)
    for _ in range(5):
        a_company(actor=me, city="Bonn")

    edit = start_bulk_edit("company", companies(), field="city", value="Berlin", actor=me)
    waiting = resume_bulk_edits()
    tried = work_on(edit.pk)
    edit.refresh_from_db()
    run_bulk_edit(edit, actor=me)
    worked = work_on(edit.pk), work_on(edit.pk)

    edit.refresh_from_db()
    assert (waiting, tried, worked) == (1, 2, (2, 0))
    assert (figures(edit), len(edit.causes), companies().filter(city="Berlin").count()) == (
        ("done", 5, 0, 0),
        3,
        5,
    )


def test_who_loses_the_right_while_it_is_taken_back_gets_an_end_and_the_reason(
    me: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the job, which else would be rung for ever."""
    monkeypatch.setattr("crm.services.bulk_edits.AT_ONCE", 0)
    rep = an_actor()
    made = [a_company(actor=rep, city="Rom") for _ in range(3)]
    edit = start_bulk_edit("company", companies(), field="city", value="Bonn", actor=rep)
    work_on(edit.pk)
    edit.refresh_from_db()
    work_on(run_bulk_edit(edit, actor=rep).pk)
    edit.refresh_from_db()
    undo_bulk_edit(edit, actor=rep)
    create_role("Careful", based_on="ae", rights={"company.edit": False}, actor=me)
    User.objects.filter(pk=edit.person_id).update(role="careful")

    work_on(edit.pk)

    edit.refresh_from_db()
    (reason,) = edit.refusals.values()
    assert (figures(edit), resume_bulk_edits()) == (("undone", 0, 0, 3), 0)
    assert (reason["count"], "may not edit company" in reason["samples"][0]["why"]) == (3, True)
    assert set(companies().filter(pk__in=[each.pk for each in made]).values_list("city")) == {("Bonn",)}


def test_nothing_is_done_twice_or_out_of_turn(me: Actor) -> None:
    a_company(actor=me)
    edit = start_bulk_edit("company", companies(), field="city", value="Berlin", actor=me)

    with pytest.raises(DomainError) as early:
        undo_bulk_edit(edit, actor=me)
    run_bulk_edit(edit, actor=me)
    with pytest.raises(DomainError) as twice:
        run_bulk_edit(edit, actor=me)

    assert [early.value.code, twice.value.code] == ["wrong_state", "wrong_state"]


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"field": "nothing", "value": "x"}, InvalidInputError),
        ({"field": "owner", "value": "x@y.example"}, DomainError),
        ({"field": "employee_size", "value": "many"}, InvalidInputError),
        ({"field": "city", "value": "x", "operation": "add"}, InvalidInputError),
        ({"field": "created_at", "value": "today"}, InvalidInputError),
    ],
)
def test_what_is_no_change_is_refused_before_anything_is_tried(
    me: Actor, values: dict[str, str], error: type[DomainError]
) -> None:
    a_company(actor=me)

    with pytest.raises(error):
        start_bulk_edit("company", companies(), actor=me, **values)

    assert BulkEdit.objects.count() == 0


def test_a_viewer_changes_nothing_and_strangers_records_are_refused(me: Actor) -> None:
    theirs = a_company(actor=an_actor(team=a_team()))
    rep = an_actor(team=a_team())

    with pytest.raises(NotPermittedError):
        start_bulk_edit("company", companies(), field="city", value="x", actor=an_actor(Role.VIEWER))
    edit = edited(companies(), rep, field="city", value="Berlin")

    theirs.refresh_from_db()
    assert (figures(edit), theirs.city) == (("done", 0, 0, 1), "")


def test_the_page_previews_changes_and_takes_back(client: Client, me: Actor) -> None:
    assert me.user is not None
    client.force_login(me.user)
    for name in ("Alpha", "Beta", "Gamma"):
        a_company(actor=me, name=name, city="Bonn")
    where = "name:is_not:Gamma"

    form = client.post(
        f"{reverse('crm:bulk-form', args=['company'])}?where={where}", {}, headers={"HX-Request": "true"}
    )
    preview = client.post(
        f"{reverse('crm:bulk-start', args=['company'])}?where={where}",
        {"all": "1", "field": "city", "value": "Berlin"},
        headers={"HX-Request": "true"},
    )
    edit = BulkEdit.objects.get()
    ran = client.post(reverse("crm:bulk-run", args=[edit.pk]), headers={"HX-Request": "true"})
    changed = list(companies().values_list("city", flat=True))
    client.post(reverse("crm:bulk-undo", args=[edit.pk]), headers={"HX-Request": "true"})

    assert "2 match" in form.content.decode()
    assert "Change 2 of 2 companies" in preview.content.decode()
    assert (reverse("crm:bulk-undo", args=[edit.pk]) in ran["HX-Trigger"], changed) == (
        True,
        ["Berlin", "Berlin", "Bonn"],
    )
    assert set(companies().values_list("city", flat=True)) == {"Bonn"}


def test_all_of_a_filter_that_cannot_be_read_are_not_all_records(client: Client, me: Actor) -> None:
    assert me.user is not None
    client.force_login(me.user)
    a_company(actor=me)

    answer = client.post(
        f"{reverse('crm:bulk-start', args=['company'])}?where=nothing:is:x",
        {"all": "1", "field": "city", "value": "Berlin"},
    )

    assert (answer.status_code, BulkEdit.objects.count()) == (409, 0)


def test_all_of_a_view_that_is_gone_are_not_all_records(client: Client, me: Actor) -> None:
    assert me.user is not None
    client.force_login(me.user)
    a_company(actor=me, city="Rom")
    query = f"saved={uuid4()}"

    shown = client.get(f"{reverse('crm:companies')}?{query}").context["fault"]
    answer = client.post(
        f"{reverse('crm:bulk-start', args=['company'])}?{query}",
        {"all": "1", "field": "city", "value": "Bonn"},
    )

    assert shown == "That view is deleted, or no longer shared with you. The list is shown without it."
    assert (answer.status_code, BulkEdit.objects.count(), companies().get().city) == (409, 0, "Rom")


def test_a_due_day_of_many_tasks_is_nine_in_the_morning_where_the_person_is(me: Actor) -> None:
    assert me.user is not None
    me.user.time_zone = "Asia/Tokyo"
    me.user.save()
    task = a_task(actor=me)

    edited(Task.objects.all(), me, noun="task", field="due_at", value="2027-01-05")

    task.refresh_from_db()
    assert task.due_at == datetime(2027, 1, 5, 0, 0, tzinfo=UTC)


def test_programs_try_run_and_take_back(me: Actor) -> None:
    assert me.user is not None
    api = Api.of(me.user)
    company = a_company(actor=me, city="Bonn")

    tried = api.post(
        "bulk-edits", {"noun": "company", "where": "city:is:Bonn", "field": "city", "value": "Berlin"}
    ).json()
    done = api.post(f"bulk-edits/{tried['id']}/run", {}).json()
    company.refresh_from_db()
    city = company.city
    undone = api.post(f"bulk-edits/{tried['id']}/undo", {}).json()

    company.refresh_from_db()
    assert [(each["state"], each["changed"]) for each in (tried, done, undone)] == [
        ("previewed", 1),
        ("done", 1),
        ("undone", 1),
    ]
    assert (city, company.city) == ("Berlin", "Bonn")
