"""A version and a run as a column of boxes, from the event down to the last step."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from gtmos.kernel.workflows import words
from gtmos.kernel.workflows.about import fields_about
from gtmos.kernel.workflows.actions import actions
from gtmos.kernel.workflows.conditions import in_words
from gtmos.kernel.workflows.models import WorkflowRun, WorkflowStepRun, WorkflowVersion
from gtmos.kernel.workflows.steps import DECIDING, SIDES, Row, walk

PAGES = {
    "crm.deal": "crm:deal",
    "crm.company": "crm:company",
    "crm.contact": "crm:contact",
    "kernel.approval": "workspace:approval",
    "outreach.campaign": "outreach:campaign",
}
SIDE_WORDS = {"then": "Then", "else": "Otherwise"}


@dataclass(frozen=True, slots=True)
class Box:
    """One step. `side` says on which side of a decision it begins; `log` is how it went in a run."""

    text: str
    icon: str
    depth: int = 0
    side: str = ""
    is_decision: bool = False
    log: WorkflowStepRun | None = None
    url: str = ""


def picture_of(version: WorkflowVersion, log: dict[str, WorkflowStepRun] | None = None) -> list[Box]:
    fields = fields_about(version.event_name)
    conditions = in_words(version.conditions, fields)
    when = f"When {words.event_in_words(version.event_name)}"
    start = [Box(when, "bolt"), *([Box(f"Only where {conditions}", "filter")] if conditions else [])]
    boxes = []
    for path, depth, step in walk(version.steps):
        known = actions().get(step["do"])
        row = Row(step["do"], step.get("with", {}))
        done = (log or {}).get(path)
        boxes.append(
            Box(
                text=words.row_in_words(row, fields),
                icon=known.icon if known else "info-circle",
                depth=min(depth, 4),
                side=_side(path),
                is_decision=step["do"] in DECIDING,
                log=done,
                url=_url(done),
            )
        )
    return start + boxes


def _side(path: str) -> str:
    """Only the first step of a side says which it is."""
    parts = path.split(".")
    return SIDE_WORDS[parts[-2]] if parts[-1] == "0" and len(parts) > 1 and parts[-2] in SIDES else ""


def _url(done: WorkflowStepRun | None) -> str:
    name = PAGES.get(done.made_type, "") if done is not None else ""
    if not name or done is None or done.made_id is None:
        return ""
    try:
        return reverse(name, args=[done.made_id])
    except NoReverseMatch:
        return ""


def picture_of_run(run: WorkflowRun) -> list[Box]:
    """The version it began with, each step with how it went."""
    return picture_of(run.definition, {each.path: each for each in run.steps.all()})
