"""The first page of the desk, what it says of itself, and the buttons on the page of each row."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.messages import get_messages
from django.forms import JSONField
from django.test import Client

from crm.models import Pipeline, Stage
from crm.services.pipelines import create_pipeline, create_stage
from crm.tests.builders import a_company
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.desk import Desk
from gtmos.kernel.people.access_models import Territory
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.people.services import create_user
from gtmos.kernel.people.territory_services import create_territory
from gtmos.kernel.rules.models import ValidationRule
from gtmos.kernel.rules.services.rules import create_rule
from gtmos.workspace.views.desk_menu import MENU

pytestmark = pytest.mark.django_db
SET = [label for _, labels in MENU for label in labels]


def desk_of(label: str) -> Desk:
    found = admin.site._registry[apps.get_model(label)]
    assert isinstance(found, Desk)
    return found


def form_of(each: Desk, client: Client) -> Any:
    request = client.get("/admin/").wsgi_request
    return each.get_form(request, None)(), flatten_fieldsets(each.get_fieldsets(request, None))


def test_the_first_page_leads_to_all_that_is_set_and_says_what_it_is_for(desk: Client) -> None:
    groups = desk.get("/admin/").context["desk_groups"]

    lines = [line for group in groups for line in group["items"]]
    assert [line["title"] for line in lines if not line["says"]] == []
    assert [desk.get(line["link"]).status_code for line in lines] == [200] * len(lines)


@pytest.mark.parametrize("label", SET)
def test_every_box_of_what_revops_sets_says_what_to_write_and_none_asks_for_json(
    label: str, desk: Client
) -> None:
    each = desk_of(label)
    if type(each).create is Desk.create and type(each).change is Desk.change:
        return
    form, shown = form_of(each, desk)
    boxes = {name: form.fields[name] for name in shown if name in form.fields and name != "opened_version"}

    assert [name for name, box in boxes.items() if not box.help_text] == []
    assert [name for name, box in boxes.items() if isinstance(box, JSONField)] == []


@pytest.mark.parametrize(
    ("label", "build"), [("crm/pipeline", create_pipeline), ("kernel/territory", create_territory)]
)
def test_a_list_costs_the_same_with_one_row_and_with_three(
    label: str, build: Callable[..., object], desk: Client, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for names in ("A", "BC"):
        for name in names:
            build(name, actor=SYSTEM)
        with django_assert_max_num_queries(25) as captured:
            desk.get(f"/admin/{label}/")
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_what_the_list_does_with_ticked_rows_stands_as_a_button_on_the_row(desk: Client) -> None:
    need = {"field": "next_step", "operator": "filled", "value": ""}
    rule = create_rule("deal", "Next", conditions=[], requirement=need, sentence="Say it.", actor=SYSTEM)
    address = f"/admin/kernel/validationrule/{rule.pk}/"

    verbs = dict(desk.get(f"{address}change/").context["verbs"])
    answer = desk.post(f"{address}do/", {"verb": "switch_on"})

    assert verbs == {
        "try_on_records": "Test on the records that are there",
        "switch_on": "Switch on",
        "switch_off": "Switch off",
    }
    assert answer["Location"] == f"{address}change/"
    assert [str(each) for each in get_messages(answer.wsgi_request)] == ["Rules switched on: Next."]
    assert ValidationRule.objects.get().is_active is True


def test_a_button_that_is_not_there_or_is_not_pressed_does_nothing(desk: Client) -> None:
    stage = create_stage(create_pipeline("P", actor=SYSTEM), name="A", key="a", actor=SYSTEM)
    address = f"/admin/crm/stage/{stage.pk}/do/"

    answers = [desk.post(address, {"verb": "delete_selected"}), desk.get(address, {"verb": "take_away"})]

    assert [each.status_code for each in answers] == [404, 404]
    assert Stage.objects.filter(pk=stage.pk).exists()


def test_a_row_that_its_button_took_away_leads_back_to_the_list(desk: Client) -> None:
    stage = create_stage(create_pipeline("P", actor=SYSTEM), name="A", key="a", actor=SYSTEM)

    answer = desk.post(f"/admin/crm/stage/{stage.pk}/do/", {"verb": "take_away"})

    assert answer["Location"] == "/admin/crm/stage/"
    assert not Stage.objects.filter(pk=stage.pk).exists()


def test_whoever_does_not_configure_presses_no_button(client: Client, user: User) -> None:
    stage = create_stage(create_pipeline("P", actor=SYSTEM), name="A", key="a", actor=SYSTEM)
    client.force_login(user)

    answer = client.post(f"/admin/crm/stage/{stage.pk}/do/", {"verb": "take_away"})

    assert answer.status_code == 302
    assert Pipeline.objects.get(name="P").stages.count() == 1


def test_the_rules_of_a_territory_are_written_line_by_line_and_brought_back(desk: Client) -> None:
    area = create_territory("Area", conditions={"countries": ["Germany"]}, actor=SYSTEM)
    address = f"/admin/kernel/territory/{area.pk}/"
    none = {"members-TOTAL_FORMS": "0", "members-INITIAL_FORMS": "0", "opened_version": "1"}

    shown = desk.get(f"{address}change/").content.decode()
    form = {"name": "Area", "priority": "100", "countries": "Norway\n\n Sweden ", "employees_from": "50"}
    desk.post(f"{address}change/", {**form, **none})
    written = Territory.objects.get().conditions
    desk.get(f"{address}history/")
    first = desk.get(f"{address}history/").context["versions"][-1].change
    desk.post(f"{address}history/{first.pk}/")

    assert "Germany</textarea>" in shown
    assert written == {"countries": ["Norway", "Sweden"], "employees_from": 50}
    assert Territory.objects.get().conditions == {"countries": ["Germany"]}


def test_what_would_move_is_shown_at_the_desk_before_anything_moves(desk: Client) -> None:
    company = a_company(name="Contoso", region="Arctic")
    area = create_territory("North", conditions={"regions": ["Arctic"]}, actor=SYSTEM)

    shown = desk.get("/admin/territories/").context["preview"]
    company.refresh_from_db()
    before = company.territory
    answer = desk.post("/admin/territories/")
    company.refresh_from_db()

    assert (shown.total, [(each.company, each.after) for each in shown.moves]) == (1, [(company, "North")])
    assert before is None
    assert [str(each) for each in get_messages(answer.wsgi_request)] == [
        "Moved: 1. Each has a line in its history."
    ]
    assert company.territory == area


@pytest.mark.parametrize("role", [Role.AE, Role.VIEWER], ids=str)
def test_others_move_nothing_at_the_desk(role: Role, client: Client) -> None:
    company = a_company(name="Contoso", region="Arctic")
    create_territory("North", conditions={"regions": ["Arctic"]}, actor=SYSTEM)
    client.force_login(create_user("x@gtmos.example", name="X", role=role, password=None, actor=SYSTEM))

    answer = client.post("/admin/territories/")
    company.refresh_from_db()

    assert answer.status_code == 302
    assert company.territory is None
