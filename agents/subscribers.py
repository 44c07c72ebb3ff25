"""What follows from facts of the apps below: proposals and reports in the thread that asked."""

import re
from collections.abc import Mapping
from typing import Any

from agents.enums import RunState
from agents.models import Message, Run
from agents.selectors.screen import search_of
from agents.services.recommending import recommend_to_owner
from agents.services.runs import submit
from agents.services.suggestions import suggest
from agents.services.threads import remember, say, start_thread
from crm.events import DealHealthChanged, DealStageChanged
from crm.models import Contact, Deal
from gtmos.kernel.actors import Actor
from gtmos.kernel.events import subscribe
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.fields.kinds import Field
from gtmos.kernel.fields.objects import noun_of
from gtmos.kernel.workflows import actions as workflow
from outreach.enums import ReplyCategory
from outreach.events import (
    CampaignActivated,
    ExperimentDecided,
    ExperimentProven,
    ReplyReceived,
    ResearchFinished,
    ResearchStarted,
)
from outreach.models import Campaign, Experiment, ResearchJob
from outreach.selectors.prospects import graded_from, prospects_of

ADVISER = Actor.system("suggestions")
DONE_OR_WAITS = (RunState.DONE, RunState.WAITING)
MOST_VARIANTS = 3
POSITIVE = frozenset({ReplyCategory.INTERESTED, ReplyCategory.MEETING})
# A name that comes from outside becomes part of a sentence only when it is nothing but a name.
NOTHING_BUT_A_NAME = re.compile(r"[^\W\d_]+(?:[ .'’-]+[^\W\d_]+){0,3}")
GOOD = "B"


@subscribe(ResearchFinished)
def report_what_was_found(record: EventRecord) -> None:
    """Counts in the thread that asked, with what can be done next; and the same on Today."""
    job = ResearchJob.objects.select_related("owner").filter(pk=record.payload["job_id"]).first()
    if job is None or job.owner is None:
        return
    asker = Actor.of(job.owner, source="task")
    good = graded_from(prospects_of(job, actor=asker), GOOD).count()
    found = job.companies_found if job.criteria.get("entity") == "companies" else job.contacts_found
    subject = {"type": "research", "id": str(job.pk), "name": job.name}
    commands = _next_after(job, good)
    run = _run_that_asked(job)
    if run is not None and run.thread is not None:
        page = {"focus": subject}
        card = {
            "kind": "result",
            "event": str(record.pk),
            "findings": _findings(job, good),
            "actions": [{"label": title, "command": text, "page": page} for _, title, text in commands],
            "subject": subject,
        }
        if Message.objects.filter(thread=run.thread, card__event=str(record.pk)).exists():
            return  # said already; the event was delivered again
        state = "" if job.state == "done" else f" The search is {job.get_state_display()}."
        say(run.thread, f"{job}: {found} found.{state}", actor=ADVISER, card=card, run=None)
        if (run.thread.context.get("last_search") or {}).get("id") == str(job.pk):
            remember(run.thread, {"last_search": search_of(job)})
    for kind, title, text in commands:
        suggest(
            key=f"{kind}:{job.pk}",
            owner=job.owner,
            kind=kind,
            title=title,
            reason=f"{job}: {found} found, {good} graded A or B",
            command=text,
            subject=subject,
            actor=ADVISER,
        )


def _findings(job: ResearchJob, good: int) -> list[dict[str, object]]:
    return [
        {"count": job.companies_examined, "text": "companies examined"},
        {"count": job.companies_found, "text": "companies found"},
        {"count": job.contacts_found, "text": "people found"},
        {"count": good, "text": "graded A or B"},
        *([{"count": job.blocked, "text": "may not be written to"}] if job.blocked else []),
    ]


def _next_after(job: ResearchJob, good: int) -> list[tuple[str, str, str]]:
    if job.criteria.get("entity") == "companies" or not job.contacts_found:
        return []
    people = good or job.contacts_found
    themed = "hiring-themed " if "hiring" in (job.criteria.get("signals") or ()) else ""
    return [
        (
            "campaign.create",
            f"Draft a campaign for these {people} people" if people > 1 else "Draft a campaign",
            f"Create a 3-touch {themed}campaign for the prospects I just found",
        ),
        ("research.save", "Save this search", f"Save search as '{job.name.replace(chr(39), '')}'"),
    ]


def _run_that_asked(job: ResearchJob) -> Run | None:
    started = EventRecord.objects.filter(name=ResearchStarted.name, subject_id=job.pk).first()
    run_id = started.run_id if started else None
    return Run.objects.select_related("thread").filter(pk=run_id).first() if run_id else None


@subscribe(ReplyReceived)
def propose_an_answer(record: EventRecord) -> None:
    """Somebody is interested: a task to answer them. What they wrote is not read here."""
    if record.payload["category"] not in POSITIVE or not record.payload["contact_id"]:
        return
    contact = Contact.objects.select_related("owner").filter(pk=record.payload["contact_id"]).first()
    campaign = Campaign.objects.select_related("owner").filter(pk=record.payload["campaign_id"]).first()
    owner = (campaign.owner if campaign else None) or (contact.owner if contact else None)
    if contact is None or owner is None:
        return
    whom = contact.name if NOTHING_BUT_A_NAME.fullmatch(contact.name) else "this contact"
    suggest(
        key=f"reply:{record.payload['mail_id']}",
        owner=owner,
        kind="task.create",
        title=f"Answer {whom}",
        reason=f"Replied to {campaign}: {ReplyCategory(record.payload['category']).label}"
        if campaign
        else "",
        command=f"remind me to answer {whom} today",
        subject={"type": "contact", "id": str(contact.pk), "name": contact.name},
        actor=ADVISER,
    )


