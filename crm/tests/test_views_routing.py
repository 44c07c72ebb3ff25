"""The page of routing, the boxes on new records, and the API."""

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Company, Contact, RoutingVersion
from crm.services.routing import save_routing
from crm.tests.builders import a_company
from crm.tests.routing_builders import a_rule, routed_by
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.people.services import issue_token
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def revops(client: Client) -> User:
    user = a_user(role=Role.REVOPS)
    client.force_login(user)
    return user


def written(client: Client, taker: str, **boxes: str) -> int:
    values = {"name": "German", "about": "company", "taker": taker, **boxes}
    return client.post(reverse("crm:routing-save"), values).status_code


def test_rules_are_written_into_a_draft_moved_removed_and_activated(client: Client, revops: User) -> None:
    condition = {"field_1": "company:country_hq", "operator_1": "is", "value_1": "DE"}
    first = written(client, f"person:{revops.pk}", **condition)
    second = written(client, f"team:{a_team().pk}", name="The rest")
    client.post(reverse("crm:routing-up", args=[2]))
    client.post(reverse("crm:routing-remove", args=[1]))

    (draft,) = RoutingVersion.objects.all()
    client.post(reverse("crm:routing-activate", args=[draft.number]))

    draft.refresh_from_db()
    assert (first, second, draft.state) == (302, 302, "active")
    assert draft.rules == [a_rule(revops, ("country_hq", "is", "DE"), name="German")]


def test_a_rule_is_opened_in_the_boxes_and_put_back_in_its_place(client: Client, revops: User) -> None:
    save_routing([a_rule(revops, name="One"), a_rule(revops, name="Two")], actor=SYSTEM)

    shown = client.get(reverse("crm:routing"), {"edit": "1"}).content.decode()
    written(client, "territory", name="Instead", place="1")

    assert 'value="One"' in shown
    assert [each["name"] for each in RoutingVersion.objects.get().rules] == ["Instead", "Two"]


def test_a_page_that_was_opened_before_the_rules_changed_changes_none_of_them(
    client: Client, revops: User
) -> None:
    rules = [a_rule(revops, name=name) for name in ("One", "Two", "Three")]
    save_routing(rules, actor=SYSTEM)
    seen = client.get(reverse("crm:routing")).context["seen"]
    save_routing(rules[1:], actor=SYSTEM)

    removed = client.post(reverse("crm:routing-remove", args=[1]), {"seen": seen})
    moved = client.post(reverse("crm:routing-up", args=[2]), {"seen": seen})
    values = {"name": "Instead", "about": "company", "taker": "territory", "place": "1", "seen": seen}
    saved = client.post(reverse("crm:routing-save"), values)

    assert [each["name"] for each in RoutingVersion.objects.get().rules] == ["Two", "Three"]
    assert (removed.status_code, moved.status_code) == (409, 409)
    assert "Somebody changed the rules" in saved.content.decode()
    assert (saved.context["place"], saved.context["seen"] == seen) == ("", False)


def test_a_wrong_rule_is_refused_with_a_sentence_on_the_page(client: Client, revops: User) -> None:
    boxes = {"field_1": "contact:title", "operator_1": "is", "value_1": "CEO"}
    values = {"name": "Wrong", "about": "company", "taker": f"person:{revops.pk}", **boxes}

    answer = client.post(reverse("crm:routing-save"), values)

    assert "Wrong: There is no field contact:title." in answer.content.decode()
    assert RoutingVersion.objects.count() == 0


def test_the_page_shows_the_trial_the_difference_and_the_versions(client: Client, revops: User) -> None:
    bea = a_user(name="Bea Baum")
    routed_by(a_rule(bea, name="All to Bea"))
    a_company(name="Zeisig Works")
    save_routing([a_rule("territory", name="By region")], actor=SYSTEM)

    shown = client.get(reverse("crm:routing")).content.decode()
    former = client.get(reverse("crm:routing"), {"version": "1"}).content.decode()

    assert ("Zeisig Works" in shown, "By region" in shown, "All to Bea" in shown) == (True, True, True)
    assert "Stop routing" in former


def test_what_is_shown_of_no_rules_is_a_first_step(client: Client, revops: User) -> None:
    assert "No rule yet" in client.get(reverse("crm:routing")).content.decode()
    assert client.get(reverse("crm:routing"), {"version": "7"}).status_code == 404


def test_the_way_back_and_out_is_on_the_page(client: Client, revops: User) -> None:
    first, _ = routed_by(a_rule(revops)), routed_by(a_rule("territory"))
    draft = save_routing([], actor=SYSTEM)

    client.post(reverse("crm:routing-discard", args=[draft.number]))
    client.post(reverse("crm:routing-activate", args=[first.number]))
    client.post(reverse("crm:routing-stop"))

    states = sorted(RoutingVersion.objects.values_list("number", "state"))
    assert states == [(1, "retired"), (2, "retired")]


def test_others_find_no_such_page(client: Client) -> None:
    client.force_login(a_user(role=Role.AE))

    assert client.get(reverse("crm:routing")).status_code == 404
    assert client.post(reverse("crm:routing-stop")).status_code == 404


def test_on_the_page_of_a_new_record_the_rules_count_unless_it_is_kept(client: Client) -> None:
    ann, bea = a_user(name="Ann"), a_user(name="Bea")
    routed_by(a_rule(bea), a_rule(bea, about="contact", name="People"))
    client.force_login(ann)

    answer = client.post(reverse("crm:company-create"), {"name": "Given"})
    client.post(reverse("crm:company-create"), {"name": "Kept", "is_mine": "on"})
    client.post(
        reverse("crm:contact-create"),
        {"first_name": "P", "last_name": "Q", "email": "p@q.example", "influence_role": "unknown"},
    )

    names = {str(each): str(each.owner) for each in (*Company.objects.all(), *Contact.objects.all())}
    assert answer["Location"] == reverse("crm:companies")
    assert {"Given": "Bea", "Kept": "Ann"}.items() <= names.items()
    assert [str(each.owner) for each in Contact.objects.all()] == ["Bea"]
    assert "Keep it mine" in client.get(reverse("crm:contact-create")).content.decode()


def headers_of(user: User) -> dict[str, str]:
    key = issue_token(user, scopes=["read", "write", "admin"], actor=Actor.of(user))
    return {"Authorization": f"Bearer {key}"}


def test_the_api_shows_the_rules_tries_them_and_a_post_of_a_company_follows_them(
    client: Client, revops: User
) -> None:
    bea = a_user(name="Bea")
    version = routed_by(a_rule(bea, name="All"))
    headers = headers_of(revops)

    shown = client.get("/api/v1/routing-versions/", {"state": "active"}, headers=headers).json()
    made = client.post(
        "/api/v1/companies/", {"name": "New"}, content_type="application/json", headers=headers
    )
    trial = client.post(
        f"/api/v1/routing-versions/{version.pk}/simulate/",
        {"leads": 5},
        content_type="application/json",
        headers=headers,
    ).json()

    assert [each["rules"][0]["name"] for each in shown["results"]] == ["All"]
    assert made.json()["owner_id"] == str(bea.pk)
    assert (trial["count"], trial["people"]) == (1, [{"name": "Bea", "now": 1, "after": 1}])
    assert trial["rows"][0]["rule"] == "All"
