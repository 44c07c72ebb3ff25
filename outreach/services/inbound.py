"""Mail that comes in: kept before it is acknowledged, read later, each in one transaction."""

import hashlib
import logging
import re
from collections.abc import Sequence

from django.db import OperationalError, transaction
from django.db.models import F

from gtmos.kernel import clock
from outreach.channels.email.addresses import canonical
from outreach.channels.email.parsing.classify import classify
from outreach.channels.email.parsing.verdict import MailVerdict
from outreach.models import InboundMail
from outreach.selectors.inbound import own_addresses, waiting_mails
from outreach.services.forwarding import passed_on
from outreach.services.replies import Answer, apply_answer, link

logger = logging.getLogger(__name__)
MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^<>\s]{1,480}>)", re.IGNORECASE | re.MULTILINE)
HEAD = 65_536


def store_mail(raw: bytes, *, sender: str, recipients: Sequence[str]) -> InboundMail:
    """Keep a mail as it came. The same mail is kept once; when this returns it is safe."""
    digest = hashlib.sha256(raw).hexdigest()
    named = MESSAGE_ID.search(raw[:HEAD])
    mail = InboundMail(
        digest=digest,
        raw=raw,
        sender=_text(sender)[:320],
        recipients=[_text(each)[:320] for each in recipients],
        message_id=named[1].decode("ascii", "replace") if named else "",
        received_at=clock.now(),
    )
    InboundMail.objects.bulk_create([mail], ignore_conflicts=True)
    return InboundMail.objects.defer("raw").get(digest=digest)


def process_waiting(limit: int = 200) -> int:
    """Read what waits; returns how many were read. Any number of these may run side by side."""
    done, tried = 0, set[int]()
    while len(tried) < limit:
        mail_id = _claim(tried)
        if mail_id is None:
            break
        tried.add(mail_id)
        done += _read(mail_id)
    return done


@transaction.atomic
def _claim(tried: set[int]) -> int | None:
    """Count the attempt before it is made, so that a mail that kills its reader is not tried for ever."""
    mail = waiting_mails().exclude(pk__in=tried).select_for_update(skip_locked=True).only("id").first()
    if mail is None:
        return None
    InboundMail.objects.filter(pk=mail.pk).update(attempts=F("attempts") + 1)
    return mail.pk


def _read(mail_id: int) -> int:
    try:
        return _read_now(mail_id)
    except OperationalError:
        raise  # the database is away, or two of us met; the next sweep finds the mail where it was
    except Exception as error:  # outermost loop: a mail nobody can read must not keep the others unread
        logger.exception("inbound mail %s cannot be read", mail_id)
        words = f"{type(error).__name__}: {error}"[:500]
        InboundMail.objects.filter(pk=mail_id).update(error=words)
        return 0


@transaction.atomic
def _read_now(mail_id: int) -> int:
    mail = (
        InboundMail.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(pk=mail_id, processed_at__isnull=True)
        .first()
    )
    if mail is None:
        return 0
    ours = own_addresses()
    verdict = classify(bytes(mail.raw), today=mail.received_at.date(), own_addresses=ours)
    is_to_us = any(canonical(each) in ours for each in mail.recipients)
    answer = passed_on(mail, verdict) if is_to_us else None
    if answer is None:
        answer = link(mail, verdict, is_to_us=is_to_us)
        apply_answer(answer)
    _keep(mail, verdict, answer)
    return 1


def _keep(mail: InboundMail, verdict: MailVerdict, answer: Answer) -> None:
    row = verdict.as_row()
    mail.verdict = _clean({**row, "reply_text": "", **answer.marks})
    mail.kind, mail.category = answer.kind, answer.category
    mail.confidence = verdict.confidence
    mail.subject, mail.text = _text(verdict.subject)[:400], _text(verdict.reply_text)
    mail.message_id = (mail.message_id or _text(verdict.message_id))[:500]
    mail.touch, mail.contact = answer.touch, answer.contact
    mail.processed_at, mail.error = clock.now(), ""
    mail.save(
        update_fields=[
            "verdict", "kind", "category", "confidence", "subject", "text", "message_id", "touch", "contact",
            "processed_at", "error",
        ]
    )  # fmt: skip


def _clean(value: object) -> object:
    """Without the one character that the database refuses, and nothing longer than it needs to be."""
    if isinstance(value, dict):
        return {key: _clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value[:100]]
    return _text(value)[:2000] if isinstance(value, str) else value


def _text(value: str) -> str:
    return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
