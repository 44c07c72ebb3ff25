"""What RevOps sets, by what it is about: the menu and the first page of the desk.

Everything else that has rows stands under "All applications": it is there to be looked at.
"""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from gtmos.kernel.desk import Desk

MENU: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Deals", ("crm.pipeline", "crm.stage", "crm.stagecriterion", "crm.exchangerate")),
    (
        "Fields and rules",
        ("kernel.customfield", "kernel.relation", "kernel.fieldsuggestion", "kernel.validationrule"),
    ),
    ("Automation", ("kernel.workflow", "kernel.workflowrun", "kernel.approvalpolicy", "crm.alertrule")),
    ("People and rights", ("kernel.user", "kernel.team", "kernel.membership", "kernel.accessrole")),
    ("Territories", ("kernel.territory", "kernel.territorymember")),
    (
        "Outreach",
        (
            "outreach.scoringweights",
            "outreach.mailtemplate",
            "outreach.mailbox",
            "outreach.closedday",
            "outreach.sendingdomain",
        ),
    ),
    ("The company", ("context.organisation", "context.product", "context.messagetree", "context.claim")),
    (
        "Installation",
        (
            "kernel.featureflag",
            "kernel.schedulesetting",
            "kernel.retentionrule",
            "kernel.webhook",
            "kernel.apitoken",
            "kernel.savedview",
        ),
    ),
)
PAGES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "Territories": (
        ("What would move", "desk-territories", "Companies that stand elsewhere than the rules say."),
    ),
    "Automation": (
        ("Routing of new leads", "crm:routing", "Who gets what comes in, written and tried on its page."),
    ),
    "People and rights": (
        ("Invite and hand over", "workspace:people", "Invitations, and what somebody who leaves has owned."),
    ),
    "Installation": (
        (
            "Configuration as a file",
            "desk-configuration",
            "Taken out here, compared and brought in elsewhere.",
        ),
    ),
}


def _desk_of(label: str) -> Desk:
    found = admin.site._registry[apps.get_model(label)]  # noqa: SLF001 -- the framework has no other way
    assert isinstance(found, Desk)
    return found


def _line(label: str) -> dict[str, str]:
    desk = _desk_of(label)
    meta = desk.model._meta
    words = str(meta.verbose_name_plural)
    return {
        "title": words[:1].upper() + words[1:],
        "link": reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"),
        "says": desk.says,
    }


def groups() -> list[dict[str, Any]]:
    return [
        {
            "title": title,
            "items": [
                *map(_line, labels),
                *(
                    {"title": words, "link": reverse(route), "says": says}
                    for words, route, says in PAGES.get(title, ())
                ),
            ],
        }
        for title, labels in MENU
    ]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """For the bar at the side."""
    del request
    return [{**each, "collapsible": True} for each in groups()]


def first_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    del request
    return {**context, "title": "What RevOps sets", "desk_groups": groups()}
