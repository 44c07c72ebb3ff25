"""The small locks on the pages of companies, contacts and deals."""

import json
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from crm.services.companies import update_company
from crm.tests.builders import a_company, a_contact, a_deal
from crm.tests.test_roles import ann
from gtmos.kernel import history
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import DomainError, NotPermittedError
from gtmos.kernel.fields.services.locks import lock_fields, locks_of
from gtmos.kernel.fields.tests.builders import a_field
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db
BUILDERS = {"company": a_company, "contact": a_contact, "deal": a_deal}
PLACE = ["city", "country_hq", "region"]


@pytest.fixture
def me(client: Client) -> User:
    user = a_user(name="Ada Byron", team=a_team())
    client.force_login(user)
    return user


def page_of(client: Client, record: Model) -> str:
    noun = record._meta.model_name
    return client.get(reverse(f"crm:{noun}", args=[record.pk])).content.decode()


def pressed(client: Client, record: Model, part: str, verb: str) -> Any:
    url = reverse(f"crm:{record._meta.model_name}-lock", args=[record.pk, part, verb])
    return client.post(url, headers={"HX-Request": "true"})


def said(answer: Any) -> dict[str, str]:
    return dict(json.loads(answer["HX-Trigger"])["toast"])


def test_a_press_keeps_a_fact_from_programs_and_says_who_did_it(client: Client, me: User) -> None:
    company = a_company(actor=Actor.of(me), city="Oslo")
    assert "locked by" not in page_of(client, company)

    answer = pressed(client, company, "place", "lock")

    assert sorted(locks_of(company)) == PLACE
    assert said(answer)["text"] == "Place is locked. Only people change it now."
    assert 'aria-label="Unlock Place, locked by Ada Byron"' in answer.content.decode()
    assert 'aria-label="Unlock Place, locked by Ada Byron"' in page_of(client, company)
    with pytest.raises(DomainError, match=r"City of .* is locked by Ada Byron"):
        update_company(company, changes={"city": "Rome"}, actor=SYSTEM)


def test_undo_takes_back_what_the_press_did_and_nothing_else(client: Client, me: User) -> None:
    company, actor = a_company(actor=Actor.of(me)), Actor.of(me)
    lock_fields(company, ["city"], actor=actor)

    unlocked = pressed(client, company, "place", "unlock")
    after_unlocking = sorted(locks_of(company))
    locked_again = client.post(said(unlocked)["undo_url"], headers={"HX-Request": "true"})

    assert (after_unlocking, sorted(locks_of(company))) == ([], ["city"])
    assert said(locked_again)["text"] == "Place is locked. Only people change it now."
    client.post(said(locked_again)["undo_url"], headers={"HX-Request": "true"})
    assert locks_of(company) == {}
    kept = [change.new_values for change in history.of_record(company).filter(change_category="LOCK")]
    assert kept == [{"locked": ""}, {"locked": "city"}, {"locked": ""}, {"locked": "city"}]


@pytest.mark.parametrize("noun", BUILDERS)
def test_each_fact_of_each_page_can_be_kept_and_let_go(client: Client, me: User, noun: str) -> None:
    a_field(noun, "Seats")
    record = BUILDERS[noun](actor=Actor.of(me))
    presses = [part.split("/", 1)[0] for part in page_of(client, record).split("/locks/")[1:]]

    answers = {pressed(client, record, part, "lock").status_code for part in presses}

    assert {"name", "source" if noun != "deal" else "step", "custom-seats"} - set(presses) == set()
    assert (len(set(presses)), answers) == (len(presses), {200})
    assert page_of(client, record).count("Unlock ") == len(presses)
    for part in presses:
        pressed(client, record, part, "unlock")
    assert locks_of(record) == {}


def test_what_is_kept_and_not_shown_is_named_too(client: Client, me: User) -> None:
    company = a_company(actor=Actor.of(me))
    lock_fields(company, ["technologies"], actor=Actor.of(me))
    assert "Unlock Technologies, locked by Ada Byron" in page_of(client, company)

    pressed(client, company, "technologies", "unlock")

    assert "Technologies" not in page_of(client, company)


def test_a_second_press_beside_the_first_changes_nothing_and_names_the_first(
    client: Client, me: User
) -> None:
    company = a_company()
    lock_fields(company, PLACE, actor=Actor.of(a_user(name="Bill Gauss")))

    answer = pressed(client, company, "place", "lock")

    assert said(answer) == {"level": "good", "text": "Place is locked by Bill Gauss already.", "undo_url": ""}
    assert {each["by"] for each in locks_of(company).values()} == {"Bill Gauss"}


def test_who_may_only_look_sees_the_lock_and_no_button(client: Client) -> None:
    company = a_company()
    lock_fields(company, ["city"], actor=Actor.of(a_user(name="Bill Gauss")))
    client.force_login(a_user(role=Role.VIEWER))

    text = page_of(client, company)

    assert ("/locks/" in text, '<span class="unseen">Locked by </span>Bill Gauss' in text) == (False, True)
    assert pressed(client, company, "place", "unlock").status_code == 403
    assert list(locks_of(company)) == ["city"]


def test_a_field_that_the_role_may_not_change_is_not_locked_either(client: Client) -> None:
    careful = ann(fields={"company.city": "read_only"})
    assert careful.user is not None
    company = a_company()
    client.force_login(careful.user)

    pressed(client, company, "place", "lock")

    assert sorted(locks_of(company)) == ["country_hq", "region"]
    with pytest.raises(NotPermittedError, match="may not change city"):
        lock_fields(company, ["city"], actor=careful)


def test_another_ones_record_and_an_unknown_field_are_not_there(client: Client, me: User) -> None:
    hidden, company = a_company(actor=Actor.of(a_user())), a_company(actor=Actor.of(me))

    assert pressed(client, hidden, "place", "lock").status_code == 404
    assert pressed(client, company, "colour", "lock").status_code == 404
    assert pressed(client, company, "place", "smash").status_code == 404
    assert locks_of(company) == {}
