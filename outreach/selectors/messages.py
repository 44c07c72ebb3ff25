"""What each person would read: every message of a campaign, filled for them, without sending anything."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256
from uuid import UUID

from crm.models import Signal
from gtmos.context.selectors.organisation import organisation
from gtmos.kernel import clock
from outreach.models import Campaign, Enrollment, Step
from outreach.rendering.fields import Rendered, render
from outreach.rendering.phrases import theme_of
from outreach.rendering.signals import FRESH, SENTENCES, DatedSignal, sentence, speakable

LONGEST_SUBJECT = 400
COLUMNS = (
    "id",
    "variant_id",
    "contact__name",
    "contact__first_name",
    "contact__last_name",
    "contact__title",
    "contact__email",
    "contact__city",
    "contact__company_id",
    "contact__company__name",
    "contact__company__industry_vertical",
)


@dataclass(frozen=True, slots=True)
class Reader:
    """What is known about one person of a campaign, as far as mails use it."""

    enrollment_id: UUID
    variant_id: UUID | None
    email: str
    name: str
    first_name: str
    last_name: str
    title: str
    city: str
    company_id: UUID | None
    company: str
    industry: str
    signal: DatedSignal | None = None


@dataclass(frozen=True, slots=True)
class Composed:
    """A message as it would leave. With anything in `missing` it must not."""

    subject: str
    body: str
    content_hash: str
    missing: tuple[str, ...]
    used_fallbacks: tuple[str, ...]
    subject_parts: Rendered
    body_parts: Rendered


@dataclass
class Composer:
    """Everything that the messages of one campaign share, read once."""

    campaign: Campaign

    @cached_property
    def today(self) -> date:
        """What was fresh when it was approved is said, however long the mail waits for its day."""
        approved_at = self.campaign.approved_at if self.campaign.approved_hash else None
        return (approved_at or clock.now()).date()

    @cached_property
    def theme(self) -> str:
        return theme_of(self.campaign.theme)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        return tuple(self.campaign.steps.order_by("number"))

    @cached_property
    def variants(self) -> dict[UUID, str]:
        experiment = getattr(self.campaign, "experiment", None)
        return {variant.pk: variant.text for variant in experiment.variants.all()} if experiment else {}

    @cached_property
    def element(self) -> str:
        experiment = getattr(self.campaign, "experiment", None)
        return experiment.element if experiment else ""

    @cached_property
    def shared(self) -> dict[str, str]:
        mailbox, product = self.campaign.mailbox, self.campaign.product
        return {
            "Sender": mailbox.display_name if mailbox else "",
            "Organisation": organisation().name,
            "Product": product.name if product else "",
            "BookingLine": f"You can pick a time here: {mailbox.booking_url}"
            if mailbox and mailbox.booking_url
            else "",
        }

    def readers(self, enrollments: Iterable[UUID]) -> list[Reader]:
        """These people in the campaign's order, each with the signal that may be mentioned: two statements."""
        rows = list(
            Enrollment.objects.filter(pk__in=list(enrollments)).order_by("position", "id").values(*COLUMNS)
        )
        signals = self._signals({row["contact__company_id"] for row in rows if row["contact__company_id"]})
        return [_reader(row, self._signal_for(signals, row)) for row in rows]

    def _signals(self, companies: set[UUID]) -> dict[UUID, list[DatedSignal]]:
        if not any("{Signal}" in f"{step.subject}{step.body}" for step in self.steps):
            return {}
        return fresh_signals(companies, self.today)

    def _signal_for(
        self, signals: Mapping[UUID, list[DatedSignal]], row: Mapping[str, object]
    ) -> DatedSignal | None:
        company = row["contact__company_id"]
        known = signals.get(company, []) if isinstance(company, UUID) else []
        return speakable(known, theme=self.theme, on=self.today)

    def values(self, reader: Reader, variant_id: UUID | None) -> dict[str, str]:
        known = {**known_of(reader), **self.shared}
        text = self.variants.get(variant_id, "") if variant_id else ""
        # A variant's text is filled before it is put in its place, so that fields work in it too.
        filled = render(text, known) if text else None
        known["Variant"] = "" if filled is None or filled.missing else filled.text
        return known

    def compose(self, reader: Reader, step: Step, *, variant_id: UUID | None = None) -> Composed:
        """One message; `variant_id` shows another variant than the reader's own."""
        chosen = variant_id or reader.variant_id
        values = self.values(reader, chosen)
        subject = render(self.subject_of(step, chosen), values)
        return _composed(subject, render(step.body, values))

    def subject_of(self, step: Step, variant_id: UUID | None) -> str:
        if self.element == "subject" and step.number == 1 and variant_id in self.variants:
            return self.variants[variant_id]
        return step.subject


