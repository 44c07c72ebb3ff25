"""Where a record's page is."""

from collections.abc import Mapping

from django.urls import NoReverseMatch, reverse

PAGES = {
    "company": "crm:company",
    "contact": "crm:contact",
    "deal": "crm:deal",
    "meeting": "crm:meeting",
    "campaign": "outreach:campaign",
    "research": "outreach:research",
    "import": "crm:import",
    "document": "crm:document",
}
LISTS = {"task": "crm:tasks", "prospect": "outreach:researches"}


def url_of(subject: Mapping[str, str]) -> str:
    """The page of a record, or of the list it stands in; empty where there is none."""
    kind = subject.get("type", "")
    try:
        if kind in PAGES:
            return reverse(PAGES[kind], args=[subject["id"]])
        return reverse(LISTS[kind]) if kind in LISTS else ""
    except NoReverseMatch:
        return ""
