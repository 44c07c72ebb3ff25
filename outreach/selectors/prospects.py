"""Reading what searches found. A reader sees only prospects whose company and person they may see."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from crm.models import Contact
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.records import visible_to
from outreach.enums import ProspectState
from outreach.models import Prospect, ResearchJob
from outreach.scoring.formulas import GRADES, least_priority, next_better
from outreach.selectors.research import visible_researches

# Scores are sums of products: a grade's least score may arrive a hair below it.
HAIR = 1e-6
BEST_FIRST = ("-priority_score", "id")


def visible_prospects(*, actor: Actor) -> QuerySet[Prospect]:
    prospects = Prospect.objects.select_related("company", "contact", "contact__owner", "job")
    seen = visible_to(actor, prospects, through="company__")
    people = visible_to(actor, Contact.objects.all()).values("pk")
    if not actor.is_system:
        seen = seen.filter(Q(contact__isnull=True) | Q(contact__in=people))
    return seen.filter(job__in=visible_researches(actor=actor).values("pk"))


def prospects_of(job: ResearchJob, *, actor: Actor) -> QuerySet[Prospect]:
    return visible_prospects(actor=actor).filter(job=job).order_by(*BEST_FIRST)


def get_prospect(key: UUID | str, *, actor: Actor) -> Prospect:
    found = visible_prospects(actor=actor).filter(pk=key).first()
    if found is None:
        raise NotFoundError("There is no such prospect, or you may not see it.", code="not_found")
    return found


def undecided(job: ResearchJob, *, actor: Actor) -> QuerySet[Prospect]:
    return prospects_of(job, actor=actor).filter(state=ProspectState.NEW)


def graded_from(prospects: QuerySet[Prospect], letter: str) -> QuerySet[Prospect]:
    return prospects.filter(priority_score__gte=least_priority(letter) - HAIR)


def graded_to(prospects: QuerySet[Prospect], letter: str) -> QuerySet[Prospect]:
    return prospects.filter(priority_score__lt=next_better(letter) - HAIR)


def named(prospects: QuerySet[Prospect], names: Iterable[str]) -> QuerySet[Prospect]:
    """By the person's or the company's name, or a part of it."""
    wanted = Q(pk__in=[])
    for name in names:
        wanted |= Q(contact__name__icontains=name) | Q(contact__isnull=True, company__name__icontains=name)
    return prospects.filter(wanted)


def after(prospects: QuerySet[Prospect], *, score: float, key: str) -> QuerySet[Prospect]:
    """The rows behind a place in the order, found by the index."""
    return prospects.filter(Q(priority_score__lt=score) | Q(priority_score=score, id__gt=key))


def grade_counts(job: ResearchJob, *, actor: Actor) -> dict[str, int]:
    """How many of each grade, counted in the database in one statement."""
    cases = {
        f"g{place}": Count(
            "pk",
            filter=Q(
                priority_score__gte=least_priority(letter) - HAIR,
                priority_score__lt=next_better(letter) - HAIR,
            ),
        )
        for place, (letter, _) in enumerate(GRADES)
    }
    counts = prospects_of(job, actor=actor).order_by().aggregate(**cases)
    return {letter: counts[f"g{place}"] for place, (letter, _) in enumerate(GRADES)}
