"""What servers say, and the reason each sentence means."""

import pytest

from outreach.channels.email.parsing import dsn
from outreach.channels.email.parsing.reasons import is_hard

SAYINGS = [
    (
        "userunknown",
        "550 5.1.1 <a@b.example>: Recipient address rejected: User unknown in local recipient table (in reply to RCPT TO command)",
    ),
    (
        "userunknown",
        "550-5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address. gsmtp",
    ),
    ("userunknown", "550 No such user here"),
    ("userunknown", "550 5.1.1 sorry, no mailbox here by that name. (#5.1.1)"),
    ("userunknown", "511 sorry, no mailbox here by that name (#5.1.1 - chkuser)"),
    ("userunknown", "550 Unrouteable address"),
    ("userunknown", "550 5.1.0 Address rejected."),
    ("userunknown", "550 mailbox not found"),
    ("userunknown", "553 5.3.0 <a@b.example>... Addressee unknown, relay=[192.0.2.1]"),
    ("userunknown", "550 Invalid recipient a@b.example"),
    ("userunknown", "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302)."),
    ("userunknown", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"),
    ("userunknown", "550 cuda_nsu account unknown: no such account"),
    ("userunknown", "551 5.1.1 User not known at this site"),
    (
        "userunknown",
        "450 4.1.1 <a@b.example>: Recipient address rejected: unverified address: host said 550 user not found",
    ),
    ("userunknown", "550 #5.1.0 Address rejected a@b.example"),
    ("userunknown", "550 This address no longer exists"),
    ("userunknown", "554 5.1.1 Destination mailbox address is invalid"),
    ("userunknown", "User a@b.example does not exist in the directory"),
    ("userunknown", "550 Requested action not taken: mailbox unavailable"),
    ("userunknown", "550 El usuario no existe"),
    ("userunknown", "550 Der Empfaenger ist unbekannt"),
    (
        "hostunknown",
        "Host or domain name not found. Name service error for name=nowhere.example type=A: Host not found",
    ),
    ("hostunknown", "550 5.1.2 <a@b.example>... Host unknown (Name server: b.example: host not found)"),
    ("hostunknown", "Sorry, I couldn't find any host by that name. (#4.1.2)"),
    ("hostunknown", 'Unrouteable mail domain "nowhere.example"'),
    ("hostunknown", "550 5.4.310 DNS domain nowhere.example does not exist"),
    ("hostunknown", "Unknown host: nowhere.example"),
    ("hasmoved", "551 5.1.6 a@b.example has moved, please try c@d.example"),
    ("hasmoved", "550 5.1.6 Recipient no longer on server"),
    ("hasmoved", "551 User not local; please try <c@d.example>"),
    ("mailboxfull", "552 5.2.2 Mailbox size limit exceeded"),
    ("mailboxfull", "452 4.2.2 The email account that you tried to reach is over quota"),
    ("mailboxfull", "550 5.2.2 user has exhausted allowed storage space"),
    ("mailboxfull", "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException"),
    ("mailboxfull", "552 Requested mail action aborted: exceeded storage allocation"),
    ("mailboxfull", "Benutzer hat zu viele Mails auf dem Server: Postfach ist voll"),
    ("mailboxfull", "maildir over quota"),
    ("mailboxfull", "retry timeout exceeded: mailbox is full (quota exceeded)"),
    ("mailboxfull", "The user a@b.example does not have enough disk space left to receive this message"),
    ("mailboxfull", "552 1 Requested mail action aborted, mailbox not enough space"),
    ("filtered", "550 5.2.0 Message filtered. Please see the FAQ"),
    ("filtered", "550 No such user (in reply to end of DATA command)"),
    ("suspend", "550 5.2.1 The email account that you tried to reach is disabled. Learn more gsmtp"),
    (
        "suspend",
        "554 30 Sorry, your message to a@b.example cannot be delivered. This mailbox is disabled (554.30).",
    ),
    ("suspend", "550 5.7.1 Account inactive"),
    ("suspend", "525 5.7.13 Disabled recipient address"),
    ("suspend", "550 User suspended"),
    ("suspend", "550 user a@b.example has been suspended"),
    ("suspend", "550 The recipient's mailbox has been deactivated"),
    ("expired", "421 4.4.1 Connection timed out"),
    ("expired", "connect to mx.example[192.0.2.1]:25: Connection timed out"),
    ("expired", "4.4.7 Message delivery request timed out"),
    ("expired", "retry timeout exceeded"),
    ("expired", "I'm not going to try again; this message has been in the queue too long."),
    ("expired", "unrecoverable: message expired in queue after 5 days"),
    ("networkerror", "Too many hops 26 (25 max): from <a@b.example>"),
    ("networkerror", "554 5.4.6 Hop count exceeded - possible mail loop"),
    ("networkerror", "mail for b.example loops back to myself"),
    ("networkerror", "lost connection with mx.example[192.0.2.1] while sending RCPT TO"),
    (
        "networkerror",
        "Host or domain name not found. Name service error for name=x.example type=MX: Host not found, try again",
    ),
    ("notaccept", "556 5.1.10 Recipient address has null MX"),
    ("notaccept", "Domain b.example does not accept mail (nullMX)"),
    ("notaccept", "521 5.3.2 host does not accept mail"),
    ("notaccept", "Sorry, I couldn't find a mail exchanger or IP address. (#5.4.4)"),
    ("blocked", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org"),
    ("blocked", "550 5.7.1 Your IP address is listed in our blacklist"),
    ("blocked", "550 5.7.1 Client host rejected: cannot find your reverse-mapped name, [192.0.2.1] blocked"),
    ("blocked", "554 Denied [Blocked - see https://ipremoval.sms.symantec.com/lookup]"),
    ("blocked", "421 4.7.1 <mail.example[192.0.2.1]>: Client host rejected: Access denied"),
    ("blocked", "450 4.7.1 Greylisted, please try again in 300 seconds"),
    (
        "blocked",
        "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).",
    ),
    ("blocked", "554 5.7.1 Email cannot be delivered. Reason: Email detected from a banned sending IP"),
    ("requireptr", "550 5.7.25 The IP address sending this message does not have a PTR record setup"),
    ("requireptr", "450 4.7.1 Client host rejected: cannot find your hostname, [192.0.2.1]"),
    ("requireptr", "554 mx.example ESMTP not accepting messages: no reverse DNS for 192.0.2.1"),
    (
        "badreputation",
        "550 5.7.1 Our system has detected that this message is suspicious due to the very low reputation of the sending domain",
    ),
    (
        "badreputation",
        "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints",
    ),
    ("spamdetected", "550 5.7.1 Our system has detected that this message is likely unsolicited mail"),
    ("spamdetected", "554 5.7.1 Message rejected as spam by Content Filtering."),
    ("spamdetected", "550 High probability of spam"),
    ("spamdetected", "550 5.7.1 Message blocked as spam (score 9.1)"),
    ("spamdetected", "554 rejected due to spam content"),
    ("virusdetected", "550 5.7.1 This message contains a virus (Eicar-Test-Signature)"),
    ("virusdetected", "554 5.7.1 Virus found in the message, rejected"),
    ("policyviolation", "550 5.7.1 Message rejected due to local policy"),
    (
        "policyviolation",
        "552-5.7.0 This message was blocked because its content presents a potential security issue",
    ),
    ("policyviolation", "554 5.7.1 Attachment type not allowed"),
    ("policyviolation", "550 5.7.1 [C16] RBL Restriction: message refused for policy reasons"),
    (
        "authfailure",
        "550-5.7.26 Unauthenticated email from x.example is not accepted due to domain's DMARC policy",
    ),
    ("authfailure", "550 5.7.23 The message was rejected because of Sender Policy Framework violation"),
    ("authfailure", "550 SPF check failed: 192.0.2.1 is not allowed to send mail from x.example"),
    ("authfailure", "550 5.7.20 No passing DKIM signature found"),
    (
        "rejected",
        "553 5.1.8 <a@b.example>... Domain of sender address a@b.example does not exist (in reply to MAIL FROM command)",
    ),
    ("rejected", "550 Sender verify failed"),
    ("rejected", "550 5.7.1 <a@b.example>: Sender address rejected: Access denied"),
    ("rejected", "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required"),
    ("rejected", "554 5.7.1 You are not allowed to send to this group"),
    ("rejected", "550 Administrative prohibition - envelope blocked: sender address is not accepted"),
    ("norelaying", "554 5.7.1 <a@b.example>: Relay access denied"),
    ("norelaying", "550 relay not permitted"),
    ("norelaying", "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"),
    ("norelaying", "550 5.7.64 TenantAttribution; Relay Access Denied"),
    ("norelaying", "550 5.7.1 Unable to relay for a@b.example"),
    ("mesgtoobig", "552 5.3.4 Message size exceeds fixed maximum message size (10485760)"),
    ("mesgtoobig", "552-5.3.4 Your message exceeded Google's message size limits"),
    ("mesgtoobig", "550 Message too large"),
    ("exceedlimit", "552 5.2.3 Message length exceeds administrative limit"),
    ("speeding", "550 5.4.5 Daily sending quota exceeded; rate limit reached"),
    (
        "speeding",
        "450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered",
    ),
    ("speeding", "421 4.7.0 Too many messages from this sender in the last hour, throttled"),
    ("toomanyconn", "421 4.7.0 Too many concurrent SMTP connections from this IP address"),
    ("toomanyconn", "452 4.5.3 Too many recipients"),
    ("systemfull", "452 4.3.1 Insufficient system storage"),
    ("systemerror", "451 4.3.0 Temporary local problem: internal server error"),
    ("systemerror", "550 5.3.5 Local configuration error"),
    ("systemerror", "451 4.3.5 Server configuration problem"),
    ("syntaxerror", "500 5.5.1 Command unrecognized: syntax error"),
    ("syntaxerror", "503 5.5.1 Bad sequence of commands"),
    ("mailererror", 'Command died with status 1: "/usr/bin/handler". Command output: none'),
    ("contenterror", "554 5.6.0 Message contains invalid header: corrupted"),
    ("notcompliantrfc", "550-5.7.1 This message is not RFC 5322 compliant. There are multiple From headers"),
    ("notcompliantrfc", "550 bare newlines are not allowed, violates RFC 5321"),
    ("securityerror", "530 5.7.0 Must issue a STARTTLS command first"),
    ("securityerror", "530 5.7.1 Authentication required"),
    ("securityerror", "550 5.7.1 Access denied"),
    ("onhold", "450 something quite unusual happened here"),
    ("undefined", ""),
]


@pytest.mark.parametrize(("reason", "saying"), SAYINGS)
def test_a_saying_of_a_server_means_one_reason(reason, saying):
    found = dsn.judged("ann@firm.example", saying)

    assert found.reason == reason


@pytest.mark.parametrize("reason", ["userunknown", "hostunknown", "hasmoved"])
def test_reasons_that_never_heal_are_hard(reason):
    assert is_hard(reason, "5.1.1", "550")


@pytest.mark.parametrize(
    "reason", ["mailboxfull", "expired", "blocked", "filtered", "spamdetected", "undefined"]
)
def test_reasons_that_may_heal_are_soft(reason):
    assert not is_hard(reason, "5.0.0", "550")


@pytest.mark.parametrize(("status", "hard"), [("5.3.2", True), ("4.3.2", False), ("", True)])
def test_a_host_that_takes_no_mail_is_hard_unless_it_says_for_now(status, hard):
    assert is_hard("notaccept", status, "") is hard


def test_a_status_of_success_is_a_delivery():
    found = dsn.judged("ann@firm.example", "250 2.1.5 delivered", status="2.1.5", action="relayed")

    assert (found.reason, found.hard, found.action) == ("delivered", False, "delivered")


def test_the_same_words_mean_a_filter_when_the_server_had_read_the_message():
    at_rcpt = dsn.judged("ann@firm.example", "550 no such user (in reply to RCPT TO command)")
    after_data = dsn.judged("ann@firm.example", "550 no such user (in reply to end of DATA command)")

    assert (at_rcpt.reason, after_data.reason) == ("userunknown", "filtered")


def test_words_inside_addresses_and_links_are_no_reason():
    found = dsn.judged(
        "spam@full.example",
        "550 5.1.1 <mailboxfull@spam.example> unknown user, see https://help.example/?spam",
    )

    assert found.reason == "userunknown"
