"""Workflows to begin with: each is whole, and may be switched on as it stands."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Starter:
    """`key` is its address."""

    key: str
    name: str
    text: str
    event_name: str
    steps: tuple[dict[str, Any], ...]
    conditions: dict[str, Any]
    icon: str = "bolt"


def _task(title: str, days: int) -> dict[str, Any]:
    return {"do": "create_task", "with": {"title": title, "due_days": days}}


def _after(stage: str) -> dict[str, Any]:
    return {"all": [{"field": "after", "operator": "is", "value": stage}]}


STARTERS = (
    Starter(
        "deal-won",
        "When a deal is won, create three tasks",
        "Thank them, hand over to success, plan the kick-off. For the owner of the deal.",
        "crm.deal_won",
        (
            _task("Thank {record} and say what comes next", 1),
            _task("Hand {record} over to customer success", 2),
            _task("Plan the kick-off for {record}", 5),
        ),
        {},
        "trophy",
    ),
    Starter(
        "stage-entered",
        "When a deal enters a stage, create a task",
        "As it stands, for the stage proposal. Change the stage to yours.",
        "crm.deal_stage_changed",
        (_task("Follow up on the proposal: {record}", 3),),
        _after("proposal"),
        "layout-kanban",
    ),
    Starter(
        "deal-lost",
        "When a deal is lost, ask why and come back in 90 days",
        "A task at once, a wait of 90 days, another task.",
        "crm.deal_lost",
        (
            _task("Note why {record} was lost", 1),
            {"do": "wait", "with": {"days": 90}},
            _task("Ask again: {record}", 2),
        ),
        {},
        "refresh",
    ),
    Starter(
        "large-deal",
        "When a large deal is created, look at it twice",
        "From 50,000 a task to plan the account; below that, one to qualify it.",
        "crm.deal_created",
        (
            {
                "do": "branch",
                "with": {
                    "conditions": {
                        "all": [{"field": "deal.deal_amount", "operator": "at_least", "value": "50000"}]
                    }
                },
                "then": [_task("Plan the account of {record}", 2)],
                "else": [_task("Qualify {record}", 3)],
            },
        ),
        {},
        "git-branch",
    ),
    Starter(
        "contact-created",
        "When a person is added, welcome them",
        "A task to say hello within two days.",
        "crm.contact_created",
        (_task("Say hello to {record}", 2),),
        {},
        "user-plus",
    ),
)
BY_KEY = {each.key: each for each in STARTERS}