@subscribe(CampaignActivated)
def propose_watching(record: EventRecord) -> None:
    """After a launch: look at the live figures, and a third variant where there is room."""
    campaign = _campaign(record)
    if campaign is None:
        return
    subject = _subject(campaign)
    suggest(
        key=f"campaign.watch:{campaign.pk}",
        owner=campaign.owner,
        kind="campaign.watch",
        title=f"Watch {campaign} as it starts",
        reason=f"{campaign.enrollments.count()} people, first mail after the window to call it back",
        command=f"how is {campaign} performing",
        subject=subject,
        actor=ADVISER,
    )
    experiment = Experiment.objects.filter(campaign=campaign, state="running").first()
    if experiment is not None and experiment.variants.count() < MOST_VARIANTS:
        suggest(
            key=f"ab.add_variant:{campaign.pk}",
            owner=campaign.owner,
            kind="ab.add_variant",
            title=f"Add a variant to the test of {campaign}",
            reason=f"{experiment.variants.count()} variants, {experiment.planned_per_arm} people needed in each",
            command=f"add variant {_next_letter(experiment)} to {campaign}",
            subject=subject,
            actor=ADVISER,
        )


@subscribe(DealStageChanged)
def advise_after_a_move(record: EventRecord) -> None:
    """What the new stage asks for, and what comes next."""
    _advise(record)


@subscribe(DealHealthChanged)
def advise_about_health(record: EventRecord) -> None:
    _advise(record)


def _advise(record: EventRecord) -> None:
    deal = Deal.objects.select_related("company__owner").filter(pk=record.payload["deal_id"]).first()
    if deal is not None and deal.company is not None:
        recommend_to_owner(deal.company, actor=ADVISER)


@subscribe(ExperimentProven)
def propose_promotion(record: EventRecord) -> None:
    """The rule has decided, and this test leaves the promotion to a person."""
    campaign = _campaign(record)
    if campaign is None:
        return
    letter = str(record.payload["letter"])
    suggest(
        key=f"ab.promote:{record.payload['experiment_id']}:{letter}",
        owner=campaign.owner,
        kind="ab.promote",
        title=f"Promote variant {letter} of {campaign}",
        reason="Proven by the always-valid rule",
        command=f"promote {letter} in {campaign}",
        subject=_subject(campaign),
        actor=ADVISER,
    )


@subscribe(ExperimentDecided)
def propose_next_test(record: EventRecord) -> None:
    campaign = _campaign(record)
    if campaign is None:
        return
    suggest(
        key=f"campaign.decided:{record.payload['experiment_id']}",
        owner=campaign.owner,
        kind="campaign.performance",
        title=_decision(record, campaign),
        reason=str(record.payload.get("detail") or "")[:300],
        command=f"how is {campaign} performing",
        subject=_subject(campaign),
        actor=ADVISER,
    )


def _decision(record: EventRecord, campaign: Campaign) -> str:
    """A person may promote what is not proven; then that stands here too."""
    letter = record.payload.get("letter")
    if not letter:
        return f"The test of {campaign} ended without a decision"
    how = "is proven better" if record.payload.get("is_proven") else "was promoted, not proven"
    return f"Variant {letter} of {campaign} {how}"


def _campaign(record: EventRecord) -> Campaign | None:
    key = record.payload["campaign_id"]
    return Campaign.objects.select_related("owner").filter(pk=key, owner__isnull=False).first()


def _subject(campaign: Campaign) -> dict[str, str]:
    return {"type": "campaign", "id": str(campaign.pk), "name": campaign.name}


def _next_letter(experiment: Experiment) -> str:
    used = set(experiment.variants.values_list("letter", flat=True))
    return next(letter for letter in "ABC" if letter not in used)


def _command_fault(values: Mapping[str, Any], fields: Mapping[str, Field]) -> str:
    """Names that came from outside must not become an order."""
    del fields
    if workflow.named_in(str(values.get("command", ""))):
        return "A command takes no values in braces. Say “this deal” or “this company”."
    return ""


def _page_of(call: workflow.Call) -> dict[str, Any]:
    """As if it were said on the page of the record."""
    record = call.nearest
    if record is None:
        return {}
    return {"focus": {"type": noun_of(record), "id": str(record.pk), "name": str(record)}}


@workflow.action(
    "run_agent",
    label="Run the assistant",
    icon="command",
    words="Tell the assistant: “{command}”",
    dry=lambda call: f"Tells the assistant “{call.values['command']}” about {call.nearest}.",
    fault=_command_fault,
    params=(
        workflow.Param(
            "command",
            "Command",
            help_text="As in the command bar, on the page of the record: “draft a campaign for this company”. What would leave the house waits for the owner's word.",
            is_required=True,
        ),
    ),
)
def run_assistant(call: workflow.Call) -> workflow.Outcome:
    """With the rights of the workflow's owner, in a thread of theirs. The key makes it one run."""
    thread = start_thread(actor=call.actor, title=call.actor.label)
    command = str(call.values["command"])
    run = submit(command, actor=call.actor, thread=thread, context=_page_of(call), key=f"workflow:{call.key}")
    if run.state not in DONE_OR_WAITS:
        raise DomainError(f"The assistant could not do “{command}”: {_answer_of(run)}", code="not_done")
    return workflow.Outcome(f"“{command}”: {_answer_of(run)}", made=run)


def _answer_of(run: Run) -> str:
    last = Message.objects.filter(run=run).order_by("-created_at", "-pk").first()
    return last.text if last else run.get_state_display()
