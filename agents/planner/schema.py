"""The registry of all intents: the planners' schema, and the source of every other door's."""

from agents.planner import schema_agents, schema_outreach, schema_records, schema_work
from agents.planner.intent import Intent

REGISTRY: dict[str, Intent] = {
    intent.name: intent
    for module in (schema_outreach, schema_records, schema_work, schema_agents)
    for intent in module.INTENTS
}
# The class of everything that is no business of this product.
BACKGROUND = "background"
