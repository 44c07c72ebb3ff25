"""What people are told of the customer record, and in which words. Who caused it is not told."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone

from crm.models import Activity, Alert, ColleagueMessage, Company, Contact, Deal, ImportBatch, Meeting, Task
from gtmos.kernel.actors import Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.notifications.kinds import kind
from gtmos.kernel.notifications.services import notify, zone_of
from gtmos.kernel.people.models import User
from gtmos.kernel.wording import counted, plural

TASK_GIVEN = kind("task_given", label="A task is given to me").name
TASK_DUE = kind("task_due", label="A task of mine is due", default_mail=True).name
MEETING_SOON = kind("meeting_soon", label="A meeting of mine begins soon").name
MENTION = kind("mention", label="Somebody names me in a note", default_mail=True).name
ALERT = kind("alert", label="An alert on an account of mine").name
IMPORT_ENDED = kind("import_ended", label="An import of mine has ended", tells_oneself=True).name
DEAL_MOVED = kind("deal_moved", label="Somebody else moves a deal of mine").name
RECORD_GIVEN = kind("record_given", label="A company, person or deal is given to me").name
PAGES: dict[type[Company | Contact | Deal], str] = {
    Company: "crm:company",
    Contact: "crm:contact",
    Deal: "crm:deal",
}


def tell_of_task(task: Task, *, actor: Actor) -> None:
    """Only its new owner; one that is done already is nothing to do."""
    if task.owner is not None and task.done_at is None:
        notify(
            [task.owner],
            kind=TASK_GIVEN,
            title=f"Task for you: {task}",
            text=_about(task),
            url=page_of_task(task),
            key=f"task-given:{task.pk}:{task.version}",
            actor=actor,
        )


def remind(task: Task, *, key: str, actor: Actor) -> None:
    if task.owner is not None:
        notify(
            [task.owner],
            kind=TASK_DUE,
            title=f"Due: {task}",
            text=_about(task),
            url=page_of_task(task),
            key=key,
            actor=actor,
        )


def remind_of_meeting(meeting: Meeting, person: User, *, key: str, actor: Actor) -> None:
    """The hour by the person's own clock; where it is, so that nobody has to look."""
    begins = meeting.starts_at.astimezone(zone_of(person.time_zone))
    about = (str(meeting.company or ""), meeting.place, meeting.link)
    notify(
        [person],
        kind=MEETING_SOON,
        title=f"{begins:%A %H:%M}: {meeting}",
        text=" · ".join(filter(None, about)),
        url=reverse("crm:meeting", args=[meeting.pk]),
        key=key,
        actor=actor,
    )


def page_of_task(task: Task) -> str:
    """Of what the task is about; a task has no page of its own."""
    if task.deal_id:
        return reverse("crm:deal", args=[task.deal_id])
    if task.contact_id:
        return reverse("crm:contact", args=[task.contact_id])
    if task.company_id:
        return reverse("crm:company", args=[task.company_id])
    return reverse("crm:tasks")


def _about(task: Task) -> str:
    about = task.deal or task.contact or task.company
    return " · ".join(filter(None, (str(about or ""), _due(task))))


def _due(task: Task) -> str:
    """By the clock of who is told."""
    if task.due_at is None or task.owner is None:
        return ""
    local = timezone.localtime(task.due_at, zone_of(task.owner.time_zone))
    return f"Due {local:%a} {local.day} {local:%b, %H:%M}"


def tell_of_mention(activity: Activity, user: User, *, actor: Actor) -> None:
    pages = (("deal", activity.deal_id), ("contact", activity.contact_id), ("company", activity.company_id))
    place = next(((noun, key) for noun, key in pages if key), None)
    notify(
        [user],
        kind=MENTION,
        title=f"{actor.label} named you in a note",
        text=(activity.body or activity.subject)[:300],
        url=reverse(f"crm:{place[0]}", args=[place[1]]) if place else reverse("crm:mentions"),
        key=f"mention:{activity.pk}",
        actor=actor,
    )


def tell_of_message(message: ColleagueMessage, people: Iterable[User], *, actor: Actor) -> None:
    """To those whom a message about a record names."""
    record = message.about
    notify(
        people,
        kind=MENTION,
        title=f"{actor.label} named you about {record}",
        text=message.text[:300],
        url=reverse(PAGES[type(record)], args=[record.pk]),
        key=f"message:{message.pk}",
        actor=actor,
    )


def tell_of_alert(alert: Alert, *, actor: Actor) -> None:
    if alert.owner is not None:
        notify(
            [alert.owner],
            kind=ALERT,
            title=alert.what,
            text=f"{alert.company}: {alert.why}",
            url=reverse("crm:company", args=[alert.company_id]),
            key=f"alert:{alert.pk}",
            actor=actor,
        )


def tell_of_import(batch: ImportBatch, *, actor: Actor) -> None:
    """Done or failed: whoever started it may have gone on to something else."""
    if batch.owner is None:
        return
    done = batch.state == "done"
    rejected = (batch.result or {}).get("rejected", 0)
    refused = f", {plural(rejected, 'row', 'rows')} refused" if rejected else ""
    notify(
        [batch.owner],
        kind=IMPORT_ENDED,
        title=f"Imported {batch.file_name}" if done else f"The import of {batch.file_name} failed",
        text=f"{counted(batch.rows_done)} rows read{refused}." if done else batch.error,
        url=reverse("crm:import", args=[batch.pk]),
        key=f"import:{batch.pk}:{batch.state}",  # the same however often a worker had to begin
        actor=actor,
    )


def tell_of_move(deal: Deal, record: EventRecord) -> None:
    """The fact is told once however often it is delivered."""
    if deal.owner is None or record.user_id in {None, deal.owner_id}:
        return
    notify(
        [deal.owner],
        kind=DEAL_MOVED,
        title=f"{deal} is now in {deal.stage}",
        text=f"Moved by {record.actor_label}",
        url=reverse("crm:deal", args=[deal.pk]),
        key=f"deal-moved:{record.pk}",
        actor=Actor.system(record.actor_label),
    )


def tell_new_owner(record: Company | Contact | Deal, *, actor: Actor) -> None:
    if record.owner is not None:
        notify(
            [record.owner],
            kind=RECORD_GIVEN,
            title=f"{record} is yours now",
            text=f"Given to you by {actor.label}",
            url=reverse(PAGES[type(record)], args=[record.pk]),
            key=f"given:{record.pk}:{record.version}",
            actor=actor,
        )
