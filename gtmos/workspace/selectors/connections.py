"""What is connected to this installation, and how each connection does: read from what really happened."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Max, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from agents.models import Input
from crm.enums import ImportState
from crm.models import ImportBatch
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events.models import DeliveryState
from gtmos.kernel.people.models import ApiToken
from gtmos.kernel.schedule.models import Heartbeat
from gtmos.kernel.search.models import Embedding, EmbeddingJob
from gtmos.kernel.webhooks.models import Webhook, WebhookAttempt, WebhookState
from gtmos.runtime import embedding
from gtmos.workspace.selectors.readiness import readiness
from outreach.enums import TouchState
from outreach.models import InboundMail, Mailbox, MailboxDay, Touch
from outreach.selectors.inbound import GIVE_UP_AFTER
from outreach.selectors.providers import provider_states

GOOD, WARN, BAD, OFF = "good", "warn", "bad", ""
MOST = 100  # of each kind


@dataclass(frozen=True, slots=True)
class Connection:
    """One connector. What is not known is None and shown as such."""

    kind: str
    name: str
    state: str
    tone: str
    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    error: str = ""
    used: int | None = None
    limit: int | None = None
    unit: str = ""
    owner: str = ""
    url: str = ""


def connections(*, actor: Actor) -> list[Connection]:
    """For those who configure, who see all of them; a fixed number of statements for each kind."""
    del actor
    parts: tuple[Callable[[], Iterator[Connection]], ...] = (
        _mailboxes, _mail_in, _webhooks, _providers, _inputs, _keys, _imports, _inside,
    )  # fmt: skip
    return [each for part in parts for each in part()]


def _mailboxes() -> Iterator[Connection]:
    """How much of the cap is used is counted where each mail is handed over."""
    days = MailboxDay.objects.filter(mailbox=OuterRef("pk")).order_by("-day")
    sent = Touch.objects.filter(mailbox=OuterRef("pk"), state=TouchState.SENT, sent_at__isnull=False)
    rows = Mailbox.objects.select_related("owner").annotate(
        sent_last=Subquery(sent.order_by("-sent_at").values("sent_at")[:1]),
        used=Subquery(days.values("used")[:1]),
        cap=Subquery(days.values("cap")[:1]),
    )
    for box in rows[:MOST]:
        state, tone = _state_of(box)
        yield Connection(
            kind="Mail out",
            name=box.address,
            state=state,
            tone=tone,
            succeeded_at=box.sent_last,
            failed_at=box.failing_since,
            error="The mail server does not answer." if box.failing_since else box.paused_reason,
            used=box.used or 0,
            limit=box.daily_cap if box.cap is None else box.cap,
            unit="mails on its last day of sending",
            owner=str(box.owner or ""),
        )


def _state_of(box: Mailbox) -> tuple[str, str]:
    if not box.is_active:
        return "Off", OFF
    if box.failing_since:
        return "Fails", BAD
    if box.paused_reason:
        return "Paused", WARN
    sent_last = box.sent_last  # type: ignore[attr-defined]  # read beside the row
    return _used(sent_last), GOOD if sent_last else OFF


def _mail_in() -> Iterator[Connection]:
    unread = Q(processed_at__isnull=True)
    found = InboundMail.objects.aggregate(
        last=Max("received_at", filter=~unread),
        waiting=Count("pk", filter=unread & Q(attempts__lt=GIVE_UP_AFTER)),
        failed=Count("pk", filter=unread & Q(attempts__gte=GIVE_UP_AFTER)),
    )
    bad = InboundMail.objects.filter(unread).exclude(error="").defer("raw").order_by("-id").first()
    yield Connection(
        kind="Mail in",
        name="Answers and bounces",
        state=f"{found['failed']} could not be read" if found["failed"] else _used(found["last"]),
        tone=BAD if found["failed"] else GOOD if found["last"] else OFF,
        succeeded_at=found["last"],
        failed_at=bad.received_at if bad else None,
        error=bad.error if bad else "",
        used=found["waiting"],
        unit="wait to be read",
    )


def _used(last: datetime | None) -> str:
    return "Works" if last else "Not used yet"


def _webhooks() -> Iterator[Connection]:
    tries = WebhookAttempt.objects.filter(delivery__webhook=OuterRef("pk")).order_by("-attempted_at", "-pk")
    bad = tries.exclude(status__range=(200, 299))
    rows = Webhook.objects.select_related("owner").annotate(
        good_at=Subquery(tries.filter(status__range=(200, 299)).values("attempted_at")[:1]),
        bad_at=Subquery(bad.values("attempted_at")[:1]),
        bad_error=Subquery(bad.values("error")[:1]),
        bad_status=Subquery(bad.values("status")[:1]),
        waiting=Count("deliveries", filter=Q(deliveries__state=DeliveryState.WAITING)),
    )
    for hook in rows[:MOST]:
        fails = hook.bad_at is not None and (hook.good_at is None or hook.bad_at > hook.good_at)
        is_on = hook.state == WebhookState.ACTIVE
        answered = f"It answered {hook.bad_status}." if hook.bad_status else ""
        yield Connection(
            kind="Webhook out",
            name=hook.name,
            state=("Fails" if fails else _used(hook.good_at))
            if is_on
            else str(hook.get_state_display()).capitalize(),
            tone=BAD if is_on and fails else GOOD if is_on and hook.good_at else OFF if is_on else WARN,
            succeeded_at=hook.good_at,
            failed_at=hook.bad_at,
            error=hook.bad_error or answered or hook.reason,
            used=hook.waiting,
            unit="wait to be sent",
            owner=str(hook.owner or ""),
            url=reverse("workspace:webhook", args=[hook.pk]),
        )


def _turned_out(row: Mapping[str, Any]) -> dict[str, Any]:
    """Of things done one by one: when the last went well, when the last failed and why, and which was later."""
    fails = row["bad_at"] and (not row["good_at"] or row["bad_at"] > row["good_at"])
    return {
        "state": "Fails" if fails else _used(row["good_at"]),
        "tone": BAD if fails else GOOD if row["good_at"] else OFF,
        "succeeded_at": row["good_at"],
        "failed_at": row["bad_at"],
        "error": row["bad_error"] or "",
    }


def _providers() -> Iterator[Connection]:
    for each in provider_states(actor=SYSTEM):
        if each.row is None:
            continue
        state = f"{each.unread} not understood" if each.unread else _used(each.last_post)
        yield Connection(
            kind="Mail provider",
            name=each.title,
            state=state if each.is_connected else "Off",
            tone=OFF if not each.is_connected else BAD if each.unread else GOOD if each.last_post else OFF,
            succeeded_at=each.last_post,
            failed_at=each.row.refused_at,
            error=each.row.refusal,
            used=each.parked,
            unit="facts wait for their mail",
            url=reverse("outreach:provider", args=[each.key]),
        )


def _inputs() -> Iterator[Connection]:
    failed = Input.objects.filter(source=OuterRef("source"), state="failed").order_by("-finished_at", "-pk")
    rows = (
        Input.objects.order_by()
        .values("source")
        .annotate(
            good_at=Max("finished_at", filter=Q(state="done")),
            bad_at=Max("finished_at", filter=Q(state="failed")),
            waiting=Count("pk", filter=Q(state="waiting")),
            bad_error=Subquery(failed.values("error")[:1]),
        )
        .order_by("source")
    )
    for row in rows[:MOST]:
        yield Connection(
            kind="Input",
            name=row["source"],
            **_turned_out(row),
            used=row["waiting"],
            unit="wait to be done",
        )


def _keys() -> Iterator[Connection]:
    """Programs that sign in with a key of somebody."""
    rows = ApiToken.objects.filter(revoked_at__isnull=True).select_related("user")
    for key in rows.order_by(F("last_used_at").desc(nulls_last=True), "pk")[:MOST]:
        yield Connection(
            kind="API key",
            name=f"{key.name} {key.prefix}…",
            state=_used(key.last_used_at),
            tone=GOOD if key.last_used_at else OFF,
            succeeded_at=key.last_used_at,
            limit=settings.API_REQUESTS_PER_MINUTE[""],
            unit="requests a minute",
            owner=str(key.user),
        )


def _imports() -> Iterator[Connection]:
    failed = ImportBatch.objects.filter(shape=OuterRef("shape"), state=ImportState.FAILED).order_by(
        "-created_at"
    )
    rows = (
        ImportBatch.objects.exclude(shape="")
        .order_by()
        .values("shape")
        .annotate(
            good_at=Max("finished_at", filter=Q(state=ImportState.DONE)),
            bad_at=Max("created_at", filter=Q(state=ImportState.FAILED)),
            files=Count("pk"),
            bad_error=Subquery(failed.values("error")[:1]),
        )
        .order_by("shape")
    )
    for row in rows[:MOST]:
        yield Connection(
            kind="Import",
            name="Plain table" if row["shape"] == "plain" else row["shape"].capitalize(),
            **_turned_out(row),
            used=row["files"],
            unit="files so far",
            url=reverse("crm:imports"),
        )


PARTS = (
    ("database", "Database"),
    ("redis", "Message broker"),
    ("worker", "Worker"),
    ("scheduler", "Scheduler"),
)


def _answered(name: str, part: dict[str, Any]) -> datetime | None:
    """The worker and the scheduler say by themselves that they are there; the others were asked just now."""
    beat = Heartbeat.objects.filter(process=name).first()
    if beat is not None:
        return beat.beat_at
    return timezone.now() if part["ok"] else None


def _inside() -> Iterator[Connection]:
    """Parts of the installation itself."""
    report: dict[str, Any] = readiness()
    for name, label in PARTS:
        part = report[name]
        yield Connection(
            kind="Installation",
            name=label,
            state="Works" if part["ok"] else "Fails",
            tone=GOOD if part["ok"] else BAD,
            succeeded_at=_answered(name, part),
            error=str(part.get("why", "")),
        )
    is_there = embedding.is_installed()
    yield Connection(
        kind="Installation",
        name="Search by meaning",
        state="Installed" if is_there else "Not installed",
        tone=GOOD if is_there else OFF,
        used=EmbeddingJob.objects.count(),
        unit=f"records wait to be read, {Embedding.objects.count()} passages are kept",
    )
    yield Connection(
        kind="Installation",
        name="Sandbox",
        state="On: no mail leaves this installation" if settings.SANDBOX else "Off: mail leaves",
        tone=WARN if settings.SANDBOX else OFF,
    )
