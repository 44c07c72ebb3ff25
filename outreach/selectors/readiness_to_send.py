"""Whether this installation is ready to send: each thing with the evidence for it, read from what really happened."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.db.models import Max, Q

from gtmos.context.models import Organisation
from gtmos.env import LOOPBACK_HOSTS, env
from gtmos.kernel import wording
from gtmos.kernel.actors import Actor
from outreach.governor.verdicts import FAIL, PASS, UNKNOWN, WARN, Check, worst
from outreach.models import InboundMail, Mailbox, MailboxDay, SendingDomain
from outreach.selectors.campaigns import visible_mailboxes

SAID = {
    "spf": ("SPF", "Receivers know which servers may send for us."),
    "dkim": ("DKIM", "Our signature can be checked."),
    "dmarc": ("DMARC", "Receivers know what to do with forgeries."),
    "mx": ("MX", "Answers and bounces find a server."),
}


def readiness_to_send(domains: Iterable[SendingDomain], *, actor: Actor) -> list[Check]:
    """A fixed number of statements, whatever there is; it names only what the reader sees."""
    known = list(domains)
    return [
        *(_of_all(key, known) for key in SAID),
        _postal(),
        _unsubscribe(),
        *_mail_server(actor),
        _calendar(),
    ]


def _of_all(key: str, domains: list[SendingDomain]) -> Check:
    label, said = SAID[key]
    states = {domain.name: _state(domain, key) for domain in domains}
    state = worst(list(states.values()))
    if state == PASS:
        return Check(key, label, state, said, ", ".join(states))
    wanting = ", ".join(name for name, each in states.items() if each != PASS)
    words = f"Not in order for {wanting}." if wanting else "There is no domain yet."
    return Check(key, label, state, words, todo="What to do stands at each domain." if wanting else "")


def _state(domain: SendingDomain, key: str) -> str:
    return next((str(each["state"]) for each in domain.checks if each["key"] == key), UNKNOWN)


def _postal() -> Check:
    address = Organisation.objects.values_list("postal_address", flat=True).first() or ""
    if address.strip():
        return Check("postal", "Postal address", PASS, "It stands below every mail.", address.strip())
    return Check(
        "postal",
        "Postal address",
        FAIL,
        "There is none, and the law asks for one below every mail.",
        todo="Write it at the desk, under Organisation.",
    )


def _unsubscribe() -> Check:
    label, seen = "One-click unsubscribe", f"List-Unsubscribe: <{env.public_url}/u/…/>"
    url = urlsplit(env.public_url)
    if url.hostname and (url.hostname in LOOPBACK_HOSTS or f"[{url.hostname}]" in LOOPBACK_HOSTS):
        return Check(
            "unsubscribe",
            label,
            WARN,
            "Every mail carries the link, but only this machine can open it.",
            seen,
            "Set PUBLIC_URL to the address under which readers reach this installation.",
        )
    if url.scheme != "https":
        return Check(
            "unsubscribe",
            label,
            WARN,
            "Every mail carries the link, but large providers press it only over https.",
            seen,
            "Serve this installation over https and set PUBLIC_URL.",
        )
    return Check("unsubscribe", label, PASS, "Every mail carries the link and its header.", seen)


def _mail_server(actor: Actor) -> tuple[Check, Check]:
    """Access to the mail server is shown by mails that left, and to the inbox by mails that came."""
    failing = _failing(actor)
    last = MailboxDay.objects.filter(used__gt=0).aggregate(last=Max("day"))["last"]
    # The newest by its key: mails are never few, and no index has their moments alone.
    came = InboundMail.objects.order_by("-pk").values_list("received_at", flat=True).first()
    if failing:
        out = Check(
            "access",
            "Access to the mail server",
            FAIL,
            f"The server does not answer for {failing}.",
            todo="Look at EMAIL_URL and at the server; we try again by ourselves.",
        )
    elif last:
        out = Check(
            "access",
            "Access to the mail server",
            PASS,
            "It takes our mails.",
            f"Mails left on {last:%d %B %Y}.",
        )
    else:
        out = Check("access", "Access to the mail server", UNKNOWN, "No mail was sent yet.")
    if came:
        back = Check("inbox", "Answers", PASS, "Answers come in.", f"The last came on {wording.exact(came)}.")
    else:
        back = Check("inbox", "Answers", UNKNOWN, "No answer or bounce came in yet.")
    return out, back


def _failing(actor: Actor) -> str:
    """Mailboxes for which the server is silent; those of others are not named, and still no mail leaves them."""
    silent = Q(failing_since__isnull=False, is_active=True)
    seen = visible_mailboxes(actor=actor).filter(silent).order_by("address")
    named = ", ".join(seen.values_list("address", flat=True)[:5])
    return named or ("a mailbox of others" if Mailbox.objects.filter(silent).exists() else "")


def _calendar() -> Check:
    """No calendar outside is read, so none is called connected, whatever the settings name."""
    return Check(
        "calendar",
        "Calendar",
        WARN,
        "No calendar outside is read; offered times keep clear of the meetings that are planned here.",
        todo="Write your days away and booking hours into your account.",
    )
