"""What one person should do first, a few lines for the left column: decisions, tasks that are due, deals without a step."""

from dataclasses import dataclass

from django.urls import reverse

from crm.models import Task
from crm.selectors.standing_figures import deals_that_need_a_step
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals.selectors import approvals_waiting
from gtmos.workspace.selectors.home_rep import due_tasks, own
from gtmos.workspace.selectors.lines import deal_lines

OF_EACH = 3


@dataclass(frozen=True, slots=True)
class Item:
    icon: str
    label: str
    url: str


def priority_items(*, actor: Actor) -> list[Item]:
    """In the order in which somebody else waits for them; a statement for each kind."""
    waiting = approvals_waiting(actor=actor).prefetch_related(None).only("subject_name")
    decisions = waiting.select_related(None)[:OF_EACH]
    stuck = deals_that_need_a_step(actor=actor, narrow=lambda deals: own(deals, actor))
    return [
        *(Item("hourglass", each.subject_name, reverse("workspace:approvals")) for each in decisions),
        *(_task(each) for each in due_tasks(actor, clock.now())[:OF_EACH]),
        *(
            Item("layout-kanban", each.name, reverse("crm:deal", args=[each.pk]))
            for each in deal_lines(stuck)[:OF_EACH]
        ),
    ]


def _task(task: Task) -> Item:
    return Item("checkbox", task.title, reverse("crm:tasks"))
