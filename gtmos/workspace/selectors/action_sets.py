"""Which actions stand first on an account's page, by what somebody does here."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from crm.models import Company
from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import allows


@dataclass(frozen=True, slots=True)
class Action:
    """A page (`url`) or a sentence that the command bar opens with (`sentence`). `right` is what it needs."""

    key: str
    label: str
    icon: str
    right: str
    page: str = ""
    sentence: str = ""
    letter: str = ""


LOG_CALL = Action(
    "log_call", "Log a call", "phone", "crm.log_activity", sentence="Log a call with {name}, ", letter="l"
)
MEETING = Action(
    "plan_meeting",
    "Plan a meeting",
    "calendar-plus",
    "crm.create_meeting",
    page="crm:meeting-create",
    letter="m",
)
NEW_DEAL = Action(
    "create_deal", "New deal", "circle-plus", "crm.create_deal", page="crm:deal-create", letter="d"
)
REMIND = Action("remind", "Remind me", "clock", "crm.create_task", sentence="Remind me to call {name} ")
CAMPAIGN = Action(
    "start_campaign",
    "Start a campaign",
    "send",
    "outreach.edit_campaign",
    sentence="Find me the people at {name}",
)
CHECK_IN = Action(
    "check_in",
    "Log a check-in",
    "phone",
    "crm.log_activity",
    sentence="Log a call with {name}, check-in, ",
    letter="l",
)
REVIEW = Action(
    "plan_review",
    "Plan a review",
    "calendar-event",
    "crm.create_meeting",
    page="crm:meeting-create",
    letter="m",
)
RENEWAL = Action(
    "renewal",
    "Renewal",
    "refresh",
    "crm.create_deal",
    sentence="Create a deal with {name} called Renewal",
    letter="d",
)
ADD_PERSON = Action(
    "add_contact", "Add a person", "user-plus", "crm.create_contact", page="crm:contact-create"
)
FIND_ALIKE = Action(
    "find_alike",
    "Find companies like it",
    "radar-2",
    "crm.create_company",
    sentence="Find companies in {industry}",
)

SALES = (LOG_CALL, MEETING, NEW_DEAL, CAMPAIGN, REMIND)
SUCCESS = (CHECK_IN, REVIEW, RENEWAL, ADD_PERSON, REMIND)
MARKETING = (CAMPAIGN, FIND_ALIKE, ADD_PERSON, REMIND)
# By the built-in role that a role is based on; whoever leads sees what sales sees.
SETS: dict[str, tuple[str, tuple[Action, ...]]] = {
    "sdr": ("Sales", SALES),
    "ae": ("Sales", SALES),
    "csm": ("Customer success", SUCCESS),
    "marketing": ("Marketing", MARKETING),
}


def action_set(company: Company, *, actor: Actor) -> tuple[str, list[dict[str, str]]]:
    """The set's name, and its actions that this person may do."""
    based_on = actor.user.standing.based_on if actor.user else ""
    name, actions = SETS.get(based_on, ("Sales", SALES))
    return name, [_drawn(each, company) for each in actions if allows(actor, each.right, company)]


def find_action(key: str, company: Company, *, actor: Actor) -> bool:
    return any(each["key"] == key for each in action_set(company, actor=actor)[1])


def _drawn(action: Action, company: Company) -> dict[str, str]:
    url = f"{reverse(action.page)}?{urlencode({'company': company.pk})}" if action.page else ""
    words = {"name": company.name, "industry": company.industry_vertical or "the same industry"}
    return {
        "key": action.key,
        "label": action.label,
        "icon": action.icon,
        "url": url,
        "sentence": action.sentence.format(**words) if action.sentence else "",
        "letter": action.letter,
    }
