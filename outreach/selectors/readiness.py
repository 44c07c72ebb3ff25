"""Whether a campaign may leave: every finding with a sentence and what to do about it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from crm.enums import EmailStatus
from crm.models import Contact
from gtmos.context.selectors.organisation import organisation
from gtmos.kernel import clock
from gtmos.kernel.wording import counted, plural
from outreach.channels.email.addresses import canonical
from outreach.enums import EnrollmentState
from outreach.experiments.sample_size import needed_per_arm
from outreach.models import Campaign, Experiment
from outreach.rendering.fields import unknown_places
from outreach.selectors.approved import waiting_for_approval
from outreach.selectors.campaigns import content_fingerprint
from outreach.selectors.messages import Composer
from outreach.selectors.suppression import suppressed_among

# The European Economic Area, the United Kingdom and Switzerland ask for a lawful basis before the first mail.
NEEDS_BASIS = frozenset(
    {
        *(
            "AT",
            "BE",
            "BG",
            "HR",
            "CY",
            "CZ",
            "DK",
            "EE",
            "FI",
            "FR",
            "DE",
            "GR",
            "HU",
            "IE",
            "IT",
            "LV",
            "LT",
        ),
        *("LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE", "IS", "LI", "NO", "GB", "CH"),
    }
)
# Who stood here is not reached by mail any more; the hand-over asks it again.
UNREACHABLE = frozenset({EmailStatus.BOUNCED, EmailStatus.UNAVAILABLE})
NO_PERSON = "no_person"
SAME_ADDRESS = "same_address"
WORDS = {
    NO_PERSON: "only the company is known",
    "no_address": "no e-mail address",
    "do_not_email": "do not e-mail",
    "opted_out": "opted out",
    "bounced": "address bounced or unavailable",
    "suppressed": "address is suppressed",
    "paused": "paused until later",
    "no_basis": "no lawful basis recorded",
    SAME_ADDRESS: "same address as somebody else in it",
    "missing_field": "a field of the mail is not known",
}
CONTACT_COLUMNS = (
    "id",
    "email",
    "do_not_email",
    "opted_out_at",
    "email_status",
    "paused_until",
    "country",
    "consent_basis",
    "company__country_hq",
)
CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Finding:
    """`people` are the enrolments it is about; `remedy` names a verb that mends it, where there is one."""

    code: str
    severity: Literal["block", "warn"]
    sentence: str
    what_to_do: str
    people: tuple[UUID, ...] = ()
    remedy: str = ""

    @property
    def blocks(self) -> bool:
        return self.severity == "block"


def refusals(contacts: Iterable[UUID], *, now: datetime) -> dict[UUID, str]:
    """Why these people may not be written to now: contact → code. Who is not in it may be."""
    rows = list(Contact.objects.filter(pk__in=list(contacts)).values(*CONTACT_COLUMNS))
    suppressed = suppressed_among({row["email"] for row in rows if row["email"]})
    return {row["id"]: code for row in rows if (code := _refusal(row, suppressed, now))}


def _refusal(row: dict[str, object], suppressed: set[str], now: datetime) -> str:
    paused = row["paused_until"]
    checks = (
        ("opted_out", row["opted_out_at"] is not None),
        ("do_not_email", bool(row["do_not_email"])),
        ("no_address", not row["email"]),
        ("bounced", row["email_status"] in UNREACHABLE),
        ("suppressed", row["email"] in suppressed),
        ("paused", isinstance(paused, datetime) and paused > now),
    )
    return next((code for code, applies in checks if applies), "")


def without_basis(contacts: Iterable[UUID]) -> set[UUID]:
    """People in Europe for whom no lawful basis is recorded; the company's country counts where theirs is not known."""
    rows = Contact.objects.filter(pk__in=list(contacts), consent_basis="").values(
        "id", "country", "company__country_hq"
    )
    return {row["id"] for row in rows if (row["country"] or row["company__country_hq"] or "") in NEEDS_BASIS}


