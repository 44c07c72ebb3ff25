"""A workflow as a file: out of one installation, into another."""

from collections.abc import Mapping
from typing import Any

from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import require
from gtmos.kernel.workflows.models import Workflow
from gtmos.kernel.workflows.services.workflows import RIGHT, create_workflow


def exported(workflow: Workflow, *, actor: Actor) -> dict[str, Any]:
    """The newest version. Keys of people and webhooks mean something only where they come from."""
    require(actor, RIGHT, workflow)
    newest = workflow.newest
    return {
        "name": workflow.name,
        "event_name": newest.event_name,
        "conditions": newest.conditions,
        "steps": newest.steps,
    }


def take_in(given: Mapping[str, Any], *, actor: Actor) -> Workflow:
    """Written anew, with the same checks as by hand; it is off, and acts for who took it in."""
    return create_workflow(
        given["name"],
        event_name=given["event_name"],
        conditions=given.get("conditions") or {},
        steps=given["steps"],
        note="Taken in from a file",
        actor=actor,
    )
