"""The boards: what they show, what a move answers, and that hundreds of cards stay cheap."""

import json
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Deal, Stage
from crm.services.companies import change_state
from crm.services.deals import update_deal
from crm.services.pipelines import create_pipeline, create_stage, update_stage
from crm.tests.builders import a_company, a_deal
from crm.tests.test_roles import ann
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.lists.models import SavedView
from gtmos.kernel.lists.services.views import create_view
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import an_actor

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
CARDS = 500


def second_stage(deal: Deal) -> Stage:
    return Stage.objects.filter(pipeline=deal.stage.pipeline).order_by("position")[1]


def columns_of(browser: Client, **query: str) -> list[Any]:
    return [each["column"] for each in browser.get(reverse("crm:pipeline"), query).context["columns"]]


def test_a_board_of_five_hundred_cards_takes_few_statements(
    browser: Client, admin: Actor, django_assert_max_num_queries: Any
) -> None:
    first = a_deal(actor=admin)
    stages = list(Stage.objects.filter(pipeline=first.stage.pipeline).order_by("position")[:3])
    Deal.objects.bulk_create(
        Deal(
            name=f"Deal <{n}>",
            company=first.company,
            owner=admin.user,
            stage=stages[n % 3],
            deal_amount=n,
            deal_id=10_000 + n,
        )
        for n in range(CARDS - 1)
    )
    address = reverse("crm:pipeline")
    browser.get(address)

    with django_assert_max_num_queries(10):
        text = browser.get(address).content.decode()
    assert text.count('class="deal"') == CARDS
    assert ("Deal &lt;7&gt;" in text, "<7>" in text) == (True, False)


def test_each_stage_shows_its_sum_and_what_of_it_is_likely(browser: Client, admin: Actor) -> None:
    deal = a_deal(actor=admin, amount=Decimal(1000))
    update_stage(deal.stage, changes={"probability": 0.25}, actor=SYSTEM)

    column = columns_of(browser)[0]

    assert (column.totals, column.weighted) == ([(Decimal(1000), "USD")], [(Decimal(250), "USD")])


def test_amounts_that_a_role_hides_are_in_no_card_and_no_sum(client: Client) -> None:
    careful = ann(fields={"deal.deal_amount": "hidden", "deal.next_step": "hidden"})
    a_deal(amount=Decimal(4711), name="Quiet")
    Deal.objects.update(next_step="Secret step")
    assert careful.user is not None
    client.force_login(careful.user)

    answer = client.get(reverse("crm:pipeline"))

    text = answer.content.decode()
    assert [each["label"] for each in answer.context["tabs"]] == ["All deals"]
    assert ("Quiet" in text, "4,711" in text, "Secret step" in text) == (True, False, False)
    assert [each["column"].totals for each in answer.context["columns"] if each["column"].totals] == []


def test_only_deals_without_a_next_step_and_only_those_of_a_filter(browser: Client, admin: Actor) -> None:
    bare, planned = a_deal(actor=admin, name="Bare"), a_deal(actor=admin, name="Planned", amount=Decimal(9))
    update_deal(planned, changes={"next_step": "Call"}, actor=admin)

    tab = {each["label"]: each["url"] for each in browser.get(reverse("crm:pipeline")).context["tabs"]}
    answer = browser.get(tab["No next step"])
    without = [card.name for each in answer.context["columns"] for card in each["column"].cards]
    small = [
        card.name for column in columns_of(browser, where="deal_amount:at_most:10") for card in column.cards
    ]

    assert (without, small) == ([bare.name], ["Planned"])
    assert [each["label"] for each in answer.context["tabs"] if each["is_here"]] == ["No next step"]


