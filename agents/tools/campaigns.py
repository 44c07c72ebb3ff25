"""Campaigns: drafted, moved along, looked at."""

from collections.abc import Callable
from typing import Any

from agents.selectors.audiences import people_in_segment, people_of, quiet_since, ticked
from agents.selectors.resolving import Call, ClarifyError
from agents.services.registry import Slots, ToolResult, tool, undoer
from gtmos.kernel import wording
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.permissions import require
from gtmos.kernel.records import visible_to
from outreach.enums import CampaignState, EnrollmentState
from outreach.models import Campaign
from outreach.services.approvals import reopen_content
from outreach.services.campaigns import (
    approve_campaign,
    archive_campaign,
    cancel_start,
    complete_campaign,
    delete_draft,
    draft_campaign,
    make_ready,
    pause_campaign,
    resume_campaign,
)

TOUCHES = 3
QUIET_DAYS = 14
IN_THIS_RELEASE = "email"
SENDING = (CampaignState.ACTIVE, CampaignState.RUNNING, CampaignState.PAUSED)


@tool(
    "campaign.create",
    examples=(
        "create a 3-touch hiring-themed campaign for the prospects I just found",
        "create a re-engagement campaign for people who did not reply for 14 days",
    ),
)
def create(slots: Slots, call: Call) -> ToolResult:
    """Draft a campaign with its messages and, if asked, a test. Nothing is sent by this."""
    others = [name for name in slots.get("channels") or () if name != IN_THIS_RELEASE]
    if others:
        raise InvalidInputError(
            f"Campaigns send e-mail only in this release, not {' or '.join(others)}. Nothing was changed.",
            code="channel_missing",
        )
    campaign = draft_campaign(
        actor=call.actor,
        kind=str(slots.get("kind") or "outreach"),
        name=str(slots.get("name") or ""),
        theme=str(slots.get("theme") or ""),
        touches=int(slots.get("touches") or TOUCHES),
        interval_days=int(slots["interval_days"]) if slots.get("interval_days") else None,
        ab_element=str(slots.get("ab_element") or ""),
        ab_variants=tuple(slots.get("ab_variants") or ()),
        ab_metric=str(slots.get("ab_metric") or "reply_rate"),
        ab_split=tuple(float(share) for share in slots.get("ab_split") or ()),
        **_audience(slots, call),
    )
    return ToolResult(
        f"Drafted {campaign}. Nothing is sent before you approve it.{_start_note(slots)}",
        card={"findings": _findings(campaign)},
        subject=subject_of(campaign),
        context={"focus": subject_of(campaign), **_test_context(campaign)},
        undo={"verb": "campaign.delete_draft", "campaign": str(campaign.pk)},
    )


@undoer("campaign.delete_draft")
def undo_create(campaign: str, *, actor: Actor) -> str:
    row = campaign_by_key(campaign, actor)
    delete_draft(row, actor=actor)
    return f"Took back the draft {row}."


@tool("campaign.transition", examples=("launch NYC Fintech CMOs", "pause Logistics Leaders"))
def transition(slots: Slots, call: Call) -> ToolResult:
    """Submit, launch, pause, resume, complete or archive a campaign. You confirm it first."""
    campaign = call.campaign(str(slots["campaign"]))
    action = str(slots["action"])
    if slots.get("until"):
        raise InvalidInputError(
            "A pause that ends by itself is not part of this release. Say it without the date.",
            code="no_until",
        )
    before = campaign.state
    campaign = ACTIONS[action](campaign, call)
    if campaign.state == before:
        return ToolResult(
            f"{campaign} is {campaign.get_state_display()} already.", subject=subject_of(campaign)
        )
    return ToolResult(
        _moved_in_words(campaign, action),
        subject=subject_of(campaign),
        context={"focus": subject_of(campaign)},
        undo=_way_back(campaign, action, before),
    )


