"""What is wrong right now, what waits because of it, and when the next try is."""

from typing import Any

from django.urls import reverse

from gtmos.kernel import wording
from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import allows
from gtmos.kernel.records import visible_to
from gtmos.workspace.selectors.readiness import readiness
from outreach.models import Mailbox


def troubles(*, actor: Actor) -> list[dict[str, Any]]:
    """Banners, the gravest first; none when everything runs."""
    report = readiness()
    waiting = int(report["oldest_due"].get("touches_due") or 0)
    mails = wording.plural(waiting, "mail waits", "mails wait") if waiting else "Nothing waits"
    found: list[dict[str, Any]] = []
    if not report["durability"]["ok"]:
        found.append(
            {
                "tone": "bad",
                "title": "Sending is locked.",
                "text": f"The database may lose what it confirms: {report['durability'].get('sending', '')}. {mails}.",
            }
        )
    if not report["place"]["ok"]:
        found.append(_copied(report["place"].get("why", ""), mails, actor))
    if not report["redis"]["ok"]:
        found.append(
            {
                "tone": "",
                "title": "The message broker does not answer.",
                "text": f"Pages refresh every 5 seconds instead of at once. {mails} for the next sweep. Nothing is lost.",
            }
        )
    elif not report["worker"]["ok"]:
        found.append(
            {
                "tone": "",
                "title": "The worker is silent.",
                "text": f"{mails}. Work goes on as soon as it is back. Nothing is lost.",
            }
        )
    return found + _mailboxes(actor)


def _copied(why: str, mails: str, actor: Actor) -> dict[str, Any]:
    may = allows(actor, "kernel.open_sending")
    opening = {"action": "Send from here", "action_url": reverse("workspace:sending-open")} if may else {}
    return {"tone": "bad", "title": "This copy sends nothing.", "text": f"{why} {mails}.", **opening}


def _mailboxes(actor: Actor) -> list[dict[str, Any]]:
    failing = visible_to(actor, Mailbox.objects.filter(failing_since__isnull=False, is_active=True))
    return [
        {
            "tone": "",
            "title": f"The mail server of {mailbox.address} does not answer.",
            "text": f"Since {wording.exact(mailbox.failing_since)}. Its mails wait.{_next_try(mailbox)}",
        }
        for mailbox in failing
        if mailbox.failing_since
    ]


def _next_try(mailbox: Mailbox) -> str:
    return f" Next try {wording.exact(mailbox.next_try_at)}." if mailbox.next_try_at else ""
