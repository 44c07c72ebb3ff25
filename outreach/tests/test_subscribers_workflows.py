"""A workflow puts people into a campaign: never past an approval, never who may not be written to."""

from typing import Any

import pytest

from crm.models import Contact
from crm.tests.builders import a_deal
from crm.tests.test_subscribers_workflows import a_workflow, carried_out
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.builders import a_user
from gtmos.kernel.workflows.models import WorkflowRun, WorkflowStepRun
from gtmos.kernel.workflows.selectors import tried
from gtmos.kernel.workflows.words import lines_of
from outreach.models import Campaign
from outreach.tests.campaign_builders import a_campaign, a_reader, an_approved_campaign, running

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper() -> User:
    return a_user(name="Kim Keeper", role=Role.REVOPS)


def a_sequence(campaign: Campaign) -> dict[str, Any]:
    return {"do": "start_sequence", "with": {"campaign": str(campaign.pk)}}


def a_deal_with(contact: Contact | None) -> None:
    a_deal(name="Alpine", contact=contact)


def people(campaign: Campaign) -> set[Any]:
    return set(campaign.enrollments.values_list("contact_id", flat=True))


def said() -> str:
    return WorkflowStepRun.objects.get().outcome


def test_the_person_of_a_deal_joins_the_campaign_once_and_its_approval_is_void(keeper: User) -> None:
    campaign = an_approved_campaign(2)
    before, reader = people(campaign), a_reader()
    a_workflow(keeper, a_sequence(campaign), event_name="crm.deal_created")
    a_deal_with(reader)
    carried_out()
    carried_out()

    campaign.refresh_from_db()
    assert people(campaign) == before | {reader.pk}
    assert (campaign.state, campaign.approved_by, campaign.approved_hash) == ("draft", None, "")
    assert said() == f"{reader} is in {campaign}; its mails wait for their approval."


def test_who_may_not_be_written_to_is_left_out_and_the_log_says_why(keeper: User) -> None:
    campaign, reader = a_campaign(2), a_reader(do_not_email=True)
    before = people(campaign)
    a_workflow(keeper, a_sequence(campaign), event_name="crm.deal_created")
    a_deal_with(reader)
    carried_out()

    assert (people(campaign), said()) == (before, f"{reader} was left out of {campaign}: do not e-mail.")


def test_who_is_in_it_already_stays_as_they_are_and_its_approval_holds(keeper: User) -> None:
    reader = a_reader()
    campaign = an_approved_campaign(contacts=[reader])
    a_workflow(keeper, a_sequence(campaign), event_name="crm.deal_created")
    a_deal_with(reader)
    before = Campaign.objects.values().get()
    carried_out()

    assert (Campaign.objects.values().get(), said()) == (before, f"{reader} is in {campaign} already.")


@pytest.mark.parametrize("case", ["it runs", "nobody is named"])
def test_what_cannot_be_done_fails_with_a_sentence_and_changes_nothing(case: str, keeper: User) -> None:
    campaign = an_approved_campaign(2)
    a_workflow(keeper, a_sequence(campaign), event_name="crm.deal_created")
    if case == "it runs":
        campaign = running(campaign)
        a_deal_with(a_reader())
        words = f"{campaign} is running. Pause it first; after the change it has to be approved again."
    else:
        a_deal_with(None)
        words = "Alpine has no person to write to."
    before = people(campaign), Campaign.objects.values().get()
    carried_out()

    assert (people(campaign), Campaign.objects.values().get()) == before
    assert (WorkflowRun.objects.get().state, WorkflowRun.objects.get().reason) == ("failed", words)


def test_trying_says_who_would_join_and_nobody_does(keeper: User) -> None:
    campaign, reader = a_campaign(2), a_reader()
    workflow = a_workflow(keeper, a_sequence(campaign), event_name="crm.deal_created", on=False)
    a_deal_with(reader)
    before = people(campaign)

    lines = tried(workflow.newest, actor=Actor.of(keeper))[0].lines

    assert lines == [f"Adds {reader} to {campaign}. Its mails wait for their approval."]
    assert lines_of(workflow.newest)[1] == f"Add the person to the campaign {campaign.name} (draft)"
    assert people(campaign) == before