def test_a_refused_move_says_what_is_missing_and_takes_it_along_with_the_move(
    browser: Client, admin: Actor
) -> None:
    deal = a_deal(actor=admin)
    stage = second_stage(deal)
    update_stage(stage, changes={"required_fields": ["deal_amount", "next_step"]}, actor=SYSTEM)
    address = reverse("crm:deal-move", args=[deal.pk])

    refused = browser.post(address, {"stage": stage.key}, headers=HTMX)
    deal.refresh_from_db()
    stayed = deal.stage_id != stage.pk
    moved = browser.post(
        address,
        {"stage": stage.key, "fill.deal_amount": "12,000", "fill.next_step": "Call Ana"},
        headers=HTMX,
    )

    deal.refresh_from_db()
    text = refused.content.decode()
    assert (refused.status_code, refused["HX-Retarget"], stayed) == (200, "#dialogs", True)
    assert f'"card": "deal-{deal.pk}"' in refused["HX-Trigger"]
    assert ('name="fill.deal_amount"' in text, 'name="fill.next_step"' in text) == (True, True)
    assert (moved.status_code, deal.stage, deal.deal_amount, deal.next_step) == (
        200,
        stage,
        Decimal(12000),
        "Call Ana",
    )


def test_another_pipeline_that_asks_for_more_gets_the_deal_with_what_was_missing(
    browser: Client, admin: Actor
) -> None:
    deal, renewals = a_deal(actor=admin), create_pipeline("Renewals", actor=SYSTEM)
    first = {"name": "Due", "key": "due", "kind": "open", "position": 1, "probability": 0.5}
    stage = create_stage(renewals, actor=SYSTEM, required_fields=["deal_amount"], **first)
    address = reverse("crm:deal-move", args=[deal.pk])

    refused = browser.post(address, {"pipeline": str(renewals.pk)}, headers=HTMX).content.decode()
    kept = f'name="pipeline" value="{renewals.pk}"' in refused
    browser.post(address, {"pipeline": str(renewals.pk), "fill.deal_amount": "900"}, headers=HTMX)

    deal.refresh_from_db()
    assert ("Due asks for more" in refused, kept) == (True, True)
    assert (deal.stage, deal.deal_amount) == (stage, Decimal(900))


def test_a_view_that_searches_shows_only_what_it_finds_on_the_board(browser: Client, admin: Actor) -> None:
    wanted = a_deal(actor=admin, name="Zebra renewal")
    a_deal(actor=admin, name="Other")
    view = create_view("deal", "Zebras", text="zebra", layout="board", actor=admin)

    shown = [card.pk for each in columns_of(browser, saved=str(view.pk)) for card in each.cards]

    assert shown == [wanted.pk]


def test_a_view_of_a_board_opens_on_the_pipeline_on_which_it_was_kept(browser: Client, admin: Actor) -> None:
    a_deal(actor=admin)
    other = create_pipeline("Renewals of the year", actor=SYSTEM)
    stage = create_stage(
        other, key="renew", name="Renew", kind="open", probability=0.5, position=1, actor=SYSTEM
    )
    first = Stage.objects.exclude(pipeline=other).order_by("position")[0].pipeline
    query = urlencode({"pipeline": str(other.pk), "as": "board"})
    browser.post(f"{reverse('workspace:view-create', args=['deal'])}?{query}", {"name": "Renewals"})

    view = SavedView.objects.get(name="Renewals")
    tab = next(
        each for each in browser.get(reverse("crm:deals")).context["tabs"] if each["label"] == "Renewals"
    )
    opened = browser.get(tab["url"])
    elsewhere = browser.get(f"{tab['url']}&pipeline={first.pk}")

    assert (view.layout, view.board) == ("board", str(other.pk))
    assert [each["column"].stage for each in opened.context["columns"]] == [stage]
    assert (elsewhere.context["pipeline"], elsewhere.context["is_changed"]) == (first, True)
    assert (opened.context["is_changed"], opened.context["fault"]) == (False, "")


