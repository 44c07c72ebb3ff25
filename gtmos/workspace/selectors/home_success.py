"""Home of somebody who looks after customers: accounts by health, renewals, alerts, silence, falls of usage."""

from typing import Any

from django.urls import reverse

from crm.selectors.accounts import Account, accounts_at_a_glance, renewals_ahead
from gtmos.kernel import clock, wording
from gtmos.kernel.actors import Actor
from gtmos.workspace.selectors.figure import Figure
from gtmos.workspace.selectors.home_rep import due_tasks
from gtmos.workspace.selectors.lines import deal_lines

SHOWN = 6
QUIET_DAYS = 30


def success_home(actor: Actor) -> dict[str, Any]:
    accounts = accounts_at_a_glance(actor=actor)
    tasks = list(due_tasks(actor, clock.now()))
    return {
        "accounts": accounts,
        "accounts_are_mine": any(each.is_mine for each in accounts),
        "worst": [each for each in accounts if each.health.tone == "bad"][:SHOWN],
        "renewals": list(deal_lines(renewals_ahead(actor=actor))[:SHOWN]),
        "figures": _figures(accounts),
        "tasks": tasks[:SHOWN],
        "tasks_more": len(tasks) > SHOWN,
    }


def _figures(accounts: list[Account]) -> list[Figure]:
    if not accounts:
        return []
    base = f"of {wording.plural(len(accounts), 'account')}"
    quiet = sum(each.facts.quiet_days is None or each.facts.quiet_days > QUIET_DAYS for each in accounts)
    renewing = sum(
        each.facts.renews_in_days is not None and each.facts.renews_in_days <= 90 for each in accounts
    )
    falling = sum(each.facts.usage < each.facts.usage_before for each in accounts)
    url = f"{reverse('crm:companies')}?state=using"
    return [
        Figure(
            "Need care",
            wording.counted(sum(each.health.tone == "bad" for each in accounts)),
            base,
            "an alert, a fall of usage, or a renewal nobody prepares",
            "#accounts",
        ),
        Figure("Quiet", wording.counted(quiet), base, f"no activity for more than {QUIET_DAYS} days", url),
        Figure("Renew soon", wording.counted(renewing), base, "in the next 90 days", "#renewals"),
        Figure("Use it less", wording.counted(falling), base, "30 days against the 30 before", "#accounts"),
    ]