def findings(campaign: Campaign) -> list[Finding]:
    """Everything that stands between this campaign and its first mail, blocks first."""
    people = dict(
        campaign.enrollments.exclude(state=EnrollmentState.FINISHED).values_list("contact_id", "pk")
    )
    found = [
        *_people(campaign, people),
        *_sender(campaign),
        *_law(),
        *_content(campaign, tuple(people.values())),
        *_test(campaign, len(people)),
        *_approval(campaign),
    ]
    return sorted(found, key=lambda finding: not finding.blocks)


def approval_findings(campaign: Campaign) -> list[Finding]:
    """Only what concerns the approval, for a campaign under way."""
    return list(_approval(campaign))


def blockers(campaign: Campaign) -> list[Finding]:
    return [finding for finding in findings(campaign) if finding.blocks]


def _people(campaign: Campaign, people: dict[UUID, UUID]) -> Iterator[Finding]:
    if not people:
        yield Finding(
            "no_recipients", "block", "Nobody is in this campaign.", "Select prospects in a search first."
        )
        return
    refused = refusals(people, now=clock.now())
    for code, count in Counter(refused.values()).most_common():
        yield Finding(
            code,
            "block",
            f"{plural(count, 'person', 'people')} may not be written to: {WORDS[code]}.",
            "Take them out of the campaign.",
            tuple(people[contact] for contact, why in refused.items() if why == code),
            "drop",
        )
    missing = without_basis(people)
    if missing:
        yield Finding(
            "no_basis",
            "block",
            f"{plural(len(missing), 'person', 'people')} in Europe without a lawful basis on record.",
            "Record the basis on the contact, or take them out of the campaign.",
            tuple(people[contact] for contact in missing),
            "drop",
        )
    doubled = _sharing_an_address(campaign)
    if doubled:
        yield Finding(
            SAME_ADDRESS,
            "block",
            f"{plural(len(doubled), 'person has', 'people have')} the address of somebody else in the campaign, who "
            "would get every mail twice.",
            "Take them out of the campaign.",
            doubled,
            "drop",
        )
    if campaign.skipped:
        yield Finding(
            "skipped", "warn", _skipped_sentence(campaign.skipped), "Nothing, they were left out on purpose."
        )


def _sharing_an_address(campaign: Campaign) -> tuple[UUID, ...]:
    """All but the first of those whose mail arrives at one address, however it is spelt."""
    rows = campaign.enrollments.exclude(state=EnrollmentState.FINISHED).exclude(contact__email="")
    seen: set[str] = set()
    doubled = []
    for key, email in rows.order_by("position", "pk").values_list("pk", "contact__email"):
        address = canonical(email)
        if address in seen:
            doubled.append(key)
        seen.add(address)
    return tuple(doubled)


def _skipped_sentence(skipped: dict[str, int]) -> str:
    total = plural(sum(skipped.values()), "person was", "people were")
    parts = ", ".join(f"{counted(count)} {WORDS.get(code, code)}" for code, count in sorted(skipped.items()))
    return f"{total} not taken in: {parts}."


def _sender(campaign: Campaign) -> Iterator[Finding]:
    mailbox = campaign.mailbox
    if mailbox is None:
        yield Finding("no_mailbox", "block", "No mailbox to send from.", "Choose one, or let RevOps add one.")
        return
    if not mailbox.is_active:
        why = f": {mailbox.paused_reason}" if mailbox.paused_reason else ""
        yield Finding(
            "mailbox_inactive",
            "block",
            f"{mailbox.address} does not send{why}.",
            "Choose another mailbox or switch this one on.",
        )
    if mailbox.daily_cap < 1:
        yield Finding(
            "no_cap", "block", f"{mailbox.address} may send nothing a day.", "Set a limit above zero for it."
        )
    if mailbox.failing_since is not None:
        yield Finding(
            "mailbox_failing",
            "warn",
            f"The mail server of {mailbox.address} does not answer.",
            "Mails wait until it does. Nothing is lost.",
        )


def _law() -> Iterator[Finding]:
    ours = organisation()
    if not ours.postal_address.strip():
        yield Finding(
            "no_postal_address",
            "block",
            "The postal address of the organisation is missing. It has to stand in every mail.",
            "RevOps enters it under Organisation.",
        )


