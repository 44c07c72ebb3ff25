"""An import changes what its person may change, and tells nothing of the rest."""

import csv
from pathlib import Path

import pytest

from crm.models import Company, Contact, Deal, ImportBatch
from crm.selectors.visibility import visible_companies
from crm.services.pipelines import ensure_default_pipeline
from crm.tests.builders import a_company, a_contact, a_deal
from crm.tests.import_builders import created, imported
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import Role
from gtmos.kernel.records import visible_condition
from gtmos.kernel.tests.builders import a_team, a_user, an_actor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("import_files")]

COMPANY = "This company is looked after by another team; ask them or an administrator."
PERSON = "This person is looked after by another team; ask them or an administrator."
DEAL = "This deal is looked after by another team; ask them or an administrator."


@pytest.fixture
def alice() -> Actor:
    ensure_default_pipeline(actor=SYSTEM)
    return an_actor(team=a_team())


@pytest.fixture
def bob() -> Actor:
    return an_actor(team=a_team())


def reasons(batch: ImportBatch) -> list[tuple[str, str]]:
    if not batch.rejected_path:
        return []
    with Path(batch.rejected_path).open(newline="", encoding="utf-8") as file:
        return [(row["line"], row["reason"]) for row in csv.DictReader(file)]


def test_a_line_that_hits_another_teams_company_changes_nothing_and_comes_back(
    alice: Actor, bob: Actor
) -> None:
    hers = a_company(actor=alice, name="Secret", domain="secret.example", city="Boston")
    raw = b"Company,Website,City,Email,Full name\nTaken,secret.example,Denver,new@secret.example,New\nMine,mine.example,Lima,me@mine.example,Me\n"

    batch = imported(raw, bob, into="contacts")

    hers.refresh_from_db()
    assert (hers.name, hers.city, hers.version) == ("Secret", "Boston", 1)
    assert (batch.result["rejected"], reasons(batch)) == (1, [("2", COMPANY)])
    assert [contact.email for contact in Contact.objects.all()] == ["me@mine.example"]
    assert "Boston" not in Path(batch.rejected_path).read_text()


@pytest.mark.parametrize("column", ["Email", "LinkedIn URL"])
def test_a_line_that_hits_another_teams_person_changes_nothing_and_comes_back(
    column: str, alice: Actor, bob: Actor
) -> None:
    profile = "https://www.linkedin.com/in/pat-stone"
    hers = a_contact(
        actor=alice, name="Pat Stone", email="pat@stone.example", title="CEO", linkedin_url=profile
    )
    cell = {"Email": "PAT@stone.example", "LinkedIn URL": profile}[column]

    batch = imported(f"Full name,{column},Title\nPat,{cell},Janitor\n".encode(), bob, into="contacts")

    hers.refresh_from_db()
    assert (hers.name, hers.title, reasons(batch)) == ("Pat Stone", "CEO", [("2", PERSON)])
    assert Contact.objects.count() == 1


def test_a_refused_line_still_keeps_the_persons_wish_not_to_be_written_to(alice: Actor, bob: Actor) -> None:
    hers = a_contact(actor=alice, name="Pat Stone", email="pat@stone.example", title="CEO")

    batch = imported(b"Full name,Email,Title,Unsubscribed\nPat,pat@stone.example,Cook,yes\n", bob)

    hers.refresh_from_db()
    assert (hers.do_not_email, hers.opted_out_at is not None, hers.title) == (True, True, "CEO")
    assert reasons(batch) == [("2", PERSON)]


def test_a_company_known_by_name_alone_is_another_one_for_another_team(alice: Actor, bob: Actor) -> None:
    a_company(actor=alice, name="Acme", domain="", city="Oslo")

    batch = imported(b"Company,City,Industry\nAcme,Oslo,Banking\n", bob)

    assert created(batch) == (1, 0, 0)
    assert sorted((c.industry_vertical, c.owner) for c in Company.objects.all()) == [
        ("", alice.user),
        ("Banking", bob.user),
    ]


def test_whoever_sees_everything_may_import_over_everything(alice: Actor) -> None:
    hers = a_company(actor=alice, name="Secret", domain="secret.example", city="Boston")

    batch = imported(b"Website,City\nsecret.example,Denver\n", an_actor(role=Role.REVOPS), into="companies")

    hers.refresh_from_db()
    assert (hers.city, hers.owner, batch.result["rejected"]) == ("Denver", alice.user, 0)


def test_a_deal_of_another_team_is_refused_alone(alice: Actor, bob: Actor) -> None:
    company = a_company(actor=alice, name="Hers", domain="hers.example")
    hers = a_deal(actor=alice, company=company, name="Big", amount=1, source="plain", external_id="7")
    raw = b"Deal ID,Deal Name,Amount,Company Name,Deal Stage\n7,Big,2,Hers,Lead\n8,Small,5,Mine,Lead\n"

    batch = imported(raw, bob, into="deals")

    hers.refresh_from_db()
    assert (batch.state, hers.deal_amount, reasons(batch)) == ("done", 1, [("2", DEAL)])
    assert (batch.result["amounts"]["open"], created(batch)[2]) == ("5", 1)
    assert Deal.objects.get(name="Small").owner == bob.user


def test_a_deal_that_its_stage_refuses_does_not_take_the_file_with_it(me: Actor) -> None:
    stage = ensure_default_pipeline(actor=SYSTEM).stages.get(key="lead")
    stage.required_fields = ["next_step"]
    stage.save(update_fields=["required_fields"])
    raw = f"Deal Name,Amount,Company Name,Deal Stage\nOne,5,Mine,{stage.name}\nTwo,6,Mine,Proposal\n"

    batch = imported(raw.encode(), me, into="deals")

    assert [deal.name for deal in Deal.objects.all()] == ["Two"]
    assert reasons(batch) == [("2", f"One cannot enter {stage.name}: next step is missing.")]


def test_a_formula_in_the_name_of_a_column_is_made_harmless(me: Actor) -> None:
    batch = imported(b"First name,Email,=1+1\nBob,not-an-address,x\nAda,ada@contoso.example,y\n", me)

    assert Path(batch.rejected_path).read_text().splitlines()[0] == "line,reason,First name,Email,'=1+1"


@pytest.mark.parametrize("role", [Role.ADMIN, Role.REVOPS, Role.AE, Role.VIEWER])
def test_the_condition_for_statements_sees_what_the_selector_sees(
    role: Role, alice: Actor, bob: Actor
) -> None:
    team = a_team()
    me = Actor.of(a_user(role=role, team=team))
    for number, actor in enumerate((SYSTEM, alice, bob, me)):
        a_company(actor=SYSTEM, name=f"Company {number}", owner=actor.user)
    a_company(actor=alice, name="Given to us", team=team)
    condition, values = visible_condition(me, "c")

    found = Company.objects.raw(f"SELECT c.id FROM crm_company c WHERE {condition}", values)

    assert {company.pk for company in found} == {company.pk for company in visible_companies(actor=me)}


@pytest.mark.django_db(transaction=True)
def test_a_line_late_in_a_long_file_is_refused_like_an_early_one(
    alice: Actor, bob: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.services.importing.SEGMENT", 2)
    a_company(actor=alice, name="Secret", domain="secret.example")
    raw = "Company,Website\n" + "".join(f"Mine {n},mine-{n}.example\n" for n in range(5))

    batch = imported(f"{raw}Taken,secret.example\n".encode(), bob)

    assert (created(batch), reasons(batch)) == ((5, 0, 0), [("7", COMPANY)])
