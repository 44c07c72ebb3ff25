"""The first two weeks with the product. Each step is found done by what is there, never ticked."""

from collections.abc import Collection
from dataclasses import dataclass

from django.urls import reverse

from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import allows
from gtmos.workspace.selectors.existing import LEADS


@dataclass(frozen=True, slots=True)
class Step:
    """`command` opens the command bar with a sentence instead of a page."""

    key: str
    when: str
    text: str
    why: str
    page: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    step: Step
    is_done: bool
    url: str


@dataclass(frozen=True, slots=True)
class QuickStart:
    """The steps by the day they belong to, and the first that is still to do."""

    days: tuple[tuple[str, tuple[Shown, ...]], ...]
    done: int
    total: int
    next: Shown | None


STEPS = (
    Step(
        "house",
        "Day 1",
        "Say who you are",
        "Name and postal address stand under every mail.",
        "admin:context_organisation_changelist",
    ),
    Step(
        "mailbox",
        "Day 1",
        "Add a mailbox to send from",
        "Mails leave from it and answers come back to it.",
        "admin:outreach_mailbox_changelist",
    ),
    Step(
        "product",
        "Day 1",
        "Describe what you sell",
        "Mails are written from its message tree.",
        "admin:context_product_changelist",
    ),
    Step(
        "leads",
        "Day 1",
        "Import your companies and contacts",
        f"Ten people are enough to begin; {LEADS} or more count as done.",
        "crm:imports",
    ),
    Step(
        "campaign",
        "Day 2",
        "Draft a campaign",
        "You read every mail before anything leaves.",
        command="Create a 3-touch campaign for CMOs at fintech companies",
    ),
    Step(
        "sent",
        "Day 2",
        "Send the first mails",
        "They leave a quarter of an hour after you approve.",
        "outreach:campaigns",
    ),
    Step(
        "booking",
        "Day 3",
        "Put your booking link into the mailbox",
        "Who says yes can take a time without writing back.",
        "admin:outreach_mailbox_changelist",
    ),
    Step("meeting", "Day 3", "Plan a meeting", "It stands on your home on its day.", "crm:meetings"),
    Step(
        "experiment",
        "Days 4 to 7",
        "Test one thing against another",
        "Two subjects, split evenly. It says when something is proven.",
        "outreach:campaigns",
    ),
    Step(
        "deal",
        "Days 4 to 7",
        "Make a deal of an answer",
        "From then on it is in the pipeline and the forecast.",
        "crm:pipeline",
    ),
    Step(
        "next_step",
        "Days 4 to 7",
        "Give a deal its next step",
        "Deals without one are named on your home.",
        "crm:pipeline",
    ),
    Step(
        "research",
        "Week 2",
        "Find people who fit",
        "A sentence is enough; each find says why it fits.",
        command="Find CMOs at fintech companies in New York",
    ),
    Step(
        "target_list",
        "Week 2",
        "Keep a list of target accounts",
        "It shows which of them nobody speaks with.",
        "crm:target-lists",
    ),
)  # fmt: skip -- a table


def quick_start(there: Collection[str], *, actor: Actor) -> QuickStart | None:
    """`there` names what exists, see `existing`; nothing for those who change nothing here."""
    user = actor.user
    if user is None or not user.may_edit:
        return None
    facts = _facts(there, actor)
    shown = [Shown(step, step.key in facts, _address(step, user)) for step in STEPS]
    days = dict.fromkeys(step.when for step in STEPS)
    return QuickStart(
        tuple((day, tuple(each for each in shown if each.step.when == day)) for day in days),
        sum(each.is_done for each in shown),
        len(shown),
        next((each for each in shown if not each.is_done), None),
    )


def _address(step: Step, user: User) -> str:
    """Nothing where an administrator has to do it."""
    is_desk = step.page.startswith("admin:")
    return reverse(step.page) if step.page and (user.is_staff or not is_desk) else ""


def _facts(there: Collection[str], actor: Actor) -> frozenset[str]:
    """Lists of target accounts are for everybody who may see companies, so the right is asked here."""
    found = frozenset(name.removeprefix("step:") for name in there if name.startswith("step:"))
    return found if allows(actor, "crm.view_target_list") else found - {"target_list"}