def test_a_view_of_a_board_keeps_the_stage_that_is_looked_at(browser: Client, admin: Actor) -> None:
    """Only one that the pipeline has: of another one all stages are shown, and all are kept."""
    deal = a_deal(actor=admin)
    elsewhere = create_pipeline("Renewals of the year", actor=SYSTEM)
    create_stage(elsewhere, key="renew", name="Renew", kind="open", probability=0.5, position=1, actor=SYSTEM)
    create = reverse("workspace:view-create", args=["deal"])
    kept = []

    for stage in (deal.stage.key, "renew"):
        shown = browser.get(reverse("crm:pipeline"), {"stage": stage})
        browser.post(f"{create}?{shown.context['set_query']}", {"name": f"Kept {stage}"})
        kept.append(SavedView.objects.get(name=f"Kept {stage}"))
    cards = [card for each in columns_of(browser, saved=str(kept[0].pk)) for card in each.cards]

    assert [(view.where, view.layout) for view in kept] == [
        (f"stage:is:{deal.stage.key}", "board"),
        ("", "board"),
    ]
    assert [card.pk for card in cards] == [deal.pk]


def test_a_pipeline_that_is_gone_is_said_and_the_first_one_shown(browser: Client, admin: Actor) -> None:
    deal = a_deal(actor=admin)

    answer = browser.get(reverse("crm:pipeline"), {"pipeline": str(uuid4())})

    assert answer.context["fault"] == f"That pipeline is gone. This is {deal.stage.pipeline}."
    assert answer.context["pipeline"] == deal.stage.pipeline


def test_a_move_that_is_refused_keeps_nothing_of_what_was_filled_in(browser: Client, admin: Actor) -> None:
    deal = a_deal(actor=admin)
    stage = second_stage(deal)
    update_stage(stage, changes={"required_fields": ["deal_amount", "next_step"]}, actor=SYSTEM)

    browser.post(
        reverse("crm:deal-move", args=[deal.pk]), {"stage": stage.key, "fill.next_step": "Call"}, headers=HTMX
    )

    deal.refresh_from_db()
    assert (deal.stage_id == stage.pk, deal.next_step) == (False, "")


def test_the_board_stays_narrowed_after_a_move(browser: Client, admin: Actor) -> None:
    deal, other = a_deal(actor=admin), a_deal(actor=admin)
    update_deal(other, changes={"next_step": "Call"}, actor=admin)

    answer = browser.post(
        reverse("crm:deal-move", args=[deal.pk]),
        {"stage": second_stage(deal).key},
        headers={**HTMX, "HX-Current-URL": "http://testserver/pipeline/?where=next_step:empty"},
    )

    shown = [card.pk for each in answer.context["columns"] for card in each["column"].cards]
    assert shown == [deal.pk]


def test_companies_stand_by_their_state_with_counts(
    browser: Client, admin: Actor, django_assert_max_num_queries: Any
) -> None:
    dormant, exploring = a_company(actor=admin, city="Bonn"), a_company(actor=admin)
    change_state(exploring, "exploring", actor=admin)

    with django_assert_max_num_queries(18):
        answer = browser.get(reverse("crm:company-board"))
    narrowed = browser.get(reverse("crm:company-board"), {"where": "city:is:Bonn"})

    def counts(each: Any) -> dict[str, int]:
        return {
            one["column"].state: one["column"].count for one in each.context["columns"] if one["column"].count
        }

    assert (counts(answer), counts(narrowed)) == ({"dormant": 1, "exploring": 1}, {"dormant": 1})
    assert dormant.name in answer.content.decode()


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("city:is:Bonn", ["Inside"]),
        ("city:is:Bonn|city:is:Rom", ["Far", "Inside"]),
        ("", ["Else", "Far", "Inside"]),
    ],
)
def test_the_number_of_a_column_opens_to_just_its_companies(
    browser: Client, admin: Actor, where: str, names: list[str]
) -> None:
    for name, city in (("Inside", "Bonn"), ("Far", "Rom"), ("Else", "Oslo")):
        a_company(actor=admin, name=name, city=city)
    change_state(a_company(actor=admin, city="Bonn"), "exploring", actor=admin)

    board = browser.get(reverse("crm:company-board"), {"where": where})
    column = next(each for each in board.context["columns"] if each["column"].state == "dormant")
    listed = browser.get(f"{reverse('crm:companies')}?{column['query']}").context["rows"]

    assert sorted(str(each["record"]) for each in listed) == names
    assert column["column"].count == len(names)