ACTIONS: dict[str, Callable[[Campaign, Call], Campaign]] = {
    "submit": lambda campaign, call: make_ready(campaign, actor=call.actor),
    "launch": lambda campaign, call: approve_campaign(campaign, actor=call.actor),
    "pause": lambda campaign, call: pause_campaign(campaign, reason=call.command[:300], actor=call.actor),
    "resume": lambda campaign, call: resume_campaign(campaign, actor=call.actor),
    "complete": lambda campaign, call: complete_campaign(campaign, actor=call.actor),
    "archive": lambda campaign, call: archive_campaign(campaign, actor=call.actor),
}


def _way_back(campaign: Campaign, action: str, before: str) -> dict[str, Any]:
    """Completing and archiving are final; a start can be called back until the first mail leaves."""
    verbs = {"submit": "campaign.reopen", "launch": "campaign.call_back", "pause": "campaign.resume"}
    verb = {**verbs, "resume": "campaign.pause"}.get(action)
    return {"verb": verb, "campaign": str(campaign.pk), "before": before} if verb else {}


@undoer("campaign.reopen")
def undo_submit(campaign: str, before: str, *, actor: Actor) -> str:
    del before
    row = campaign_by_key(campaign, actor)
    require(actor, "outreach.edit_campaign", row)
    if row.state != CampaignState.READY:
        raise _moved_on(row)
    row = reopen_content(row, what="submission taken back", actor=actor)
    return f"{row} is a draft again."


@undoer("campaign.call_back")
def undo_launch(campaign: str, before: str, *, actor: Actor) -> str:
    """Only while no mail has left; what it was before it was submitted and launched at once is a draft."""
    row = cancel_start(campaign_by_key(campaign, actor), actor=actor)
    if before == CampaignState.DRAFT:
        row = reopen_content(row, what="launch taken back", actor=actor)
    return f"The start of {row} is called back. Nothing was sent."


@undoer("campaign.resume", asks=lambda undo: True)  # noqa: ARG005 -- whatever it was before, mail leaves again
def undo_pause(campaign: str, before: str, *, actor: Actor) -> str:
    del before
    row = resume_campaign(campaign_by_key(campaign, actor), actor=actor)
    waiting = wording.plural(row.enrollments.filter(state=EnrollmentState.ACTIVE).count(), "person", "people")
    return f"{row} is {row.get_state_display()} again: mail leaves to {waiting} still in it."


@undoer("campaign.pause")
def undo_resume(campaign: str, before: str, *, actor: Actor) -> str:
    del before
    row = pause_campaign(campaign_by_key(campaign, actor), reason="resume taken back", actor=actor)
    return f"{row} is paused again. What was sent in between stays sent."


def _moved_on(campaign: Campaign) -> DomainError:
    return DomainError(
        f"{campaign} is {campaign.get_state_display()} by now. Nothing was taken back.", code="changed_since"
    )


def _moved_in_words(campaign: Campaign, action: str) -> str:
    people = wording.plural(campaign.enrollments.count(), "person", "people")
    if action == "launch" and campaign.starts_at:
        return (
            f"{campaign} is approved for {people}. The first mail leaves after {wording.exact(campaign.starts_at)}. "
            "Until then you can call it back."
        )
    return f"{campaign}, {people}, is {campaign.get_state_display()} now."


def _audience(slots: Slots, call: Call) -> dict[str, Any]:
    """The people a campaign is for, as the drafting verb takes them."""
    audience = slots.get("audience")
    if audience is None and slots.get("kind") == "re_engagement":
        audience = "filter"
    if audience is None and call.context.get("last_search"):
        audience = "last_search"
    reader = AUDIENCES.get(str(audience))
    if reader is None:
        raise ClarifyError("Who should it go to? Find people first, or name a list.", slot="audience")
    return reader(slots, call)


def _selection(slots: Slots, call: Call) -> dict[str, Any]:
    del slots
    keys = (call.context.get("selection") or {}).get("ids") or []
    people = list(ticked(keys, actor=call.actor)) if keys else []
    if people:
        return {"contacts": people}
    return {"research": call.last_research(), "only_selected": True}


