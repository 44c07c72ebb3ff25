"""Campaigns, their messages, mails and tests for programs."""

from dataclasses import asdict
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.selectors.contacts import visible_contacts
from gtmos.context.selectors.messages import products
from gtmos.kernel.api import actor_of, require_match
from gtmos.kernel.api_door import Door
from gtmos.kernel.api_records import Filter, by_key, narrowed, one_of
from gtmos.kernel.api_schema import MATCH
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.records import visible_to
from outreach.api.campaign_shapes import (
    CampaignDraft,
    CampaignShape,
    ExperimentShape,
    FindingShape,
    LetterShape,
    ReasonShape,
    ResolutionShape,
    StepShape,
    TouchShape,
    VariantShape,
)
from outreach.enums import CampaignState, TouchState
from outreach.models import Campaign, Experiment, ResearchJob, Step, Touch
from outreach.selectors.campaigns import (
    get_campaign,
    visible_campaigns,
    visible_experiments,
    visible_mailboxes,
    visible_touches,
)
from outreach.selectors.performance import performance
from outreach.selectors.readiness import findings
from outreach.services import campaigns, experiments, sequences, touches


class Narrowed(mixins.ListModelMixin, mixins.RetrieveModelMixin, Door):
    """Lists with the same parameters, and the same refusals, as those of every other kind of record."""

    filters: ClassVar[dict[str, Filter]] = {}
    searches: ClassVar[bool] = False

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.action != "list":
            return queryset
        given = self.request.query_params
        found = narrowed(queryset, given, filters=self.filters, searches=self.searches)
        text = given.get("q", "")
        return found.filter(name__icontains=text) if text else found


class SendingScope:
    """Verbs that make mail leave need the `send` scope of a token; all other changes `write`."""

    sending: ClassVar[frozenset[str]] = frozenset()
    action: str

    @property
    def write_scope(self) -> str:
        return "send" if self.action in self.sending else "write"


