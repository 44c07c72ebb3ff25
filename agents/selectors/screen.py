"""What the screen and the thread know, with every record checked against the actor's rights.

A page sends what is open; nothing in it is believed until it was found among the actor's own records. The text of
a mail is left out altogether: it is data, and a planner never sees it.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet

from crm.selectors.companies import visible_companies
from crm.selectors.contacts import visible_contacts
from crm.selectors.deals import visible_deals
from gtmos.kernel.actors import Actor
from gtmos.kernel.records import visible_to
from outreach.models import Campaign, ResearchJob

FOCUSABLE = ("company", "contact", "deal", "campaign", "research")
MOST_SELECTED = 1000


def screen_context(page: Mapping[str, Any], thread: Mapping[str, Any], *, actor: Actor) -> dict[str, Any]:
    """One dictionary of focus, last search, selection and list filter; the page speaks before the thread."""
    context: dict[str, Any] = {}
    focus = _focus(page.get("focus"), actor) or _focus(thread.get("focus"), actor)
    if focus:
        context["focus"] = focus
    search = _search(focus, actor) or thread.get("last_search")
    if search:
        context["last_search"] = search
    if thread.get("last_test"):
        context["last_test"] = thread["last_test"]
    if isinstance(page.get("list_filter"), Mapping):
        context["list_filter"] = page["list_filter"]
    if page.get("selection"):
        context["selection"] = _selection(page["selection"])
    return context


def planner_view(context: Mapping[str, Any]) -> dict[str, Any]:
    """The same without keys: the planner speaks in names."""
    view = dict(context)
    if "focus" in view:
        view["focus"] = {key: value for key, value in view["focus"].items() if key != "id"}
    if "last_search" in view:
        view["last_search"] = {key: value for key, value in view["last_search"].items() if key != "id"}
    return view


def records_of(kind: str, actor: Actor) -> QuerySet[Any]:
    if kind == "company":
        return visible_companies(actor=actor)
    if kind == "contact":
        return visible_contacts(actor=actor)
    if kind == "deal":
        return visible_deals(actor=actor)
    return visible_to(actor, Campaign.objects.all() if kind == "campaign" else ResearchJob.objects.all())


def _focus(said: Any, actor: Actor) -> dict[str, str] | None:
    if not isinstance(said, Mapping):
        return None
    kind = str(said.get("type") or "")
    if kind in {"email", "mail"}:
        return {"type": "email", "from": str(said.get("from") or "")[:320]}
    row = _found(kind, said, actor) if kind in FOCUSABLE else None
    return {"type": kind, "id": str(row.pk), "name": str(row)} if row is not None else None


def _found(kind: str, said: Mapping[str, Any], actor: Actor) -> Model | None:
    rows = records_of(kind, actor)
    key = str(said.get("id") or said.get("name") or "")
    try:
        found: Model | None = rows.filter(pk=UUID(key)).first()
    except ValueError:
        found = rows.filter(name__iexact=key).first()
    return found


def _search(focus: Mapping[str, str] | None, actor: Actor) -> dict[str, Any] | None:
    if not focus or focus["type"] != "research":
        return None
    job = records_of("research", actor).filter(pk=focus["id"]).first()
    return search_of(job) if job is not None else None


def search_of(job: ResearchJob) -> dict[str, Any]:
    """What a thread remembers of a search."""
    entity = job.criteria.get("entity", "people")
    found = job.companies_found if entity == "companies" else job.contacts_found
    return {"id": str(job.pk), "entity": entity, "count": found, "name": job.name}


def _selection(said: Any) -> dict[str, Any]:
    if isinstance(said, Mapping):
        keys = said.get("ids") or []
        return {
            "count": int(said.get("count") or len(keys)),
            "ids": [str(key) for key in keys][:MOST_SELECTED],
        }
    if isinstance(said, list):
        return {"count": len(said), "ids": [str(key) for key in said][:MOST_SELECTED]}
    return {"count": int(said) if str(said).isdigit() else 0, "ids": []}
