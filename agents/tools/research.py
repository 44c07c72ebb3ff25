"""Finding people: searched, refined, kept, chosen."""

from typing import Any
from uuid import UUID

from agents.selectors.resolving import Call
from agents.selectors.screen import search_of
from agents.services.registry import Slots, ToolResult, tool, undoer
from gtmos.kernel import wording
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.records import visible_to
from outreach.models import ResearchJob, SavedSearch
from outreach.services.prospects import Decision, dismiss_prospects, select_prospects, undo_decision
from outreach.services.research import refine_research, start_research
from outreach.services.searches import delete_search, save_search


@tool(
    "research.search",
    examples=(
        "find me CMOs at Series B fintech companies in NYC who are hiring for growth teams",
        "manufacturing companies in Texas with 100 to 500 people",
    ),
)
def search(slots: Slots, call: Call) -> ToolResult:
    """Look for people or companies in your own records and signals."""
    job = start_research(dict(slots), command=call.command, actor=call.actor)
    return _started(job)


@tool("research.refine", examples=("only Series A", "without California"))
def refine(slots: Slots, call: Call) -> ToolResult:
    """Change the last search; the former one stays as it is."""
    before = call.last_research()
    changes = {name: value for name, value in slots.items() if name != "op"}
    job = refine_research(
        before, op=str(slots["op"]), changes=changes, command=call.command, actor=call.actor
    )
    return _started(job)


def _started(job: ResearchJob) -> ToolResult:
    return ToolResult(
        f"Looking for {job}. What is found appears as it comes.",
        subject=_subject(job),
        context={"last_search": search_of(job), "focus": _subject(job)},
    )


@tool("research.save", examples=("save search as “NYC Fintech CMOs”",))
def save(slots: Slots, call: Call) -> ToolResult:
    """Keep the last search under a name, to run it again."""
    job = call.last_research()
    kept = save_search(job, name=str(slots["name"]), actor=call.actor)
    return ToolResult(
        f"Saved the search as “{kept}”.",
        subject=_subject(job),
        undo={"verb": "research.forget", "search": str(kept.pk)},
    )


@undoer("research.forget")
def undo_save(search: str, *, actor: Actor) -> str:
    row = visible_to(actor, SavedSearch.objects.all()).filter(pk=search).first()
    if row is None:
        raise DomainError("That saved search is gone already.", code="nothing_to_undo")
    name = row.name
    delete_search(row, actor=actor)
    return f"The search “{name}” is no longer saved."


@tool("prospects.select", examples=("select top 20", "dismiss everybody below B"))
def select(slots: Slots, call: Call) -> ToolResult:
    """Choose prospects of the last search, or put them aside."""
    job = call.last_research()
    wanted: dict[str, Any] = {
        "top_n": int(slots["top_n"]) if slots.get("top_n") else None,
        "min_grade": str(slots["min_grade"]) if slots.get("min_grade") else None,
        "max_grade": str(slots["max_grade"]) if slots.get("max_grade") else None,
        "names": [str(name) for name in slots["names"]] if slots.get("names") else None,
    }
    verb = dismiss_prospects if slots["action"] == "dismiss" else select_prospects
    decision = verb(job, actor=call.actor, **wanted)
    return ToolResult(
        _decided_in_words(decision, job, str(slots["action"])),
        subject=_subject(job),
        context={"focus": _subject(job)},
        undo={"verb": "prospects.restore", "job": str(job.pk), "decision": str(decision.id)}
        if decision.count
        else {},
    )


@undoer("prospects.restore")
def undo_select(job: str, decision: str, *, actor: Actor) -> str:
    row = visible_to(actor, ResearchJob.objects.all()).filter(pk=job).first()
    if row is None:
        raise DomainError("That search is gone.", code="nothing_to_undo")
    restored = undo_decision(row, UUID(decision), actor=actor)
    return f"{wording.plural(restored, 'prospect is', 'prospects are')} as before."


def _decided_in_words(decision: Decision, job: ResearchJob, action: str) -> str:
    done = "Dismissed" if action == "dismiss" else "Selected"
    left = f" {decision.blocked} may not be written to and were left out." if decision.blocked else ""
    if not decision.count:
        return f"Nothing changed in {job}: nobody else fits.{left}"
    return f"{done} {wording.plural(decision.count, 'prospect')} of {job}.{left}"


def _subject(job: ResearchJob) -> dict[str, str]:
    return {"type": "research", "id": str(job.pk), "name": job.name}