class CampaignView(SendingScope, Narrowed):
    serializer_class = CampaignShape
    queryset = Campaign.objects.none()
    filters: ClassVar[dict[str, Filter]] = {"state": one_of("state", CampaignState.values)}
    searches = True
    sending = frozenset({"approve", "resume"})

    def get_queryset(self) -> QuerySet[Campaign]:
        return visible_campaigns(actor=actor_of(self.request))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        del args, kwargs, request
        return self._answer(self.get_object())

    @extend_schema(request=CampaignDraft, responses={201: CampaignShape})
    def create(self, request: Request) -> Response:
        given = CampaignDraft(data=request.data)
        given.is_valid(raise_exception=True)
        slots = dict(given.validated_data)
        actor = actor_of(request)
        if "research" in slots:
            slots["research"] = _one(
                visible_to(actor, ResearchJob.objects.all()), slots["research"], "research"
            )
        if "product" in slots:
            slots["product"] = _one(products(actor=actor), slots["product"], "product")
        if "contacts" in slots:
            slots["contacts"] = visible_contacts(actor=actor).filter(pk__in=slots["contacts"]).order_by("pk")
        campaign = campaigns.draft_campaign(actor=actor, **slots)
        return self._answer(campaign, status_code=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        del args, kwargs
        campaign = self.get_object()
        require_match(request, campaign.etag)
        given = CampaignShape(campaign, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        changes = dict(given.validated_data)
        actor = actor_of(request)
        if changes.get("mailbox") is not None:
            changes["mailbox"] = _one(visible_mailboxes(actor=actor), changes["mailbox"].pk, "mailbox")
        return self._answer(campaigns.update_campaign(campaign, changes=changes, actor=actor))

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        del args, kwargs
        campaign = self.get_object()
        require_match(request, campaign.etag)
        campaigns.delete_draft(campaign, actor=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=CampaignShape, parameters=[MATCH])
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Approves the version that `If-Match` names, and no other."""
        del pk
        campaign = self.get_object()
        require_match(request, campaign.etag)
        return self._answer(campaigns.approve_campaign(campaign, actor=actor_of(request)))

    @extend_schema(request=None, responses=CampaignShape)
    @action(detail=True, methods=["post"], url_path="cancel-start")
    def cancel_start(self, request: Request, pk: str) -> Response:
        del pk
        return self._answer(campaigns.cancel_start(self.get_object(), actor=actor_of(request)))

    @extend_schema(request=ReasonShape, responses=CampaignShape)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        del pk
        given = ReasonShape(data=request.data)
        given.is_valid(raise_exception=True)
        reason = given.validated_data["reason"]
        paused = campaigns.pause_campaign(self.get_object(), reason=reason, actor=actor_of(request))
        return self._answer(paused)

    @extend_schema(request=None, responses=CampaignShape)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        del pk
        return self._answer(campaigns.resume_campaign(self.get_object(), actor=actor_of(request)))

    @extend_schema(request=None, responses=CampaignShape)
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, pk: str) -> Response:
        del pk
        return self._answer(campaigns.complete_campaign(self.get_object(), actor=actor_of(request)))

    @extend_schema(request=None, responses=CampaignShape)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str) -> Response:
        del pk
        return self._answer(campaigns.archive_campaign(self.get_object(), actor=actor_of(request)))

    @extend_schema(responses=FindingShape(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def readiness(self, request: Request, pk: str) -> Response:
        del request, pk
        return Response(FindingShape(findings(self.get_object()), many=True).data)

    @extend_schema(responses={200: dict})
    @action(detail=True, methods=["get"])
    def performance(self, request: Request, pk: str) -> Response:
        """Counts of each step and variant; `sent` is the base of every rate."""
        del pk
        figures = performance(self.get_object(), actor=actor_of(request))
        return Response(
            {
                "total": asdict(figures.total),
                "steps": [
                    {"step": number, **asdict(figures.step(number))} for number in figures.step_numbers
                ],
                "cells": [
                    {"step": cell.step_no, "variant": cell.variant, **asdict(cell.figures)}
                    for cell in figures.cells
                ],
            }
        )

    def _answer(self, campaign: Campaign, *, status_code: int = status.HTTP_200_OK) -> Response:
        fresh = get_campaign(campaign.pk, actor=actor_of(self.request))
        return Response(CampaignShape(fresh).data, status=status_code, headers={"ETag": fresh.etag})


def _one(records: QuerySet[Any], key: object, noun: str) -> Any:
    record = records.filter(pk=key).first()
    if record is None:
        raise NotFoundError(f"There is no such {noun}.", code=f"{noun}_not_found")
    return record


class StepView(Narrowed):
    """The messages of campaigns."""

    serializer_class = StepShape
    queryset = Step.objects.none()
    filters: ClassVar[dict[str, Filter]] = {"campaign": by_key("campaign_id")}

    def get_queryset(self) -> QuerySet[Step]:
        return visible_to(actor_of(self.request), Step.objects.all(), through="campaign__")

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        del args, kwargs, request
        step = self.get_object()
        return Response(StepShape(step).data, headers={"ETag": step.etag})

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A change makes an approval given before void."""
        del args, kwargs
        step = self.get_object()
        require_match(request, step.etag)
        given = StepShape(step, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        changed = sequences.update_step(step, changes=dict(given.validated_data), actor=actor_of(request))
        return Response(StepShape(changed).data, headers={"ETag": changed.etag})


class TouchView(SendingScope, Narrowed):
    """Mails to single people."""

    serializer_class = TouchShape
    paged_by = "id"
    queryset = Touch.objects.none()
    filters: ClassVar[dict[str, Filter]] = {
        "campaign": by_key("campaign_id"),
        "contact": by_key("contact_id"),
        "state": one_of("state", TouchState.values),
    }
    sending = frozenset({"resolve"})

    def get_queryset(self) -> QuerySet[Touch]:
        return visible_touches(actor=actor_of(self.request)).select_related("campaign")

    @extend_schema(request=ResolutionShape, responses=TouchShape)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: str) -> Response:
        """Say whether a mail that is in doubt arrived; with no, it is sent again."""
        del pk
        given = ResolutionShape(data=request.data)
        given.is_valid(raise_exception=True)
        was_sent = given.validated_data["was_sent"]
        touch = touches.resolve_doubt(self.get_object(), was_sent=was_sent, actor=actor_of(request))
        return Response(TouchShape(touch).data)


class ExperimentView(SendingScope, Narrowed):
    serializer_class = ExperimentShape
    queryset = Experiment.objects.none()
    filters: ClassVar[dict[str, Filter]] = {"campaign": by_key("campaign_id")}
    sending = frozenset({"promote", "unpromote", "variants"})

    def get_queryset(self) -> QuerySet[Experiment]:
        return visible_experiments(actor=actor_of(self.request)).prefetch_related("variants")

    @extend_schema(request=None, responses=ExperimentShape)
    @action(detail=True, methods=["post"])
    def look(self, request: Request, pk: str) -> Response:
        del pk
        return self._answer(experiments.look_at(self.get_object(), actor=actor_of(request)))

    @extend_schema(request=LetterShape, responses=ExperimentShape)
    @action(detail=True, methods=["post"])
    def promote(self, request: Request, pk: str) -> Response:
        del pk
        given = LetterShape(data=request.data)
        given.is_valid(raise_exception=True)
        campaign, letter = self.get_object().campaign, given.validated_data["letter"]
        return self._answer(experiments.promote_variant(campaign, letter, actor=actor_of(request)))

    @extend_schema(request=None, responses=ExperimentShape)
    @action(detail=True, methods=["post"])
    def unpromote(self, request: Request, pk: str) -> Response:
        del pk
        return self._answer(experiments.unpromote(self.get_object().campaign, actor=actor_of(request)))

    @extend_schema(request=VariantShape, responses={201: VariantShape})
    @action(detail=True, methods=["post"])
    def variants(self, request: Request, pk: str) -> Response:
        del pk
        given = VariantShape(data=request.data)
        given.is_valid(raise_exception=True)
        variant = experiments.add_variant(
            self.get_object().campaign,
            text=given.validated_data["text"],
            letter=given.validated_data.get("letter"),
            actor=actor_of(request),
        )
        return Response(VariantShape(variant).data, status=status.HTTP_201_CREATED)

    def _answer(self, experiment: Experiment) -> Response:
        fresh = self.get_queryset().get(pk=experiment.pk)
        return Response(ExperimentShape(fresh).data, headers={"ETag": fresh.etag})
