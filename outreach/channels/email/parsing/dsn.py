"""Finds delivery reports: RFC 3464 reports first, then the many shapes older servers write as plain text."""

import re
from dataclasses import dataclass, replace

from outreach.channels.email.parsing import dsn_text, reasons, sns
from outreach.channels.email.parsing.dsn_fields import ReportBlock, report_blocks
from outreach.channels.email.parsing.html_text import html_to_text
from outreach.channels.email.parsing.mime import (
    Headers,
    Mail,
    Part,
    addresses_in,
    header_addresses,
    message_ids,
    split_headers,
)
from outreach.channels.email.parsing.verdict import BouncedRecipient

RETURNED_TYPES = (
    "message/rfc822",
    "text/rfc822",
    "message/partial",
    "message/global-headers",
)
NEEDED_SCORE = 4
MAX_RECIPIENTS = 100
DAEMON = re.compile(
    r"mailer-?daemon|post-?master@|postmaster$|mail(?:er)? ?deliver|delivery (?:sub)?system|double-bounce|mail system|system administrator"
    r"|mmdf|post_master@|mail router|mail administrator|\bbounces?[@+-]|internet mail",
    re.IGNORECASE,
)
NO_REPLY = re.compile(r"(?:no|do-?not)[._-]?reply@", re.IGNORECASE)
SUBJECT = re.compile(
    r"undeliver|delivery (?:status|fail|problem|report|notif|has fail|error|delay)|returned mail|return(?:ed|ing) (?:mail|message|to sender)"
    r"|failure notice|mail (?:deliver|failure|failed|system error|could not|not deliver)|could not be delivered|delivery notification|not delivered"
    r"|nondeliverable|non remis|unzustellbar|zustell|no se ha podido entregar|message you sent (?:was )?blocked|недоставленное|无法投递|退信|rejected mail|failed delivery|failure delivery|warning: message|message (?:delayed|not deliver|delivery has)"
    r"|loop alert|mail deliver|配信|配送|エラー|delivery incomplete|could not send message|cannot send message|error sending|bounce|email (?:failed|returned)|virus|mail failed",
    re.IGNORECASE,
)
BODY = re.compile(
    r"(?:could|can|was|were|has|have)(?: ?not|n't)(?: been| be)? (?:able to )?(?:be )?deliver|undeliver|delivery (?:has )?fail|unable to deliver|deliver[a-z]{0,3} (?:to|for) (?:the )?follow|permanent (?:fatal |delivery )?(?:error|fail)"
    r"|did not reach the following|following address|failed (?:address|recipient)|delivery (?:errors|problems|status)|mail delivery|user unknown|unknown user|failed to deliver|returned to (?:you|sender)|message (?:is|was|has been) (?:delayed|rejected|blocked|returned)"
    r"|failure reasons|non-?delivered|transcript of session|will not be delivered|not been delivered|mailbox exceeds|undelivered|error delivering|duplicated message-id|requested action not taken|送信(?:でき|に失敗)|配信できません|не может быть отправлено|no such user",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Report:
    """A delivery report: its recipients and what it tells about the mail that came back."""

    recipients: tuple[BouncedRecipient, ...]
    original_message_id: str = ""


def delivery_report(mail: Mail) -> Report | None:
    notice = sns.notice_in(mail)
    if notice and notice.kind != "complaint":
        return Report(tuple(judge_block(block, "", "", 1) for block in notice.blocks))
    blocks = report_blocks(mail)
    human, returned = human_and_returned(mail)
    if bounce_score(mail, blocks, human, returned) < NEEDED_SCORE:
        return None
    original = returned_headers(mail, returned)
    recipients = from_blocks(blocks, human) or from_text(mail, human, original)
    if not recipients:
        recipients = [judged("", human[:2_000], action=action_in(mail.subject, human))]
    return Report(tuple(recipients[:MAX_RECIPIENTS]), original_id(original))


def bounce_score(mail: Mail, blocks: list[ReportBlock], human: str, returned: str) -> int:
    """Evidence that a machine reports on delivery; a person who forwards a report never reaches the mark."""
    origin = mail.headers.get("from") + " " + mail.headers.get("return-path")
    daemon = (
        bool(DAEMON.search(origin[:500]))
        or mail.headers.get("from").strip() == "<>"
        or mail.headers.has("x-mlserver")
    )
    null_path = mail.headers.get("return-path").strip() == "<>"
    report = mail.report_type == "delivery-status" or bool(
        mail.of_type("message/delivery-status", "message/global-delivery-status")
    )
    failed_header = mail.headers.has("x-failed-recipients")
    automatic = mail.headers.get("auto-submitted").lower().startswith("auto-")
    comes_with_mail = bool(returned.strip() or mail.of_type("message/rfc822", "text/rfc822-headers"))
    unnamed_machine = null_path or automatic or NO_REPLY.search(origin[:500])
    if not (daemon or report or failed_header or (unnamed_machine and comes_with_mail)):
        return 0
    subject = bool(SUBJECT.search(mail.subject[:300]))
    body = bool(BODY.search(human[:4_000]))
    return 2 * daemon + null_path + 3 * report + 3 * failed_header + 2 * subject + 2 * body + 4 * bool(blocks)


def human_and_returned(mail: Mail) -> tuple[str, str]:
    """The words of the report, and the start of the returned mail where it is not a part of its own."""
    texts: list[str] = []
    for part in mail.parts:
        if part.content_type == "text/html":
            texts.append(html_to_text(part.text) if not texts else "")
        elif is_spoken(part):
            texts.append(part.text)
        elif part.content_type.startswith(RETURNED_TYPES):
            break
    return dsn_text.split_at_returned_mail("\n".join(texts))


def is_spoken(part: Part) -> bool:
    described = part.headers.get("content-description").lower()
    return part.content_type.startswith(("text/plain", "multipart/")) and not described.startswith(
        "undelivered"
    )


def returned_headers(mail: Mail, returned: str) -> Headers:
    parts = mail.of_type(
        "message/rfc822",
        "text/rfc822-headers",
        "message/rfc822-headers",
        "message/partial",
        "message/global",
        "message/global-headers",
    )
    source = next((part.text for part in parts if part.text.strip()), returned)
    headers, _body = split_headers(source.lstrip().encode("utf-8", "replace"))
    return headers


def original_id(original: Headers) -> str:
    return next(iter(message_ids(original.get("message-id"))), "")


def from_blocks(blocks: list[ReportBlock], human: str) -> list[BouncedRecipient]:
    recipients = [block.recipient for block in blocks]
    segments = dsn_text.segments(human, recipients)
    return [
        judge_block(block, segments.get(block.recipient.lower(), ""), human, len(blocks)) for block in blocks
    ]


def judge_block(block: ReportBlock, segment: str, human: str, count: int) -> BouncedRecipient:
    spoken = segment if count > 1 else segment or human
    diagnostic = block.diagnostic or spoken
    result = judged(
        block.recipient,
        diagnostic,
        status=block.status,
        action=block.action,
        around=human,
        spoken=segment or (human if count == 1 else ""),
    )
    if result.reason in {"onhold", "undefined", "systemerror", "expired"} and spoken and block.diagnostic:
        second = judged(
            block.recipient,
            block.diagnostic + "\n" + spoken,
            status=block.status,
            action=block.action,
            around=human,
        )
        if second.reason not in {"undefined", "expired"}:
            return replace(second, diagnostic=result.diagnostic)
    return result


def from_text(mail: Mail, human: str, original: Headers) -> list[BouncedRecipient]:
    own = set(header_addresses(mail.headers, "to", "from", "delivered-to", "x-original-to"))
    failed = addresses_in(mail.headers.get("x-failed-recipients"))
    found = dsn_text.recipients(human, failed, own)
    if not found:
        found = [
            address
            for address in header_addresses(original, "to", "x-envelope-to", "cc")
            if address not in own
        ]
        found = found or header_addresses(original, "to") or dsn_text.received_for(original)
        found = found or dsn_text.recipients(human, failed, set())
    found = list(dict.fromkeys(found))[:MAX_RECIPIENTS]
    segments = dsn_text.segments(human, found)
    action = action_in(mail.subject, human)
    results = []
    for address in found:
        segment = segments.get(address.lower(), "") if len(found) > 1 else ""
        results.append(judged(address, segment or human, action=action, around=human))
    return results


def judged(
    recipient: str,
    diagnostic: str,
    *,
    status: str = "",
    action: str = "failed",
    around: str = "",
    spoken: str = "",
) -> BouncedRecipient:
    spoken_status = reasons.status_in(diagnostic)
    if spoken_status and (
        not status or status.endswith(".0.0") or (spoken_status[0] == status[0] and status.endswith(".0"))
    ):
        status = spoken_status
    code = reasons.reply_code_in(diagnostic)
    command = (
        reasons.command_in(diagnostic)
        or reasons.command_in(" ".join(spoken.split()))
        or dsn_text.transcript_command(around, diagnostic)
    )
    evidence = reasons.Evidence(diagnostic, status, code, command, action)
    reason = reasons.reason_of(evidence)
    if reason == "delivered":
        action = "delivered"
    return BouncedRecipient(
        recipient,
        reason,
        status,
        code,
        reasons.is_hard(reason, status, code),
        action or "failed",
        " ".join(diagnostic.split())[:1_000],
    )


def action_in(subject: str, human: str) -> str:
    if re.search(r"delay|deferred|warning", subject, re.IGNORECASE) or re.search(
        r"warning message only|has been delayed|is delayed|will be retried|delivery delay|still trying",
        human[:4_000],
        re.IGNORECASE,
    ):
        return "delayed"
    return "failed"
