"""Which templates of mails are offered, and what one would say to people who are there."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from crm.models import Company, Contact
from crm.selectors.visibility import visible_companies, visible_contacts
from gtmos.context.models import Product
from gtmos.context.selectors.organisation import organisation
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import require
from outreach.models import MailTemplate
from outreach.rendering.fields import Rendered, render
from outreach.rendering.phrases import theme_of
from outreach.rendering.signals import DatedSignal, speakable
from outreach.selectors.messages import Reader, fresh_signals, known_of

MOST_TRIED = 200
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Sample:
    """The template as one person would read it."""

    person: Contact
    company: str
    subject: Rendered
    body: Rendered

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.subject.missing, *self.body.missing)))

    @property
    def used_fallbacks(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.subject.used_fallbacks, *self.body.used_fallbacks)))


@dataclass(frozen=True, slots=True)
class Trial:
    """`holes` says of each field for how many of those who were tried it is not known."""

    count: int
    blocked: int
    holes: tuple[tuple[str, int], ...]
    samples: list[Sample]


def offered_templates() -> QuerySet[MailTemplate]:
    """For whoever writes a message; the texts are the house's, not anybody's own."""
    return MailTemplate.objects.filter(is_active=True).order_by("name")


def tried(template: MailTemplate, *, actor: Actor) -> Trial:
    """Filled for the newest people with an address whom the actor may see. Nothing is written or sent."""
    require(actor, "outreach.configure_templates", template)
    people = visible_contacts(actor=actor).exclude(email="").order_by("-created_at", "-id")[:MOST_TRIED]
    shared = _shared(actor)
    samples = [_sample(template, each, reader, shared) for each, reader in _readers(list(people), actor)]
    blocked = [each for each in samples if each.missing]
    holes = Counter(name for each in blocked for name in each.missing)
    return Trial(len(samples), len(blocked), tuple(holes.most_common()), _shown(samples))


def _sample(template: MailTemplate, person: Contact, reader: Reader, shared: dict[str, str]) -> Sample:
    values = {**known_of(reader), **shared}
    return Sample(person, reader.company, render(template.subject, values), render(template.body, values))


def _shown(samples: Sequence[Sample]) -> list[Sample]:
    """Whoever would get no mail stands first, because that is what has to be mended; then the newest."""
    worst = [each for each in samples if each.missing][:1]
    return [*worst, *(each for each in samples if each not in worst)][:SHOWN]


def _readers(people: Sequence[Contact], actor: Actor) -> list[tuple[Contact, Reader]]:
    keys = {each.company_id for each in people if each.company_id}
    companies = {each.pk: each for each in visible_companies(actor=actor).filter(pk__in=keys)}
    today = clock.today()
    signals = fresh_signals(companies.keys(), today)
    theme = theme_of("")
    return [
        (each, _reader(each, companies, speakable(_of(signals, each), theme=theme, on=today)))
        for each in people
    ]


def _of(signals: dict[UUID, list[DatedSignal]], person: Contact) -> list[DatedSignal]:
    return signals.get(person.company_id, []) if person.company_id else []


def _reader(person: Contact, companies: dict[UUID, Company], signal: DatedSignal | None) -> Reader:
    company = companies.get(person.company_id) if person.company_id else None
    return Reader(
        enrollment_id=person.pk,  # nobody is enrolled: it only tells readers apart
        variant_id=None,
        email=person.email,
        name=person.name,
        first_name=person.first_name,
        last_name=person.last_name,
        title=person.title,
        city=person.city,
        company_id=company.pk if company else None,
        company=company.name if company else "",
        industry=company.industry_vertical if company else "",
        signal=signal,
    )


def _shared(actor: Actor) -> dict[str, str]:
    """What a campaign brings, by example: whoever tries it is the sender, the newest product is sold."""
    product = Product.objects.order_by("-created_at").first()
    return {
        "Sender": actor.user.name if actor.user else actor.label,
        "Organisation": organisation().name,
        "Product": product.name if product else "",
    }
