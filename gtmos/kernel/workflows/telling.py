"""The actions that tell: people in the product and by mail, other systems by their webhook."""

from uuid import UUID

from gtmos.kernel import events
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.notifications.kinds import kind
from gtmos.kernel.notifications.services import notify
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.webhooks.models import Webhook, WebhookState
from gtmos.kernel.webhooks.services import send_event
from gtmos.kernel.workflows.actions import CHOICE, LONG, OWNER, Call, Outcome, Param, action
from gtmos.kernel.workflows.basics import people
from gtmos.kernel.workflows.events import WorkflowCalled
from gtmos.kernel.workflows.models import WorkflowRun

ROLE = "role:"
kind("workflow", label="What a workflow tells", tells_oneself=True)


def readers() -> list[tuple[str, str]]:
    roles = [(f"{ROLE}{value}", f"everybody with the role {label}") for value, label in Role.choices]
    return [(OWNER, "the owner of the record"), *roles, *people()]


def _told(call: Call) -> list[User]:
    """Where the record has no owner, whoever the workflow acts for."""
    to = str(call.values.get("to") or "")
    if to == OWNER:
        return [each for each in (call.owner or call.actor.user,) if each is not None]
    if to.startswith(ROLE):
        return list(User.objects.filter(role=to.removeprefix(ROLE), is_active=True).order_by("pk"))
    return [each for each in (call.person("to"),) if each is not None]


def _says_told(call: Call) -> str:
    names = ", ".join(str(each) for each in _told(call)) or "nobody"
    return f"Tells {names}: “{call.text('title')}”."


@action(
    "notify",
    label="Tell somebody",
    icon="bell",
    words="Tell {to}: “{title}”",
    dry=_says_told,
    params=(
        Param("title", "What they read", is_required=True, help_text="{record} is what the event is about."),
        Param("to", "Who", CHOICE, is_required=True, choices=readers),
        Param("text", "More", LONG, most=500),
    ),
)
def tell_people(call: Call) -> Outcome:
    said = _says_told(call)
    notify(
        _told(call),
        kind="workflow",
        title=call.text("title"),
        text=call.text("text"),
        url=call.url,
        key=str(call.key),
        actor=call.actor,
    )
    return Outcome(said)


def webhooks() -> list[tuple[str, str]]:
    rows = Webhook.objects.exclude(state=WebhookState.DISABLED).order_by("name")
    return [(str(each.pk), each.name) for each in rows]


def _webhook(call: Call) -> Webhook:
    found = (
        Webhook.objects.filter(pk=str(call.values["webhook"])).exclude(state=WebhookState.DISABLED).first()
    )
    if found is None:
        raise DomainError("The webhook is disabled or not there any more.", code="webhook_gone")
    return found


@action(
    "call_webhook",
    label="Call a webhook",
    icon="world",
    words="Call the webhook {webhook}: “{text}”",
    dry=lambda call: f"Calls {_webhook(call)}: “{call.text('text')}”.",
    params=(
        Param("text", "Text", help_text="{record} is what the event is about."),
        Param(
            "webhook", "Webhook", CHOICE, "One of those under Webhooks.", is_required=True, choices=webhooks
        ),
    ),
)
def call_webhook(call: Call) -> Outcome:
    """A row for the sender, which signs it, keeps to public addresses, and tries again for days."""
    webhook, told = _webhook(call), call.actor.run_id
    assert isinstance(told, UUID)
    fact = WorkflowCalled(
        workflow_id=_workflow_of(told),
        event_id=call.event.pk,
        event_name=call.event.name,
        text=call.text("text"),
    )
    record = events.publish(fact, subject=call.nearest, actor=call.actor)
    send_event(webhook, record)
    return Outcome(f"Called {webhook}.")


def _workflow_of(run_id: UUID) -> UUID:
    return WorkflowRun.objects.values_list("workflow_id", flat=True).get(pk=run_id)
