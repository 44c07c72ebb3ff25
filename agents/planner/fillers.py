"""Which function fills which intent."""

from collections.abc import Callable

from agents.planner.scene import Draft, Scene
from agents.planner.slots import activities, campaigns, deals, lists, query, research, system, tasks, testing
from agents.planner.slots.other import FILLERS as OTHERS

FILLERS: dict[str, Callable[[Scene], Draft]] = {
    **OTHERS,
    "research.search": research.search,
    "research.refine": lists.refine,
    "research.save": lists.save,
    "prospects.select": lists.select,
    "campaign.create": campaigns.create,
    "campaign.transition": testing.transition,
    "campaign.performance": testing.performance,
    "ab.add_variant": testing.add_variant,
    "ab.promote": testing.promote,
    "records.query": query.query,
    "records.export": query.export,
    "activity.log": activities.log,
    "task.create": tasks.task,
    "deal.create": deals.create,
    "deal.update": deals.update,
    "system.undo": system.undo,
    "system.help": system.helped,
}