def test_a_company_goes_where_its_lifecycle_lets_it_and_stays_otherwise(
    browser: Client, admin: Actor
) -> None:
    company = a_company(actor=admin)
    address = reverse("crm:company-move", args=[company.pk])

    refused = browser.post(address, {"stage": "churned"}, headers=HTMX)
    company.refresh_from_db()
    stayed = company.customer_state
    moved = browser.post(address, {"stage": "exploring"}, headers=HTMX)
    unknown = browser.post(address, {"stage": "nowhere"}, headers=HTMX)

    company.refresh_from_db()
    plain = browser.post(address, {"stage": "churned"})

    said = "cannot become churned" in refused["HX-Trigger"]
    assert (refused.status_code, refused["HX-Reswap"], said, stayed) == (200, "none", True, "dormant")
    assert (plain.status_code, unknown["HX-Reswap"], moved.status_code) == (409, "none", 200)
    assert company.customer_state == "exploring"


def test_a_deal_that_a_colleague_moved_is_not_moved_past_them(browser: Client, admin: Actor) -> None:
    deal = a_deal(actor=admin)
    first, *further = Stage.objects.filter(pipeline=deal.stage.pipeline).order_by("position")[:3]
    address, mia = reverse("crm:deal-move", args=[deal.pk]), an_actor(Role.ADMIN)
    update_deal(deal, changes={"stage": further[0]}, actor=mia)

    refused = browser.post(address, {"stage": further[1].key, "was": first.key}, headers=HTMX)
    deal.refresh_from_db()
    stayed = deal.stage
    said_again = browser.post(address, {"stage": further[0].key, "was": first.key}, headers=HTMX)
    version = deal.version
    moved = browser.post(address, {"stage": further[1].key, "was": further[0].key}, headers=HTMX)

    deal.refresh_from_db()
    words = json.loads(refused["HX-Trigger"])["toast"]["text"]
    assert words == f"{deal} stands in {further[0]} by now, {mia.label} moved it. It stays there."
    assert (refused.status_code, refused["HX-Reswap"], stayed) == (200, "none", further[0])
    assert (said_again.status_code, "HX-Reswap" in said_again, version) == (200, False, 2)
    assert (moved.status_code, deal.stage) == (200, further[1])


def test_two_people_name_the_next_step_of_one_deal_and_the_second_chooses(
    browser: Client, admin: Actor
) -> None:
    deal, mia = a_deal(actor=admin), an_actor(Role.ADMIN)
    address = reverse("crm:deal-next-step", args=[deal.pk])
    update_deal(deal, changes={"next_step": "Send the offer"}, actor=mia)
    read = {"was.next_step": "", "was.next_step_owner": "", "was.next_step_due_on": ""}

    asked = browser.post(
        address, {**read, "next_step": "Call Ana", "next_step_due_on": "2027-01-31"}, headers=HTMX
    )
    deal.refresh_from_db()
    kept = deal.next_step, deal.next_step_due_on
    chosen = browser.post(address, dict(asked.context["mine"]), headers=HTMX)

    deal.refresh_from_db()
    assert (asked["HX-Retarget"], kept) == ("#dialogs", ("Send the offer", None))
    clash = {"label": "Next step", "theirs": "Send the offer", "mine": "Call Ana"}
    assert (asked.context["clashes"], asked.context["by"]) == ([clash], mia.label)
    assert (chosen.status_code, deal.next_step, str(deal.next_step_due_on)) == (200, "Call Ana", "2027-01-31")


def test_a_pipeline_without_stages_says_where_they_come_from(browser: Client) -> None:
    a_deal()
    bare = create_pipeline("Bare", actor=SYSTEM)

    text = browser.get(reverse("crm:pipeline"), {"pipeline": str(bare.pk)}).content.decode()

    assert "This pipeline has no stages yet" in text