def fresh_signals(companies: Collection[UUID], today: date) -> dict[UUID, list[DatedSignal]]:
    """What may be mentioned of these companies, in one statement."""
    if not companies:
        return {}
    rows = Signal.objects.filter(
        company__in=companies, type__in=list(SENTENCES), occurred_on__range=(today - FRESH, today)
    ).values_list("company_id", "id", "type", "detail", "source", "occurred_on")
    found: dict[UUID, list[DatedSignal]] = defaultdict(list)
    for company, key, kind, detail, source, occurred_on in rows:
        found[company].append(DatedSignal(str(key), kind, detail, source, occurred_on))
    return found


def known_of(reader: Reader) -> dict[str, str]:
    """The fields that a person fills; sender, product and variant come from the campaign."""
    return {
        "FirstName": reader.first_name or _first_of(reader.name),
        "LastName": reader.last_name,
        "Name": reader.name,
        "Title": reader.title,
        "Company": reader.company,
        "Industry": reader.industry,
        "City": reader.city,
        "Signal": sentence(reader.signal, company=reader.company) if reader.signal else "",
    }


def compose(enrollment: Enrollment, step: Step) -> Composed:
    composer = Composer(enrollment.campaign)
    return composer.compose(composer.readers([enrollment.pk])[0], step)


def compose_many(campaign: Campaign, wanted: Sequence[tuple[UUID, Step]]) -> dict[tuple[UUID, int], Composed]:
    """Many messages of one campaign by (enrolment, step number), in a handful of statements."""
    composer = Composer(campaign)
    readers = {reader.enrollment_id: reader for reader in composer.readers({key for key, _ in wanted})}
    return {
        (key, step.number): composer.compose(readers[key], step) for key, step in wanted if key in readers
    }


def _composed(subject: Rendered, body: Rendered) -> Composed:
    line = subject.text.strip()[:LONGEST_SUBJECT].strip()
    missing = tuple(dict.fromkeys((*subject.missing, *body.missing)))
    return Composed(
        subject=line,
        body=body.text,
        content_hash=hash_of(line, body.text),
        missing=missing if line else (*missing, "subject"),
        used_fallbacks=tuple(dict.fromkeys((*subject.used_fallbacks, *body.used_fallbacks))),
        subject_parts=subject,
        body_parts=body,
    )


def hash_of(subject: str, body: str) -> str:
    return sha256(json.dumps([subject, body], ensure_ascii=False).encode()).hexdigest()


def _reader(row: Mapping[str, object], signal: DatedSignal | None) -> Reader:
    variant, company = row["variant_id"], row["contact__company_id"]
    enrollment = row["id"]
    assert isinstance(enrollment, UUID)

    def text(name: str) -> str:
        return str(row[f"contact__{name}"] or "")

    return Reader(
        enrollment_id=enrollment,
        variant_id=variant if isinstance(variant, UUID) else None,
        email=text("email"),
        name=text("name"),
        first_name=text("first_name"),
        last_name=text("last_name"),
        title=text("title"),
        city=text("city"),
        company_id=company if isinstance(company, UUID) else None,
        company=text("company__name"),
        industry=text("company__industry_vertical"),
        signal=signal,
    )


def _first_of(name: str) -> str:
    """The first of several names; a single word may be a family name and greets nobody."""
    words = name.split()
    return words[0] if len(words) > 1 else ""
