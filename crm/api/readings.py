"""Having texts read, and deciding on what they say, for programs that a person signs in with."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.enums import InteractionType, ProposalKind, ProposalState, ReadingDecision
from crm.models import Proposal, Reading
from crm.selectors.activities import visible_activities
from crm.selectors.companies import visible_companies
from crm.selectors.contacts import visible_contacts
from crm.selectors.deals import visible_deals
from crm.selectors.readings import proposals_of, visible_proposals, visible_readings
from crm.services.proposals import accept_all, accept_proposal, reject_proposal
from crm.services.reading_undo import undo_all, undo_proposal
from crm.services.readings import LONGEST, read_activity, read_text
from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_records import Creates, Filter, RecordSerializer, RecordView, by_key, link, one_of


class ProposalShape(serializers.Serializer[Any]):
    """One change. `before` and `after` hold columns of the record; a new one has no `before`."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=ProposalKind.choices)
    record_type = serializers.CharField()
    record_id = serializers.UUIDField(allow_null=True)
    field = serializers.CharField(allow_blank=True)
    before = serializers.DictField()
    after = serializers.DictField()
    state = serializers.ChoiceField(choices=ProposalState.choices)
    reason = serializers.CharField(allow_blank=True)
    decided_by_id = serializers.UUIDField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)


class ReadingShape(RecordSerializer):
    text = serializers.CharField(write_only=True, required=False, max_length=LONGEST)
    employee_id = serializers.UUIDField(read_only=True, allow_null=True)
    company_id = link("company", visible_companies)
    contact_id = link("contact", visible_contacts)
    deal_id = link("deal", visible_deals)
    activity_id = link("activity", visible_activities)
    extracted = serializers.DictField(read_only=True)
    proposals = serializers.SerializerMethodField()

    class Meta:
        model = Reading
        fields = (
            "id",
            "created_at",
            "version",
            "text",
            "raw_input",
            "employee_id",
            "employee_name",
            "interaction_type",
            "company_id",
            "contact_id",
            "deal_id",
            "activity_id",
            "is_untrusted",
            "extracted",
            "decision",
            "model",
            "confidence",
            "proposals",
        )
        read_only_fields = (
            "raw_input",
            "employee_name",
            "interaction_type",
            "is_untrusted",
            "decision",
            "model",
            "confidence",
        )

    @extend_schema_field(ProposalShape(many=True))
    def get_proposals(self, reading: Reading) -> Any:
        actor = actor_of(self.context["request"])
        return ProposalShape(proposals_of(reading, actor=actor), many=True).data


class OutcomeOfReading(serializers.Serializer[Any]):
    """What was done, and the reasons why the rest was not."""

    done = serializers.ListField(child=serializers.UUIDField())
    refused = serializers.ListField(child=serializers.CharField())


class ReadingView(Creates):
    """What notes, mails and other texts say of records. Nothing of it is done before a person accepts it.

    POST a `text`, with what it is about where that is known, or the `activity_id` of a note or a mail.
    """

    serializer_class = ReadingShape
    filters: ClassVar[dict[str, Filter]] = {
        "company_id": by_key("company_id"),
        "contact_id": by_key("contact_id"),
        "deal_id": by_key("deal_id"),
        "activity_id": by_key("activity_id"),
        "decision": one_of("decision", ReadingDecision.values),
        "interaction_type": one_of("interaction_type", InteractionType.values),
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[Reading]:
        del text
        return visible_readings(actor=actor)

    def create_record(self, values: dict[str, Any], *, actor: Actor) -> Reading:
        activity = values.pop("activity", None)
        if activity is not None:
            return read_activity(activity, actor=actor)
        return read_text(values.pop("text", ""), actor=actor, **values)

    @extend_schema(request=None, responses=OutcomeOfReading)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Everything that contradicts nothing."""
        del pk
        return self._all(request, accept_all)

    @extend_schema(request=None, responses=OutcomeOfReading)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Take back everything that was accepted."""
        del pk
        return self._all(request, undo_all)

    def _all(self, request: Request, verb: Callable[..., Any]) -> Response:
        outcome = verb(self.get_object(), actor=actor_of(request))
        told = {"done": [each.pk for each in outcome.done], "refused": outcome.refused}
        return Response(OutcomeOfReading(told).data)


class ProposalView(RecordView):
    """Changes that were read out of texts: accept one, reject it, or take the decision back."""

    serializer_class = ProposalShape
    filters: ClassVar[dict[str, Filter]] = {
        "reading_id": by_key("reading_id"),
        "record_id": by_key("record_id"),
        "state": one_of("state", ProposalState.values),
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[Proposal]:
        del text
        return visible_proposals(actor=actor)

    @extend_schema(request=None, responses=ProposalShape)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Do it. Where the record says something else by now, it stays and is a contradiction."""
        del pk
        return self._decided(request, accept_proposal)

    @extend_schema(request=None, responses=ProposalShape)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        del pk
        return self._decided(request, reject_proposal)

    @extend_schema(request=None, responses=ProposalShape)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        del pk
        return self._decided(request, undo_proposal)

    def _decided(self, request: Request, verb: Callable[..., Proposal]) -> Response:
        return self.answer(verb(self.get_object(), actor=actor_of(request)))
