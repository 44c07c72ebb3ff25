"""One search over everything that has a page."""

from dataclasses import dataclass

from crm.selectors.search import search_records
from gtmos.kernel.actors import Actor
from gtmos.kernel.records import visible_to
from gtmos.workspace.selectors.links import url_of
from outreach.models import Campaign, ResearchJob

MOST_OF_A_KIND = 20
TITLES = {
    "company": "Companies",
    "contact": "Contacts",
    "deal": "Deals",
    "campaign": "Campaigns",
    "research": "Research",
}


@dataclass(frozen=True, slots=True)
class Found:
    kind: str
    name: str
    detail: str
    url: str


def find_everything(text: str, *, actor: Actor) -> list[dict[str, object]]:
    """Groups with their hits; a kind without any is left out."""
    if not text:
        return []
    hits = [
        Found(hit.kind, hit.name, hit.detail, url_of({"type": hit.kind, "id": str(hit.key)}))
        for hit in search_records(text, actor=actor, limit=MOST_OF_A_KIND)
    ]
    campaigns = visible_to(actor, Campaign.objects.filter(name__icontains=text))[:MOST_OF_A_KIND]
    jobs = visible_to(actor, ResearchJob.objects.filter(name__icontains=text))[:MOST_OF_A_KIND]
    hits += [_named("campaign", row) for row in campaigns] + [_named("research", row) for row in jobs]
    groups = [(title, [hit for hit in hits if hit.kind == kind]) for kind, title in TITLES.items()]
    return [{"title": title, "hits": found, "count": len(found)} for title, found in groups if found]


def _named(kind: str, row: Campaign | ResearchJob) -> Found:
    return Found(kind, row.name, str(row.get_state_display()), url_of({"type": kind, "id": str(row.pk)}))
