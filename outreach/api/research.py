"""Searches, prospects and saved searches for programs."""

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_paging import KeysetPagination, size_of
from gtmos.kernel.api_records import Filter, RecordView, a_flag, by_key, one_of
from outreach.api.research_shapes import (
    PROSPECT_STATES,
    ChoiceShape,
    DecisionShape,
    ProspectShape,
    RefinementWish,
    ResearchShape,
    ResearchWish,
    SavedSearchShape,
    SaveWish,
    UndoneShape,
    UndoShape,
)
from outreach.enums import ResearchState
from outreach.models import Prospect, ResearchJob, SavedSearch
from outreach.selectors.prospects import best_page, visible_prospects
from outreach.selectors.research import get_research, visible_researches, visible_searches
from outreach.services import prospects, research, searches


def _given(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = shape(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


class ResearchView(RecordView):
    """Searches over your own companies, people and signals. A new one is carried out in the background."""

    serializer_class = ResearchShape
    filters: ClassVar[dict[str, Filter]] = {
        "state": one_of("state", ResearchState.values),
        "parent": by_key("parent_id"),
        "saved_search": by_key("saved_search_id"),
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[ResearchJob]:
        del text
        return visible_researches(actor=actor)

    @extend_schema(request=ResearchWish, responses={201: ResearchShape})
    def create(self, request: Request) -> Response:
        job = research.start_research(actor=actor_of(request), **_given(ResearchWish, request))
        return self.answer(self.again(job), status_code=status.HTTP_201_CREATED)

    @extend_schema(request=RefinementWish, responses={201: ResearchShape})
    @action(detail=True, methods=["post"])
    def refine(self, request: Request, pk: str) -> Response:
        """A new search with changed criteria."""
        del pk
        given = _given(RefinementWish, request)
        job = research.refine_research(self.get_object(), actor=actor_of(request), **given)
        return self.answer(self.again(job), status_code=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=ResearchShape)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop before the next set of rows; what was found stays."""
        del pk
        return self.answer(self.again(research.cancel_research(self.get_object(), actor=actor_of(request))))

    @extend_schema(request=ChoiceShape, responses=DecisionShape)
    @action(detail=True, methods=["post"])
    def select(self, request: Request, pk: str) -> Response:
        """Choose for a campaign: some, the best so many, from a grade on, by name, or everybody."""
        del pk
        return self._decided(prospects.select_prospects, request)

    @extend_schema(request=ChoiceShape, responses=DecisionShape)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str) -> Response:
        """Put aside; they can be brought back."""
        del pk
        return self._decided(prospects.dismiss_prospects, request)

    def _decided(self, decide: Callable[..., prospects.Decision], request: Request) -> Response:
        actor, job = actor_of(request), self.get_object()
        return Response(DecisionShape(decide(job, actor=actor, **_choice(job, request, actor))).data)

    @extend_schema(request=UndoShape, responses=UndoneShape)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Take a decision back as a whole."""
        del pk
        decision: UUID = _given(UndoShape, request)["decision"]
        undone = prospects.undo_decision(self.get_object(), decision, actor=actor_of(request))
        return Response(UndoneShape({"count": undone}).data)


def _choice(job: ResearchJob, request: Request, actor: Actor) -> dict[str, Any]:
    given = _given(ChoiceShape, request)
    if "prospects" in given:
        rows = visible_prospects(actor=actor).filter(job=job, pk__in=given["prospects"])
        given["prospects"] = list(rows)
    return given


class BestFirst(KeysetPagination):
    """Prospects by their priority."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        del view
        cursor = request.query_params.get("cursor", "")
        rows, self.next_cursor, is_place = best_page(queryset, after=cursor, size=size_of(request))
        if cursor and not is_place:
            raise ValidationError({"cursor": ["This is no cursor of a page."]}, code="bad_cursor")
        self.url = request.build_absolute_uri()
        return rows


class ProspectView(RecordView):
    """What searches found, best first, with every part of the score and its reason."""

    serializer_class = ProspectShape
    pagination_class = BestFirst
    filters: ClassVar[dict[str, Filter]] = {
        "research": by_key("job_id"),
        "company_id": by_key("company_id"),
        "contact_id": by_key("contact_id"),
        "state": one_of("state", PROSPECT_STATES),
        "is_new": Filter("is_new", a_flag, "Found for the first time by its saved search."),
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[Prospect]:
        del text
        return visible_prospects(actor=actor)

    @extend_schema(request=None, responses=ProspectShape)
    @action(detail=True, methods=["post"])
    def select(self, request: Request, pk: str) -> Response:
        del pk
        prospect = self.get_object()
        prospects.select_one(prospect, actor=actor_of(request))
        return self.answer(self.again(prospect))

    @extend_schema(request=None, responses=ProspectShape)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str) -> Response:
        del pk
        prospect = self.get_object()
        prospects.dismiss_prospects(prospect.job, prospects=[prospect], actor=actor_of(request))
        return self.answer(self.again(prospect))

    @extend_schema(request=None, responses=ProspectShape)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Neither selected nor dismissed any more."""
        del pk
        prospect = self.get_object()
        prospects.restore_prospects({str(prospect.pk): "new"}, actor=actor_of(request))
        return self.answer(self.again(prospect))


class SavedSearchView(RecordView):
    """Criteria that are kept, your own and those that others share."""

    serializer_class = SavedSearchShape

    def records(self, text: str, *, actor: Actor) -> QuerySet[SavedSearch]:
        del text
        return visible_searches(actor=actor)

    @extend_schema(request=SaveWish, responses={201: SavedSearchShape})
    def create(self, request: Request) -> Response:
        given = _given(SaveWish, request)
        actor = actor_of(request)
        job = get_research(given["research"], actor=actor)
        search = searches.save_search(job, name=given["name"], actor=actor)
        return self.answer(self.again(search), status_code=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={201: ResearchShape})
    @action(detail=True, methods=["post"])
    def run(self, request: Request, pk: str) -> Response:
        """Search again; `is_new` tells whom no earlier run found."""
        del pk
        actor = actor_of(request)
        job = searches.run_saved(self.get_object(), actor=actor)
        return Response(ResearchShape(get_research(job.pk, actor=actor)).data, status=status.HTTP_201_CREATED)
