"""The list of searches, one search, and what can be done with it."""

import uuid
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gtmos.kernel import clock, wording
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.paging import newest_first
from gtmos.kernel.web import actor_of, found, page, refusal, toast
from outreach.forms.research import ADDABLE, CriterionForm, NameForm, NewSearchForm, is_slot, slot_name
from outreach.models import Prospect, ResearchJob, SavedSearch
from outreach.scoring.chips import chips
from outreach.selectors.prospects import get_prospect
from outreach.selectors.research import get_research, get_search, visible_researches, visible_searches
from outreach.services import prospects, research, searches
from outreach.views.research_page import card_of, research_context, state_pill

JOBS_SHOWN = 30
SEARCHES_SHOWN = 30


@login_required
@require_GET
def research_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    shown = newest_first(visible_researches(actor=actor), after=request.GET.get("after", ""), size=JOBS_SHOWN)
    now = clock.now()
    rows = [{"job": job, "state": state_pill(job, now), "asked": chips(job.criteria)} for job in shown.rows]
    saved = [
        {"search": search, "asked": chips(search.criteria), "is_mine": search.owner_id == request.user.pk}
        for search in visible_searches(actor=actor)[:SEARCHES_SHOWN]
    ]
    return page(request, "outreach/research/list.html", {"page": shown, "rows": rows, "saved": saved})


@login_required
@require_http_methods(["GET", "POST"])
def research_new(request: HttpRequest) -> HttpResponse:
    """A dialog for those who do not want to type a sentence."""
    form = NewSearchForm(request.POST or None)
    if form.is_valid():
        try:
            job = research.start_research(form.criteria, actor=actor_of(request))
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return _go(job)
    context = {"form": form, "title": "Whom are you looking for?", "action": "Search", "url": request.path}
    return render(request, "outreach/research/_dialog.html", context)


def _go(job: ResearchJob) -> HttpResponse:
    response = HttpResponse(status=204)
    response["HX-Redirect"] = reverse("outreach:research", args=[job.pk])
    return response


@login_required
@require_GET
def research_detail(request: HttpRequest, key: UUID) -> HttpResponse:
    actor = actor_of(request)
    job = found(get_research, key, actor=actor)
    context = research_context(job, actor=actor, show=_show(request), cursor=request.GET.get("after", ""))
    if getattr(request, "htmx", None):
        return render(request, "outreach/research/_results.html", context)
    return render(request, "outreach/research/detail.html", context)


def _show(request: HttpRequest) -> str:
    return str(request.GET.get("show", ""))


@login_required
@require_GET
def research_live(request: HttpRequest, key: UUID) -> HttpResponse:
    """The parts that change. The cards are drawn again only while they arrive, so that nobody loses their place."""
    actor = actor_of(request)
    job = found(get_research, key, actor=actor)
    return _parts(request, job, actor, with_cards=bool(request.GET.get("cards")))


def _parts(request: HttpRequest, job: ResearchJob, actor: Actor, *, with_cards: bool) -> HttpResponse:
    context: dict[str, Any] = research_context(job, actor=actor, show=_show(request))
    context |= {"is_live": True, "with_cards": with_cards}
    return render(request, "outreach/research/_live.html", context)


@login_required
@require_POST
def research_cancel(request: HttpRequest, key: UUID) -> HttpResponse:
    actor = actor_of(request)
    try:
        job = research.cancel_research(found(get_research, key, actor=actor), actor=actor)
    except DomainError as error:
        return refusal(error)
    return toast(_parts(request, job, actor, with_cards=True), "Stopped. What was found until now stays")


@login_required
@require_http_methods(["GET", "POST"])
def criterion(request: HttpRequest, key: UUID, slot: str) -> HttpResponse:
    """Change one criterion: the answer is a new search."""
    if not is_slot(slot):
        raise Http404("There is no such criterion.")
    actor = actor_of(request)
    job = found(get_research, key, actor=actor)
    form = CriterionForm.showing(slot, job.criteria.get(slot))
    if request.method == "POST":
        form = CriterionForm(request.POST, slot=slot)
        if form.is_valid():
            try:
                return _go(
                    research.refine_research(job, op="replace", changes={slot: form.change}, actor=actor)
                )
            except DomainError as error:
                form.add_error(None, error.message)
    context = {"form": form, "title": f"{slot_name(slot)}?", "action": "Search again", "url": request.path}
    return render(request, "outreach/research/_dialog.html", context)


@login_required
@require_GET
def criteria(request: HttpRequest, key: UUID) -> HttpResponse:
    """Which criterion to add."""
    job = found(get_research, key, actor=actor_of(request))
    slots = [{"slot": slot, "name": slot_name(slot)} for slot in ADDABLE if not job.criteria.get(slot)]
    return render(request, "outreach/research/_criteria.html", {"job": job, "slots": slots})


@login_required
@require_POST
def criterion_remove(request: HttpRequest, key: UUID, slot: str) -> HttpResponse:
    """Search again without it."""
    actor = actor_of(request)
    job = found(get_research, key, actor=actor)
    try:
        return _go(research.refine_research(job, op="replace", changes={slot: None}, actor=actor))
    except DomainError as error:
        return refusal(error)