def _content(campaign: Campaign, enrollments: tuple[UUID, ...]) -> Iterator[Finding]:
    composer = Composer(campaign)
    if not composer.steps:
        yield Finding("no_steps", "block", "There is no message yet.", "Add a first message.")
        return
    broken = _broken(composer)
    if broken:
        yield Finding(
            "unknown_field",
            "block",
            f"Nobody can fill {', '.join(sorted(broken))}.",
            "Correct the message; the fields are listed beside it.",
        )
        return
    yield from _gaps(composer, enrollments)


def _broken(composer: Composer) -> set[str]:
    texts = [step.body for step in composer.steps] + [step.subject for step in composer.steps]
    return {place for text in (*texts, *composer.variants.values()) for place in unknown_places(text)}


def _gaps(composer: Composer, enrollments: tuple[UUID, ...]) -> Iterator[Finding]:
    missing: dict[str, list[UUID]] = {}
    fallbacks: Counter[str] = Counter()
    for start in range(0, len(enrollments), CHUNK):
        for reader in composer.readers(enrollments[start : start + CHUNK]):
            mails = [composer.compose(reader, step) for step in composer.steps]
            for name in {name for mail in mails for name in mail.missing}:
                missing.setdefault(name, []).append(reader.enrollment_id)
            fallbacks.update({name for mail in mails for name in mail.used_fallbacks})
    for name, people in missing.items():
        yield _gap(name, tuple(people), len(enrollments))
    for name in sorted(fallbacks):
        yield Finding(
            "fallback",
            "warn",
            f"{counted(fallbacks[name])} of {counted(len(enrollments))} use the fallback for {name}.",
            "Look at one of them in the preview.",
        )


def _gap(name: str, people: tuple[UUID, ...], total: int) -> Finding:
    if name == "subject":
        return Finding(
            "empty_subject",
            "block",
            "The subject is empty.",
            "Write one; nobody opens a mail without it.",
            people,
        )
    is_everybody = len(people) == total
    who = "anybody" if is_everybody else f"{counted(len(people))} of {counted(total)} people"
    advice = (
        "Fill it in the mailbox, the product or the message."
        if is_everybody
        else "Fill it in on the contact, or take them out of the campaign."
    )
    return Finding(
        "missing_field",
        "block",
        f"{name} is not known for {who}.",
        advice,
        people,
        "" if is_everybody else "drop",
    )


def _test(campaign: Campaign, people: int) -> Iterator[Finding]:
    experiment = Experiment.objects.filter(campaign=campaign).prefetch_related("variants").first()
    if experiment is None or experiment.state != "running" or not people:
        return
    sentence = audience_warning(experiment, people)
    if sentence:
        yield Finding(
            "test_too_small",
            "warn",
            sentence,
            "Add people, or look at the figures as a hint and not as a proof.",
        )


def audience_warning(experiment: Experiment, people: int) -> str:
    """What the reader must know when so few people cannot decide the test; empty when they can."""
    variants = list(experiment.variants.all())
    total = sum(variant.weight for variant in variants)
    smallest = min((variant.weight for variant in variants), default=0) / (total or 1) * people
    if not experiment.planned_per_arm or smallest >= experiment.planned_per_arm:
        return ""
    needed = needed_per_arm(
        experiment.baseline_rate, experiment.target_rate, alpha=experiment.alpha / max(1, len(variants) - 1)
    )
    return (
        f"{plural(people, 'person', 'people')} cannot decide this test: it needs {counted(needed.always_valid)} "
        f"in each arm under the rule that decides, {counted(needed.one_look)} if looked at only once."
    )


def _approval(campaign: Campaign) -> Iterator[Finding]:
    if not campaign.approved_hash:
        yield Finding(
            "not_approved", "warn", "Nobody has approved it yet.", "Approve it when the rest is right."
        )
    elif campaign.approved_hash != content_fingerprint(campaign):
        yield Finding(
            "approval_void",
            "warn",
            "Something was changed after the approval, so it does not hold any more.",
            "Approve it again.",
        )
    elif waiting := waiting_for_approval(campaign):
        yield Finding(
            "words_changed",
            "warn",
            f"{plural(waiting, 'mail reads', 'mails read')} otherwise than approved, because what is known about "
            "the people changed. They wait.",
            "Look at them in the list of mails, then approve again.",
        )
