"""The mails of the sandbox, as whoever got them would see them."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import islice
from typing import Any

import nh3

from gtmos.env import env
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.clock import BusinessClock
from gtmos.kernel.exceptions import NotFoundError
from gtmos.sandbox.mailbox import Entry, newest
from gtmos.sandbox.places import Places, places
from outreach.enums import CampaignState, EnrollmentState, TouchState
from outreach.models import Campaign, Touch
from outreach.selectors.campaigns import visible_campaigns
from outreach.selectors.touches import visible_touches

MAIL_ID = re.compile(r"\d{8}-[0-9a-f]{21}")
PAGE = 50
# A search looks at so many mails and then offers to go on.
LOOKED_AT = 20_000
AT_ONCE = 200
LONGEST_SHOWN = 200_000
ENDED = (CampaignState.COMPLETED, CampaignState.ARCHIVED)
STYLES = {
    "background-color", "border", "border-bottom", "border-collapse", "border-radius", "border-top", "color",
    "display", "font-family", "font-size", "font-style", "font-weight", "height", "line-height", "margin",
    "margin-bottom", "margin-top", "max-width", "padding", "text-align", "text-decoration", "vertical-align",
    "white-space", "width",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class MailPage:
    rows: list[Entry]
    next_cursor: str = ""


@dataclass(frozen=True, slots=True)
class SandboxMail:
    """One mail: what a mail program shows, and what stands behind it."""

    id: str
    headers: list[tuple[str, str]]
    subject: str
    sender: str
    recipient: str
    text: str
    html: str
    raw: str
    has_pictures: bool
    touch: Touch | None


@dataclass(frozen=True, slots=True)
class Audience:
    """What the control file asks for, and what its people have done so far. Their truth is not read here."""

    name: str
    preset: str
    seed: int
    done: list[tuple[str, int]]


def sandbox_places() -> Places:
    return places(
        {
            "GTMOS_HOME": str(env.home),
            "PORT": str(env.port),
            "GTMOS_SANDBOX_SMTP_PORT": str(env.sandbox_smtp_port),
            "GTMOS_INBOUND_PORT": str(env.inbound_smtp_port),
            "PUBLIC_URL": env.public_url,
        }
    )


def sandbox_mails(*, actor: Actor, text: str = "", after: str = "") -> MailPage:
    """Newest first. People who do not see everything see the mails of their own campaigns."""
    mails = _after(newest(sandbox_places().index), after)
    words, found, looked_at = text.casefold().strip(), list[Entry](), 0
    while batch := list(islice(mails, AT_ONCE)):
        found += _visible([entry for entry in batch if _matches(entry, words)], actor)
        looked_at += len(batch)
        if len(found) > PAGE:
            return MailPage(found[:PAGE], found[PAGE - 1].id)
        if looked_at >= LOOKED_AT:
            return MailPage(found, batch[-1].id)
    return MailPage(found)


def _after(mails: Iterator[Entry], cursor: str) -> Iterator[Entry]:
    if cursor:
        for entry in mails:
            if entry.id == cursor:
                break
    return mails


def _matches(entry: Entry, words: str) -> bool:
    if not entry.recipient:
        return False  # of somebody who was erased
    return not words or words in f"{entry.subject} {entry.recipient} {entry.sender}".casefold()


def _visible(entries: list[Entry], actor: Actor) -> list[Entry]:
    if actor.is_system or (actor.user is not None and actor.user.sees_everything):
        return entries
    names = [f"<{entry.message_id}>" for entry in entries]
    mine = set(visible_touches(actor=actor).filter(message_id__in=names).values_list("message_id", flat=True))
    return [entry for entry in entries if f"<{entry.message_id}>" in mine]


def sandbox_mail(mail_id: str, *, actor: Actor) -> SandboxMail:
    raw = raw_mail(mail_id)
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    touch = _touch_of(str(mail["Message-ID"] or "").strip(), actor=actor)
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    html = str(rich.get_content()) if rich else ""
    return SandboxMail(
        id=mail_id,
        headers=[(name, " ".join(str(value).split())) for name, value in mail.items()],
        subject=str(mail["Subject"] or ""),
        sender=str(mail["From"] or ""),
        recipient=str(mail["To"] or ""),
        text=str(plain.get_content()) if plain else "",
        html=html,
        raw=raw[:LONGEST_SHOWN].decode("utf-8", "replace"),
        has_pictures="<img" in html.lower(),
        touch=touch,
    )


def next_mail_at() -> datetime | None:
    """When the soonest mail that is still to be sent is due, whoever sends it: there is one clock for all."""
    planned = Touch.objects.filter(
        state=TouchState.SCHEDULED,
        enrollment__state=EnrollmentState.ACTIVE,
        campaign__state__in=(CampaignState.ACTIVE, CampaignState.RUNNING),
    )
    return planned.order_by("next_at").values_list("next_at", flat=True).first()


def raw_mail(mail_id: str) -> bytes:
    path = sandbox_places().mail(mail_id) if MAIL_ID.fullmatch(mail_id) else None
    if path is None or not path.exists():
        raise NotFoundError("This mail is not in the sandbox.", code="not_found")
    return path.read_bytes()


def _touch_of(message_id: str, *, actor: Actor) -> Touch | None:
    """The touch behind the mail; whoever may not see its campaign does not see the mail either."""
    related = ("contact", "campaign", "mailbox")
    touch = visible_touches(actor=actor).filter(message_id=message_id).select_related(*related).first()
    sees_all = actor.is_system or (actor.user is not None and actor.user.sees_everything)
    if touch is None and not sees_all:
        raise NotFoundError("This mail is not in the sandbox.", code="not_found")
    return touch


def safe_html(html: str, *, with_pictures: bool) -> str:
    """What is left of a mail's HTML when all that could act is taken out; pictures only when asked for."""
    tags = nh3.ALLOWED_TAGS | {"center", "font"}
    attributes = {name: set(values) | {"style"} for name, values in nh3.ALLOWED_ATTRIBUTES.items()}
    for name in ("p", "div", "span", "body", "h1", "h2", "h3", "ul", "ol", "li"):
        attributes.setdefault(name, set()).add("style")
    return nh3.clean(
        html,
        tags=tags if with_pictures else tags - {"img"},
        clean_content_tags={"script", "style", "title", "template"},
        attributes=attributes,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        filter_style_properties=STYLES,
    )


