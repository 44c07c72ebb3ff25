"""Searches worth keeping: saved under a name, run again, shared."""

from django.db import IntegrityError, transaction

from gtmos.kernel import events, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from outreach.events import SearchSaved
from outreach.models import ResearchJob, SavedSearch
from outreach.services.research import start_research


@transaction.atomic
def save_search(job: ResearchJob, *, name: str, actor: Actor) -> SavedSearch:
    """Keep the criteria; whoever was found by now is known when it runs again."""
    require(actor, "outreach.save_search", job)
    words = " ".join(name.split())[:200]
    if not words:
        raise InvalidInputError("A saved search needs a name.", code="name_missing")
    search = SavedSearch(
        name=words, criteria=job.criteria, command=job.command, last_job=job, owner=actor.user
    )
    try:
        with transaction.atomic():
            search.save(force_insert=True)
    except IntegrityError as error:
        raise DomainError(f"You already have a saved search called {words}.", code="name_taken") from error
    if job.saved_search_id is None:
        ResearchJob.objects.filter(pk=job.pk).update(saved_search=search)
    history.record_creation(search, actor=actor, values={"criteria": search.criteria})
    events.publish(SearchSaved(search_id=search.pk), subject=search, actor=actor)
    return search


@transaction.atomic
def run_saved(search: SavedSearch, *, actor: Actor) -> ResearchJob:
    """Run it again with the actor's rights; its page opens on those whom no earlier run found."""
    job = start_research(
        search.criteria, command=search.command, name=search.name, saved_search=search, actor=actor
    )
    SavedSearch.objects.filter(pk=search.pk).update(last_job=job)
    return job


@transaction.atomic
def share_search(search: SavedSearch, *, is_shared: bool, actor: Actor) -> SavedSearch:
    """Let everybody run it. What each of them finds depends on their own rights."""
    require(actor, "outreach.share_search", search)
    search = SavedSearch.objects.select_for_update().get(pk=search.pk)
    before = search.is_shared
    search.is_shared = is_shared
    save_changes(search, "is_shared")
    history.record(
        search,
        before={"is_shared": before},
        after={"is_shared": is_shared},
        actor=actor,
        category="SHARING",
    )
    return search


@transaction.atomic
def delete_search(search: SavedSearch, *, actor: Actor) -> None:
    """Forget the saved criteria; the searches that were run with them stay."""
    require(actor, "outreach.save_search", search)
    search.delete()