@login_required
@require_http_methods(["GET", "POST"])
def search_save(request: HttpRequest, key: UUID) -> HttpResponse:
    actor = actor_of(request)
    job = found(get_research, key, actor=actor)
    form = NameForm(request.POST or None, initial={"name": job.name})
    if form.is_valid():
        try:
            search = searches.save_search(job, name=form.cleaned_data["name"], actor=actor)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            job = get_research(job.pk, actor=actor)
            return toast(
                _parts(request, job, actor, with_cards=False),
                f"Saved as {search}. Run it again and see who is new",
            )
    context = {"form": form, "title": "Save this search as?", "action": "Save", "url": request.path}
    return render(request, "outreach/research/_dialog.html", context)


@login_required
@require_POST
def research_share(request: HttpRequest, key: UUID) -> HttpResponse:
    actor = actor_of(request)
    job = found(get_research, key, actor=actor)
    is_shared = request.POST.get("is_shared") == "1"
    try:
        job = research.share_research(job, is_shared=is_shared, actor=actor)
    except DomainError as error:
        return refusal(error)
    words = "Your team sees this search now" if is_shared else "Only you see this search now"
    return toast(_parts(request, job, actor, with_cards=False), words)


SEARCH_VERBS: dict[str, Callable[[SavedSearch, Actor], object]] = {
    "share": lambda search, actor: searches.share_search(search, is_shared=True, actor=actor),
    "unshare": lambda search, actor: searches.share_search(search, is_shared=False, actor=actor),
    "delete": lambda search, actor: searches.delete_search(search, actor=actor),
}


@login_required
@require_POST
def search_do(request: HttpRequest, key: UUID, verb: str) -> HttpResponse:
    """Run, share or forget a saved search."""
    actor = actor_of(request)
    search = found(get_search, key, actor=actor)
    try:
        if verb == "run":
            return redirect("outreach:research", searches.run_saved(search, actor=actor).pk)
        if verb not in SEARCH_VERBS:
            raise Http404("There is no such verb.")
        SEARCH_VERBS[verb](search, actor)
    except DomainError as error:
        return refusal(error)
    return redirect("outreach:researches")


@login_required
@require_POST
def prospects_decide(request: HttpRequest, key: UUID, verb: str) -> HttpResponse:
    """Select or dismiss many at once: the best so many, or from a grade on."""
    actor = actor_of(request)
    job = found(get_research, key, actor=actor)
    decide = {"select": prospects.select_prospects, "dismiss": prospects.dismiss_prospects}.get(verb)
    if decide is None:
        raise Http404("There is no such verb.")
    number = request.POST.get("top_n", "")
    try:
        decision = decide(
            job,
            actor=actor,
            top_n=int(number) if number.isdecimal() else None,
            min_grade=request.POST.get("min_grade") or None,
            max_grade=request.POST.get("max_grade") or None,
        )
    except DomainError as error:
        return refusal(error)
    done = "selected" if verb == "select" else "dismissed"
    words = f"{wording.plural(decision.count, 'prospect')} {done}"
    if decision.blocked:
        words += f". {decision.blocked} cannot be written to and stay as they are"
    undo = reverse("outreach:prospects-undo", args=[job.pk, decision.id]) if decision.count else ""
    return toast(_parts(request, job, actor, with_cards=True), words, undo_url=undo)


@login_required
@require_POST
def prospects_undo(request: HttpRequest, key: UUID, decision: UUID) -> HttpResponse:
    actor = actor_of(request)
    job = found(get_research, key, actor=actor)
    try:
        undone = prospects.undo_decision(job, decision, actor=actor)
    except DomainError as error:
        return refusal(error)
    words = f"Taken back for {wording.plural(undone, 'prospect')}"
    return toast(_parts(request, job, actor, with_cards=True), words)


@login_required
@require_POST
def prospect_decide(request: HttpRequest, key: UUID, verb: str) -> HttpResponse:
    """One card; it answers with itself."""
    actor = actor_of(request)
    prospect = found(get_prospect, key, actor=actor)
    try:
        undo = _decide_one(prospect, verb, actor)
    except DomainError as error:
        return refusal(error)
    fresh = get_prospect(prospect.pk, actor=actor)
    context = {"prospect": card_of(fresh, today=clock.today()), "job": fresh.job}
    answer = render(request, "outreach/research/_prospect.html", context)
    if undo is None:
        return answer
    words = f"{prospect} {'selected' if verb == 'select' else 'dismissed'}"
    return toast(answer, words, undo_url=reverse("outreach:prospects-undo", args=[fresh.job_id, undo]))


def _decide_one(prospect: Prospect, verb: str, actor: Actor) -> uuid.UUID | None:
    """Selecting somebody who may not be written to is refused with the reason."""
    if verb == "restore":
        prospects.restore_prospects({str(prospect.pk): "new"}, actor=actor)
        return None
    if verb == "dismiss":
        return prospects.dismiss_prospects(prospect.job, prospects=[prospect], actor=actor).id
    if verb != "select":
        raise Http404("There is no such verb.")
    return prospects.select_one(prospect, actor=actor).id