def _saved_search(slots: Slots, call: Call) -> dict[str, Any]:
    search = call.saved_search(_named(slots, "Which saved search?"))
    if search.last_job is None:
        raise DomainError(f"The search {search} has not run yet. Run it first.", code="not_run_yet")
    return {"research": search.last_job}


def _quiet(slots: Slots, call: Call) -> dict[str, Any]:
    said = slots.get("no_reply_days") or (call.context.get("list_filter") or {}).get("no_reply_days")
    days = int(said or QUIET_DAYS)
    people = list(quiet_since(days, actor=call.actor))
    if not people:
        raise DomainError(
            f"Nobody was written to {wording.plural(days, 'day')} ago or earlier without an answer. Nothing was changed.",
            code="nobody_fits",
        )
    return {"contacts": people}


def _company(slots: Slots, call: Call) -> dict[str, Any]:
    company = call.company(_named(slots, "Which company?"), "audience_ref")
    return {"contacts": list(people_of(company, actor=call.actor))}


def _segment(slots: Slots, call: Call) -> dict[str, Any]:
    segment = _named(slots, "Which segment?")
    return {"contacts": list(people_in_segment(segment, actor=call.actor))}


def _named(slots: Slots, question: str) -> str:
    if not slots.get("audience_ref"):
        raise ClarifyError(question, slot="audience_ref")
    return str(slots["audience_ref"])


AUDIENCES: dict[str, Callable[[Slots, Call], dict[str, Any]]] = {
    "last_search": lambda slots, call: {"research": call.last_research()},  # noqa: ARG005 -- one shape for all
    "selection": _selection,
    "saved_search": _saved_search,
    "filter": _quiet,
    "company": _company,
    "segment": _segment,
}


def _start_note(slots: Slots) -> str:
    return (
        " A start date cannot be planned yet: it starts 15 minutes after you approve it."
        if slots.get("start")
        else ""
    )


def _findings(campaign: Campaign) -> list[dict[str, Any]]:
    """What was drafted, in numbers."""
    days = ", ".join(str(day) for day in campaign.steps.values_list("offset_days", flat=True))
    people = campaign.enrollments.count()
    rows: list[dict[str, Any]] = [
        {"count": campaign.steps.count(), "text": f"touches: day {days}"},
        {"count": people, "text": "people, by priority"},
    ]
    left_out = sum(campaign.skipped.values())
    if left_out:
        rows.append({"count": left_out, "text": "left out, they may not be written to"})
    return rows + _test_findings(campaign, people)


def _test_findings(campaign: Campaign, people: int) -> list[dict[str, Any]]:
    experiment = getattr(campaign, "experiment", None)
    if experiment is None:
        return []
    arms = experiment.variants.count()
    needed = experiment.planned_per_arm
    short = f", {people} cannot decide it" if people < needed * arms else ""
    return [
        {"count": arms, "text": f"variants of the {experiment.element}"},
        {"count": needed, "text": f"people needed in each arm{short}"},
    ]


def _test_context(campaign: Campaign) -> dict[str, Any]:
    return {"last_test": subject_of(campaign)} if getattr(campaign, "experiment", None) else {}


def subject_of(campaign: Campaign) -> dict[str, str]:
    return {"type": "campaign", "id": str(campaign.pk), "name": campaign.name}


def can_send(undo: Slots) -> bool:
    """Is the campaign one whose mails leave, now or when it goes on?"""
    return Campaign.objects.filter(pk=undo["campaign"], state__in=SENDING).exists()


def campaign_by_key(key: str, actor: Actor) -> Campaign:
    row = visible_to(actor, Campaign.objects.all()).filter(pk=key).first()
    if row is None:
        raise DomainError("That campaign is gone. Nothing was taken back.", code="not_found")
    return row
