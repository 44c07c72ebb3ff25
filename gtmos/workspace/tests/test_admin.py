"""The RevOps desk: every kind of row is there, opens, and is changed only through services."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.messages import get_messages
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.models import Company, Deal, ImportBatch, Pipeline, RoutingVersion, Stage
from crm.tests.builders import a_company, a_contact, a_deal, a_task
from gtmos.context.models import Claim, Organisation, Product
from gtmos.context.services.messages import create_product
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.desk import Desk
from gtmos.kernel.events.models import Delivery, EventRecord
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import ApiToken, Membership, Role, Team, User
from gtmos.kernel.people.services import add_member, create_user, issue_token
from gtmos.kernel.schedule.models import Heartbeat, Occurrence
from gtmos.kernel.tests.builders import a_team, a_user
from outreach.models import Mailbox

pytestmark = pytest.mark.django_db
OURS = ("kernel", "context", "crm", "outreach", "agents", "workspace")
MODELS = [model for label in OURS for model in apps.get_app_config(label).get_models()]


def name_of(model: type[models.Model]) -> str:
    return model._meta.label_lower


def page(model: type[models.Model], which: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{which}", args=args)


# Every kind of row


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_every_model_is_at_the_desk_with_bounded_lists(model: type[models.Model]) -> None:
    registered = admin.site._registry[model]

    assert isinstance(registered, Desk)
    assert registered.show_full_result_count is False


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_its_list_opens_and_can_be_searched(model: type[models.Model], desk: Client) -> None:
    answers = [desk.get(page(model, "changelist"), query) for query in ({}, {"q": "zebra"})]

    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_its_form_opens_where_a_service_makes_one_and_is_refused_where_none_does(
    model: type[models.Model], desk: Client
) -> None:
    elsewhere = {RoutingVersion}  # written on a page of their own; here they only come in by a file
    makes = type(admin.site._registry[model]).create is not Desk.create and model not in elsewhere

    assert desk.get(page(model, "add")).status_code == (200 if makes else 403)


@pytest.mark.parametrize("role", [None, Role.AE, Role.EXECUTIVE, Role.VIEWER], ids=str)
@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_others_are_sent_to_sign_in(model: type[models.Model], role: Role | None, client: Client) -> None:
    if role is not None:
        client.force_login(a_user(role=role))

    answer = client.get(page(model, "changelist"))

    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_a_state_is_never_typed(model: type[models.Model], desk: Client, revops: User) -> None:
    registered = admin.site._registry[model]
    states = {field.name for field in model._meta.fields if type(field).__name__ == "StateField"}
    request = desk.get("/admin/").wsgi_request

    if registered.has_change_permission(request):
        assert states & set(registered.get_form(request).base_fields) == set()


def test_nobody_reads_who_may_not_and_no_key_or_digest_is_shown(desk: Client, revops: User) -> None:
    key = issue_token(revops, scopes=["read"], actor=Actor.of(revops))
    token = ApiToken.objects.get()

    text = desk.get(page(ApiToken, "change", token.pk)).content.decode()

    assert (token.prefix in text, token.digest in text, key in text) == (True, False, False)


ROWS: dict[str, Callable[[User], models.Model]] = {
    "company": lambda user: a_company(),
    "contact": lambda user: a_contact(),
    "deal": lambda user: a_deal(),
    "task": lambda user: a_task(),
    "stage": lambda user: a_deal().stage,
    "pipeline": lambda user: a_deal().stage.pipeline,
    "user": lambda user: user,
    "team": lambda user: a_team(),
    "membership": lambda user: add_member(a_team(), user, actor=SYSTEM),
    "token": lambda user: ApiToken.objects.create(user=user, prefix="gtm_abc", digest="d"),
    "fact": lambda user: EventRecord.objects.create(name="x", actor_kind="user", actor_label="x"),
    "change": lambda user: Change.objects.create(subject_id=user.pk, summary="x", user_name="x"),
    "occurrence": lambda user: Occurrence.objects.create(schedule="x", due_at=timezone.now()),
    "heartbeat": lambda user: Heartbeat.objects.create(process="x"),
    "product": lambda user: create_product("Ledger", actor=SYSTEM),
    "tree": lambda user: create_product("Ledger", actor=SYSTEM).message_tree,
    "import": lambda user: ImportBatch.objects.create(file_name="x.csv", path="x"),
}


@pytest.mark.parametrize("build", ROWS.values(), ids=ROWS)
def test_a_row_opens(build: Callable[[User], models.Model], desk: Client, revops: User) -> None:
    row = build(revops)

    assert desk.get(page(type(row), "change", row.pk)).status_code == 200


def test_a_list_costs_the_same_at_any_length(desk: Client, django_assert_max_num_queries: Any) -> None:
    counts = []
    for count in (1, 4):
        for _ in range(count):
            a_deal()
        with django_assert_max_num_queries(25) as captured:
            desk.get(page(Deal, "changelist"))
        counts.append(len(captured))

    assert counts[0] == counts[1]


# Changes end in services


def sent(desk: Client, url: str, **values: Any) -> Any:
    """The form as it is shown, with some fields changed, sent."""
    form = desk.get(url).context["adminform"].form
    shown = {name: form[name].value() for name in form.fields}
    body = {
        name: value for name, value in {**shown, **values}.items() if value is not None and value is not False
    }
    inlines = {}
    for formset in desk.get(url).context["inline_admin_formsets"]:
        inlines |= {f"{formset.formset.prefix}-{part}_FORMS": "0" for part in ("TOTAL", "INITIAL")}
    return desk.post(url, {**body, **inlines})


def filled(desk: Client, url: str, **values: Any) -> Any:
    answer = sent(desk, url, **values)
    assert answer.status_code == 302, answer.context["errors"]
    return answer


def refused(desk: Client, url: str, **values: Any) -> list[str]:
    """The words over the form, which comes again as it was written."""
    answer = sent(desk, url, **values)
    assert answer.status_code == 200
    return list(answer.context["adminform"].form.non_field_errors())


def test_a_company_is_changed_by_its_verb_with_only_what_was_changed(desk: Client, revops: User) -> None:
    company = a_company(name="Contoso", city="Oslo")

    answer = filled(desk, page(Company, "change", company.pk), city="Bergen")

    company.refresh_from_db()
    change = Change.objects.filter(subject_id=company.pk).first()
    assert (answer.status_code, company.city, company.version) == (302, "Bergen", 2)
    assert (change.changed_fields, change.source, change.user_id) == (["city"], "admin", revops.pk)
    assert EventRecord.objects.filter(name="crm.company_changed", subject_id=company.pk).count() == 1


def test_a_company_is_made_by_its_verb(desk: Client) -> None:
    answer = filled(desk, page(Company, "add"), name="Contoso", website_url="https://www.contoso.example/x")

    assert (answer.status_code, Company.objects.get().domain) == (302, "contoso.example")


def test_what_a_service_refuses_is_said_and_changes_nothing(desk: Client) -> None:
    a_company(name="A", domain="contoso.example")
    other = a_company(name="B", domain="b.example")

    words = refused(desk, page(Company, "change", other.pk), domain="https://contoso.example/")

    other.refresh_from_db()
    assert words == ["contoso.example already belongs to a company here. Open that one instead."]
    assert (other.domain, other.version) == ("b.example", 1)


def test_a_deal_moves_by_its_stage_and_its_state_follows(desk: Client) -> None:
    deal = a_deal()
    won = deal.stage.pipeline.stages.get(kind="won")

    filled(desk, page(Deal, "change", deal.pk), stage=str(won.pk))

    deal.refresh_from_db()
    assert (deal.stage, deal.deal_state) == (won, "won")


def test_a_stage_is_set_up_with_history(desk: Client) -> None:
    stage = a_deal().stage

    filled(desk, page(Stage, "change", stage.pk), name="First talk", required_fields=["deal_amount"])

    stage.refresh_from_db()
    change = Change.objects.get(subject_id=stage.pk)
    assert (stage.name, stage.required_fields) == ("First talk", ["deal_amount"])
    assert sorted(change.changed_fields) == ["name", "required_fields"]


def test_a_stage_stays_sound(desk: Client) -> None:
    stage = a_deal().stage

    words = refused(desk, page(Stage, "change", stage.pk), kind="won")

    assert words == ["Deals stand in Lead. Move them before it becomes another kind."]
    assert Stage.objects.get(pk=stage.pk).version == 1


def test_a_stage_asks_only_for_fields_that_a_deal_has(desk: Client) -> None:
    stage = a_deal().stage
    url = page(Stage, "change", stage.pk)

    answer = desk.post(url, {"name": "Lead", "required_fields": ["nothing"]})

    assert "Select a valid choice. nothing is not one of the available choices." in answer.content.decode()
    assert Stage.objects.get(pk=stage.pk).version == 1


def test_there_is_one_default_pipeline(desk: Client) -> None:
    former = a_deal().stage.pipeline

    filled(desk, page(Pipeline, "add"), name="Partners", is_default="on")

    assert list(Pipeline.objects.filter(is_default=True).values_list("name", flat=True)) == ["Partners"]
    assert Change.objects.filter(subject_id=former.pk, changed_fields=["is_default"]).count() == 1


def test_a_person_is_added_with_a_role_and_may_sign_in(desk: Client) -> None:
    filled(
        desk,
        page(User, "add"),
        email="Ada@gtmos.example",
        name="Ada Byron",
        role="sdr",
        new_password="correct horse battery",
        is_active="on",
    )

    ada = User.objects.get(email="ada@gtmos.example")
    assert (ada.role, ada.is_staff, ada.is_active) == ("sdr", False, True)
    assert Client().login(username="ada@gtmos.example", password="correct horse battery") is True


def test_revops_makes_no_administrators(desk: Client) -> None:
    person = a_user()

    words = refused(desk, page(User, "change", person.pk), role="admin")

    person.refresh_from_db()
    assert words == ["Dana may not make administrators: the role RevOps has no right to it here."]
    assert (person.role, person.is_superuser) == ("ae", False)


def test_the_last_administrator_stays(client: Client) -> None:
    last = create_user("root@gtmos.example", name="Root", role=Role.ADMIN, password=None, actor=SYSTEM)
    client.force_login(last)

    words = refused(client, page(User, "change", last.pk), role="viewer")

    last.refresh_from_db()
    assert words == ["Somebody has to stay administrator."]
    assert (last.role, last.is_superuser) == ("admin", True)


def test_people_join_and_leave_teams_with_history(desk: Client) -> None:
    team, person = a_team("North"), a_user(name="Ada")

    filled(desk, page(Membership, "add"), user=str(person.pk), team=str(team.pk))
    membership = Membership.objects.get()
    desk.post(page(Membership, "delete", membership.pk), {"post": "yes"})

    assert Membership.objects.exists() is False
    words = list(Change.objects.filter(subject_id=team.pk).order_by("id").values_list("summary", flat=True))
    assert words == ["Ada joined North", "Ada left North"]


def test_a_team_is_renamed(desk: Client) -> None:
    team = a_team("North")

    filled(desk, page(Team, "change", team.pk), name="South")

    assert Team.objects.get(pk=team.pk).name == "South"


def test_a_product_and_a_claim_and_who_we_are_are_set_up(desk: Client) -> None:
    filled(desk, page(Product, "add"), name="Ledger")
    tree = Product.objects.get().message_tree
    filled(
        desk, page(Claim, "add"), tree=str(tree.pk), kind="demonstrable_value", text="Closes a month in a day"
    )
    filled(desk, page(Organisation, "add"), name="Contoso", postal_address="1 High Street")

    assert Claim.objects.get().tree == tree
    assert Organisation.objects.get().postal_address == "1 High Street"


def test_a_mailbox_is_set_up(desk: Client) -> None:
    filled(desk, page(Mailbox, "add"), address="kim@gtmos.example", display_name="Kim", daily_cap="50")

    assert Mailbox.objects.get().daily_cap == 50


# Actions call verbs


def act(desk: Client, name: str, *rows: models.Model) -> Any:
    chosen = {"action": name, "_selected_action": [str(row.pk) for row in rows]}
    return desk.post(page(type(rows[0]), "changelist"), chosen)


def test_what_was_given_up_is_delivered_again_from_the_desk(desk: Client) -> None:
    record = EventRecord.objects.create(name="x", actor_kind="user", actor_label="x")
    delivery = Delivery.objects.create(
        event=record, subscriber="x", order_key=record.pk, state="dead", attempts=12
    )

    act(desk, "deliver_again", delivery)

    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("waiting", 0)


def test_a_key_is_revoked_from_the_desk(desk: Client, revops: User) -> None:
    issue_token(revops, scopes=["read"], actor=Actor.of(revops))
    token = ApiToken.objects.get()

    act(desk, "revoke", token)

    token.refresh_from_db()
    assert token.revoked_at is not None


def test_an_import_that_cannot_be_taken_back_says_why_and_the_others_go_on(desk: Client) -> None:
    batch = ImportBatch.objects.create(file_name="list.csv", path="x")

    answer = act(desk, "take_back", batch)

    words = [str(message) for message in get_messages(answer.wsgi_request)]
    assert words == ["list.csv: list.csv is waiting for your word and cannot be taken back."]


def test_tasks_are_done_from_the_desk(desk: Client) -> None:
    tasks = [a_task(due_at=timezone.now() + timedelta(days=1)) for _ in range(2)]

    act(desk, "complete", *tasks)

    for task in tasks:
        task.refresh_from_db()
    assert [task.done_at is not None for task in tasks] == [True, True]


def test_a_stage_with_deals_stays_and_an_empty_one_goes(desk: Client) -> None:
    used = a_deal().stage
    empty = used.pipeline.stages.get(key="discovery")

    act(desk, "take_away", used, empty)

    assert list(Stage.objects.filter(pk__in=[used.pk, empty.pk])) == [used]
