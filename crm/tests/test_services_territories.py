"""Companies into territories: shown first, moved by sets."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Company
from crm.services.companies import update_company
from crm.services.import_undo import undo_import
from crm.services.importing import run_import
from crm.services.territories import apply_territories, preview_territories
from crm.tests.builders import a_company
from crm.tests.import_builders import started
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotPermittedError
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.access_models import Territory
from gtmos.kernel.people.models import Role
from gtmos.kernel.people.territory_services import change_territory, create_territory
from gtmos.kernel.tests.builders import a_team, a_user, an_actor, serial

pytestmark = pytest.mark.django_db


@pytest.fixture
def germany() -> Territory:
    europe = create_territory("Europe", conditions={"countries": ["DE", "FR"]}, actor=SYSTEM)
    return create_territory(
        "Germany", parent=europe, owner=a_user(name="Gerd"), conditions={"countries": ["de"]}, actor=SYSTEM
    )


def an_older_company(**fields: Any) -> Company:
    """One from before there were rules."""
    name = fields.pop("name", serial("Older"))
    return Company.objects.create(name=name, name_key=name.lower(), **fields)


def test_a_preview_says_what_would_move_and_moves_nothing(germany: Territory) -> None:
    for code in ("DE", "FR", "US"):
        an_older_company(country_hq=code, name=f"In {code}")

    preview = preview_territories(actor=an_actor(Role.REVOPS))

    assert (preview.total, sorted(preview.counts)) == (2, [("Europe", 1), ("Germany", 1)])
    assert [(each.company.name, each.before, each.after, each.owner) for each in preview.moves] == [
        ("In DE", "", "Germany", "Gerd"),
        ("In FR", "", "Europe", ""),
    ]
    assert Company.objects.filter(territory__isnull=False).count() == 0


def test_applying_moves_with_owner_history_and_one_event_and_once_only(germany: Territory) -> None:
    company = an_older_company(country_hq="DE", owner=a_user(name="Old"), team=a_team())
    actor = an_actor(Role.REVOPS)

    moved = [apply_territories(actor=actor) for _ in range(2)]

    company.refresh_from_db()
    (change,) = Change.objects.filter(change_category="TERRITORY", subject_id=company.pk)
    assert (moved, company.territory, company.owner, company.version) == ([1, 0], germany, germany.owner, 2)
    assert (change.changed_fields, change.version) == (["territory", "owner"], 2)
    assert EventRecord.objects.filter(name="crm.territories_applied").get().payload == {"moved": 1}


def test_a_named_account_goes_before_every_other_rule(germany: Territory) -> None:
    named = create_territory("Named", conditions={"domains": ["big.example"]}, priority=900, actor=SYSTEM)
    company = an_older_company(domain="big.example", country_hq="DE")

    apply_territories(actor=SYSTEM)

    company.refresh_from_db()
    assert company.territory == named


@pytest.mark.parametrize(
    ("conditions", "falls"),
    [
        ({"employees_from": 10, "employees_to": 50}, True),
        ({"employees_from": 51}, False),
        ({"industries": ["software"], "regions": ["Bavaria"]}, True),
        ({"industries": ["Software"], "regions": ["Saxony"]}, False),
        ({}, False),
    ],
)
def test_all_that_a_rule_says_has_to_hold(conditions: dict[str, object], *, falls: bool) -> None:
    create_territory("Somewhere", conditions=conditions, actor=SYSTEM)
    an_older_company(employee_size=50, industry_vertical="Software", region="Bavaria")

    assert apply_territories(actor=SYSTEM) == int(falls)


def test_a_thousand_companies_move_in_few_statements(
    germany: Territory, django_assert_max_num_queries: object
) -> None:
    first = an_older_company(country_hq="DE")
    Company.objects.bulk_create(
        Company(name=f"Company {number}", name_key=f"company {number}", country_hq="DE")
        for number in range(999)
    )

    with django_assert_max_num_queries(10):
        moved = apply_territories(actor=SYSTEM)

    assert (moved, Change.objects.filter(change_category="TERRITORY", subject_id=first.pk).count()) == (
        1000,
        1,
    )


def test_rules_that_say_nothing_known_and_circles_are_refused(germany: Territory) -> None:
    with pytest.raises(InvalidInputError):
        create_territory("Wrong", conditions={"planets": ["Mars"]}, actor=SYSTEM)
    with pytest.raises(DomainError):
        change_territory(germany.parent, changes={"parent": germany}, actor=SYSTEM)


def test_only_revops_sees_and_moves(client: Client, germany: Territory) -> None:
    an_older_company(country_hq="DE", name="Berlin Bau")
    revops, rep = an_actor(Role.REVOPS), an_actor(Role.AE)
    pages = [reverse("crm:territories"), reverse("crm:territories-apply")]

    client.force_login(rep.user)
    refused = [client.get(pages[0]).status_code, client.post(pages[1]).status_code]
    client.force_login(revops.user)
    shown = client.get(pages[0]).content.decode()
    client.post(pages[1])

    assert refused == [404, 403]
    assert ("Berlin Bau" in shown, "Move 1 company" in shown) == (True, True)
    assert Company.objects.filter(territory=germany).count() == 1
    with pytest.raises(NotPermittedError):
        apply_territories(actor=rep)


def test_a_new_company_stands_in_its_territory_and_keeps_its_owner(germany: Territory) -> None:
    rep = an_actor()

    mine = a_company(actor=rep, country_hq="DE")
    nobodys = a_company(country_hq="DE")
    elsewhere = a_company(country_hq="US")

    assert (mine.territory, mine.owner, mine.version) == (germany, rep.user, 2)
    assert (nobodys.territory, nobodys.owner) == (germany, germany.owner)
    assert (elsewhere.territory, elsewhere.version) == (None, 1)
    changes = Change.objects.filter(change_category="TERRITORY", subject_id=mine.pk)
    assert [change.changed_fields for change in changes] == [["territory"]]


def test_a_company_moves_when_what_a_rule_looks_at_changes(germany: Territory) -> None:
    company = a_company(country_hq="FR")
    actor = an_actor(Role.REVOPS)

    update_company(company, changes={"city": "Lyon"}, actor=actor)
    before = Company.objects.get().territory
    changed = update_company(company, changes={"country_hq": "DE"}, actor=actor)

    told = EventRecord.objects.filter(name="crm.company_changed").values_list("payload", flat=True)
    assert (before, changed.territory) == (germany.parent, germany)
    assert sorted(each["fields"] for each in told) == [["city"], ["country_hq", "territory"]]
    assert changed.version == Company.objects.get().version


@pytest.mark.usefixtures("import_files")
def test_an_import_places_what_it_makes_and_changes_and_taking_it_back_moves_back(
    germany: Territory, django_assert_max_num_queries: Any
) -> None:
    actor = an_actor(Role.REVOPS)
    there = a_company(name="There", domain="there.example", country_hq="FR", actor=actor)
    lines = "".join(f"New {number},new-{number}.example,Germany\n" for number in range(300))
    raw = f"Company,Website,Country\nThere,there.example,Germany\n{lines}Far,far.example,Peru\n".encode()
    batch = started(raw, actor, into="companies")

    with django_assert_max_num_queries(150):
        batch = run_import(batch.pk)
    there.refresh_from_db()
    stands = there.territory
    (note,) = Change.objects.filter(cause_id=batch.pk, change_category="TERRITORY")
    many = Company.objects.filter(territory=germany, owner=actor.user, version=1).count()
    undo_import(batch, actor=actor)
    there.refresh_from_db()

    assert (stands, note.subject_id, many) == (germany, there.pk, 300)
    assert (there.territory, there.country_hq, Company.objects.count()) == (germany.parent, "FR", 1)
    assert Company.objects.filter(domain="far.example").exists() is False