def audience() -> Audience | None:
    where = sandbox_places()
    if not where.control.exists():
        return None
    try:
        given: dict[str, Any] = json.loads(where.control.read_text())
        name, preset, seed = str(given["name"]), str(given["preset"]), int(given.get("seed", 1))
    except (ValueError, KeyError, TypeError):
        return None
    return Audience(name, preset, seed, _done(where, name))


def _done(where: Places, name: str) -> list[tuple[str, int]]:
    path = where.actions(name)
    counts: Counter[str] = Counter()
    if path.exists():
        with path.open() as lines:
            for line in lines:
                counts[line.partition('"do": "')[2].partition('"')[0]] += 1
    return [(DOINGS[each], counts[each]) for each in DOINGS if counts[each]]


DOINGS = {
    "reply": "answers",
    "open": "opens",
    "click": "clicks",
    "machine_open": "opens by machines",
    "scan": "scans by gateways",
    "away": "notes of absence",
    "bounce": "bounces",
    "unsubscribe": "unsubscribes",
    "complaint": "complaints",
}


def campaigns_to_answer(*, actor: Actor) -> list[Campaign]:
    """Those whose readers can be played."""
    return list(visible_campaigns(actor=actor).exclude(state__in=ENDED).order_by("-created_at")[:50])


def clock_rate() -> float:
    moved = BusinessClock.objects.filter(pk=1).first() if clock.is_moved() else None
    return moved.rate if moved else 1.0
