"""A state that a role may only read stays as it is, whatever is asked to change it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Company, Deal
from crm.services.companies import change_state
from crm.services.deal_stages import hold_deal, lose_deal, reopen_deal, resume_deal, win_deal
from crm.services.deals import create_deal, update_deal
from crm.services.stating import restate_company, state_company
from crm.tests.builders import a_company, a_deal
from crm.tests.test_roles import ann
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import NotPermittedError
from gtmos.kernel.tests.api_client import Api

pytestmark = pytest.mark.django_db
READ_STATE = {"company.customer_state": "read_only", "deal.deal_state": "read_only"}
MOVES: dict[str, Any] = {
    "win": lambda deal, actor: win_deal(deal, actor=actor),
    "lose": lambda deal, actor: lose_deal(deal, reason="price", actor=actor),
    "hold": lambda deal, actor: hold_deal(deal, reason="Summer", actor=actor),
    "won stage": lambda deal, actor: update_deal(deal, changes={"stage": "closed_won"}, actor=actor),
    "state": lambda deal, actor: update_deal(deal, changes={"deal_state": "on_hold"}, actor=actor),
}


def as_it_is(record: Any) -> tuple[Any, ...]:
    now = type(record).objects.get(pk=record.pk)
    if isinstance(now, Company):
        return now.customer_state, now.version
    return now.stage.key, now.deal_state, now.lost_reason, now.on_hold_reason, now.version


@pytest.mark.parametrize("move", MOVES)
def test_a_deal_whose_state_a_role_may_only_read_is_not_moved_out_of_it(move: str) -> None:
    actor = ann(fields=READ_STATE)
    deal = a_deal(actor=actor)
    before = as_it_is(deal)

    with pytest.raises(NotPermittedError) as refused:
        MOVES[move](deal, actor)

    assert str(refused.value) == "Ann may not change deal state: the role Careful has no right to it."
    assert as_it_is(deal) == before


def test_a_deal_that_waits_or_is_closed_is_not_brought_back_by_such_a_role() -> None:
    actor = ann(fields=READ_STATE)
    waiting, closed = a_deal(actor=actor), a_deal(actor=actor)
    hold_deal(waiting, reason="Summer", actor=SYSTEM)
    win_deal(closed, actor=SYSTEM)
    before = as_it_is(waiting), as_it_is(closed)

    with pytest.raises(NotPermittedError):
        update_deal(waiting, changes={"deal_state": "open"}, actor=actor)
    with pytest.raises(NotPermittedError):
        resume_deal(waiting, actor=actor)
    with pytest.raises(NotPermittedError):
        reopen_deal(closed, actor=actor)

    assert (as_it_is(waiting), as_it_is(closed)) == before


def test_who_may_only_read_the_state_still_moves_a_deal_along_its_open_stages() -> None:
    actor = ann(fields=READ_STATE)

    deal = update_deal(a_deal(actor=actor), changes={"stage": "discovery"}, actor=actor)

    assert as_it_is(deal)[:2] == ("discovery", "open")


def test_nor_by_a_card_a_program_or_a_deal_that_is_opened_as_won(client: Client) -> None:
    actor = ann(fields=READ_STATE)
    deal = a_deal(actor=actor)
    before = as_it_is(deal)
    client.force_login(actor.user)

    card = client.post(reverse("crm:deal-move", args=[deal.pk]), {"stage": "closed_won"})
    api = Api.of(actor.user).patch("deals", deal.pk, {"stage": "closed_won"})
    with pytest.raises(NotPermittedError):
        create_deal(name="Won at once", company=None, stage="closed_won", actor=actor)

    assert (card.status_code, api.status_code) == (403, 403)
    assert "may not change deal state" in card["HX-Trigger"]
    assert (as_it_is(deal), list(Deal.objects.all())) == (before, [deal])


def test_a_customer_state_that_a_role_may_only_read_stays_at_every_door(client: Client) -> None:
    actor = ann(fields=READ_STATE)
    company = a_company(actor=actor, city="Bonn")
    before = as_it_is(company)
    client.force_login(actor.user)

    page = client.post(reverse("crm:company-state", args=[company.pk]), {"state": "exploring", "reason": "x"})
    card = client.post(
        reverse("crm:company-move", args=[company.pk]), {"stage": "exploring", "was": "dormant"}
    )
    for refused in (
        lambda: change_state(company, "exploring", actor=actor),
        lambda: restate_company(company, changes={"customer_state": "exploring", "city": "Ulm"}, actor=actor),
        lambda: state_company(name="Else", customer_state="exploring", actor=actor),
    ):
        with pytest.raises(NotPermittedError) as error:
            refused()
        assert error.value.code == "field_not_permitted"

    assert (page.status_code, card.status_code) == (403, 403)
    assert (as_it_is(company), [each.city for each in Company.objects.all()]) == (before, ["Bonn"])


def test_what_the_product_does_by_itself_is_bound_by_no_role() -> None:
    actor: Actor = ann(fields=READ_STATE)
    company = a_company(actor=actor)

    deal = a_deal(actor=actor, company=company)
    win_deal(deal, actor=SYSTEM)

    assert (as_it_is(company)[0], as_it_is(deal)[1]) == ("using", "won")
