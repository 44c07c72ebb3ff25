"""Reading what searches found. A reader sees only prospects whose company and person they may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from crm.models import Contact, Signal
from crm.selectors.visibility import visible_signals
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


def behind(prospects: QuerySet[Prospect], score: float, key: UUID) -> QuerySet[Prospect]:
    """The rows behind a place in the order, found by the index."""
    return prospects.filter(Q(priority_score__lt=score) | Q(priority_score=score, id__gt=key))


def best_page(
    prospects: QuerySet[Prospect], *, after: str = "", size: int = 24
) -> tuple[list[Prospect], str, bool]:
    """Rows, the cursor of the next page ("" on the last), and whether `after` was a place."""
    place = _place(after)
    rows = list((behind(prospects, *place) if place else prospects).order_by(*BEST_FIRST)[: size + 1])
    last = rows[size - 1] if len(rows) > size else None
    return rows[:size], f"{last.priority_score!r}_{last.pk}" if last else "", place is not None


def _place(cursor: str) -> tuple[float, UUID] | None:
    score, _, key = cursor.partition("_")
    try:
        return float(score), UUID(key)
    except ValueError:
        return None


# How the reasons begin, and the word that a count of them is followed by.
BLOCKS = {
    "Opted out": "opted out",
    "Do not e-mail": "not to be mailed",
    "Address bounced": "bounced",
    "Address unavailable": "unavailable",
    "Address is suppressed": "suppressed",
    "No e-mail": "without address",
    "Paused": "paused",
}
MAY_BE_UNKNOWN = ("signal_detail", "headcount", "revenue", "technologies", "segment")


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over what a search found and the reader may see."""

    total: int
    fresh: int
    selected: int
    dismissed: int
    blocked: int
    choosable: int
    grades: dict[str, int]
    blocks: dict[str, int]
    unknown: dict[str, int]

    @property
    def blocked_words(self) -> str:
        return ", ".join(f"{count} {word}" for word, count in self.blocks.items() if count)


def figures_of(job: ResearchJob, *, actor: Actor) -> Figures:
    """Counted in the database, in one statement."""
    counts: dict[str, Count] = {
        "total": Count("pk"),
        "fresh": Count("pk", filter=Q(is_new=True)),
        "selected": Count("pk", filter=Q(state=ProspectState.SELECTED)),
        "dismissed": Count("pk", filter=Q(state=ProspectState.DISMISSED)),
        "blocked": Count("pk", filter=~Q(blocked_reason="")),
        # Graded A or B, not decided on, and may be written to.
        "choosable": Count(
            "pk",
            filter=Q(
                state=ProspectState.NEW, blocked_reason="", priority_score__gte=least_priority("B") - HAIR
            ),
        ),
    }
    for place, (letter, _) in enumerate(GRADES):
        between = Q(
            priority_score__gte=least_priority(letter) - HAIR, priority_score__lt=next_better(letter) - HAIR
        )
        counts[f"grade_{place}"] = Count("pk", filter=between)
    for place, start in enumerate(BLOCKS):
        counts[f"block_{place}"] = Count("pk", filter=Q(blocked_reason__startswith=start))
    asked = [slot for slot in MAY_BE_UNKNOWN if job.criteria.get(slot)]
    for slot in asked:
        unknown = Q(parts__contains=[{"criterion": slot, "value": None}])
        counts[f"unknown_{slot}"] = Count("pk", filter=unknown)
    found = prospects_of(job, actor=actor).order_by().aggregate(**counts)
    return Figures(
        **{name: found[name] for name in ("total", "fresh", "selected", "dismissed", "blocked", "choosable")},
        grades={letter: found[f"grade_{place}"] for place, (letter, _) in enumerate(GRADES)},
        blocks={word: found[f"block_{place}"] for place, word in enumerate(BLOCKS.values())},
        unknown={slot: found[f"unknown_{slot}"] for slot in asked},
    )


def newest_signals(job: ResearchJob, *, actor: Actor) -> QuerySet[Signal]:
    """Of the companies that were found, newest first."""
    companies = prospects_of(job, actor=actor).order_by().values("company_id")
    return (
        visible_signals(actor=actor)
        .filter(company_id__in=companies)
        .order_by("-occurred_on", "company__name", "id")
    )
