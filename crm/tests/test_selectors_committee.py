"""Who decides, who comes first, and what they object."""

import pytest
from django.db import IntegrityError, transaction

from crm.models import Contact
from crm.scoring.authority import authority
from crm.selectors.committee import committee
from crm.selectors.objections import objection_report
from crm.services.activities import log_activity
from crm.services.contacts import create_contact, set_primary_contact, update_contact
from crm.services.deal_stages import lose_deal
from crm.services.objections import answer_objection, record_objection
from crm.tests.builders import a_company, a_contact, a_deal
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.history.models import Change
from gtmos.kernel.tests.builders import a_team, a_user, an_actor

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "seniority", "title", "override", "score"),
    [
        ("decision_maker", "c_level", "CFO", None, 1.0),
        ("decision_maker", "vp", "VP Sales", None, 0.9),
        ("champion", "manager", "Sales manager", None, 0.525),
        ("user", "", "", None, 0.2),
        ("unknown", "ic", "Procurement specialist", None, 0.35),
        ("user", "ic", "", 0.95, 0.95),
    ],
)
def test_authority_follows_role_seniority_and_title_unless_somebody_knows_better(
    role: str, seniority: str, title: str, override: float | None, score: float
) -> None:
    assert authority(role=role, seniority=seniority, title=title, override=override) == score


def test_the_committee_is_ranked_by_who_decides() -> None:
    company = a_company()
    for name, title, role in (
        ("Uma", "Analyst", "user"),
        ("Dan", "Chief Executive Officer", "decision_maker"),
        ("Cho", "Sales Manager", "champion"),
    ):
        a_contact(company=company, name=name, title=title, influence_role=role)

    assert [each.contact.name for each in committee(company, actor=SYSTEM)] == ["Dan", "Cho", "Uma"]


@pytest.mark.parametrize("value", [-0.1, 1.1])
def test_authority_beyond_its_range_is_refused(value: float) -> None:
    with pytest.raises(InvalidInputError):
        update_contact(a_contact(), changes={"authority_override": value}, actor=SYSTEM)


def test_a_new_primary_contact_takes_the_place_of_the_former() -> None:
    company = a_company()
    former = a_contact(company=company, is_primary=True)
    chosen = a_contact(company=company)

    set_primary_contact(chosen, actor=SYSTEM)

    assert list(Contact.objects.filter(company=company, is_primary=True)) == [chosen]
    assert Change.objects.filter(subject_id=former.pk, changed_fields=["is_primary"]).count() == 1


def test_a_primary_contact_that_is_made_or_comes_from_elsewhere_takes_the_place_too() -> None:
    company = a_company()
    a_contact(company=company, is_primary=True)

    made = create_contact(name="New", company=company, is_primary=True, actor=SYSTEM)
    first = Contact.objects.get(company=company, is_primary=True)
    other = a_contact(is_primary=True)
    update_contact(other, changes={"company": company}, actor=SYSTEM)

    assert (first, Contact.objects.get(company=company, is_primary=True)) == (made, other)


def test_the_database_keeps_one_primary_contact() -> None:
    company = a_company()
    a_contact(company=company, is_primary=True)
    other = a_contact(company=company)

    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.filter(pk=other.pk).update(is_primary=True)


def test_somebody_without_a_company_is_nobodys_primary_contact() -> None:
    with pytest.raises(DomainError):
        set_primary_contact(create_contact(name="Free", actor=SYSTEM), actor=SYSTEM)


# Objections


def test_an_objection_on_a_call_is_in_the_report_by_its_category() -> None:
    deal = a_deal()
    call = log_activity(type="call", subject="Price", deal=deal, actor=SYSTEM)
    objection = record_objection(category="price", text="Twice the rival", activity=call, actor=SYSTEM)
    record_objection(category="price", text="Too much", deal=deal, response="Value", actor=SYSTEM)
    record_objection(category="timing", text="Next year", deal=a_deal(), actor=SYSTEM)
    answer_objection(objection, response="Shown the sums", outcome="resolved", actor=SYSTEM)
    lose_deal(deal, reason="price", actor=SYSTEM)

    rows = objection_report(actor=SYSTEM)

    assert objection.deal == deal
    assert [(r.category, r.count, r.answered, r.resolved, r.deals, r.won, r.lost) for r in rows] == [
        ("price", 2, 2, 1, 1, 0, 1), ("timing", 1, 0, 0, 1, 0, 0),
    ]  # fmt: skip


def test_objections_of_another_team_are_not_counted() -> None:
    stranger = Actor.of(a_user(team=a_team()))
    record_objection(category="price", text="x", company=a_company(actor=stranger), actor=stranger)

    assert objection_report(actor=an_actor(team=a_team())) == []
