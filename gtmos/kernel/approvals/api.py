"""Approvals, their policies and deputies for programs."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_records import (
    Changes,
    Creates,
    Filter,
    RecordSerializer,
    RecordView,
    VisibleField,
    one_of,
)
from gtmos.kernel.approvals import selectors
from gtmos.kernel.approvals.actions import action_of
from gtmos.kernel.approvals.enums import ApprovalState
from gtmos.kernel.approvals.models import Approval, ApprovalPolicy, ApprovalStep, Delegation
from gtmos.kernel.approvals.selectors import still_asked
from gtmos.kernel.approvals.services import decide, policies, withdraw_approval
from gtmos.kernel.approvals.services.delegations import delegate, end_delegation
from gtmos.kernel.approvals.services.trials import try_policy
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.people.models import User
from gtmos.kernel.people.selectors import active_users


class ApprovalDecisionShape(serializers.Serializer[Any]):
    """`person_id` is whose word it is, `given_by_id` who said it."""

    person_id = serializers.UUIDField(allow_null=True)
    given_by_id = serializers.UUIDField(allow_null=True)
    is_granted = serializers.BooleanField()
    reason = serializers.CharField()
    decided_at = serializers.DateTimeField()


class ApprovalStepShape(serializers.ModelSerializer[ApprovalStep]):
    waits_for_ids = serializers.SerializerMethodField()
    decisions = ApprovalDecisionShape(many=True)

    class Meta:
        model = ApprovalStep
        fields = (
            *("position", "needs", "opened_at", "due_at", "escalated_at", "closed_at"),
            *("waits_for_ids", "decisions"),
        )
        read_only_fields = fields

    def get_waits_for_ids(self, step: ApprovalStep) -> list[UUID]:
        """Empty before the step begins and after it is over."""
        return [each.pk for each in still_asked(step)] if step.opened_at and not step.closed_at else []


class ApprovalRequestShape(RecordSerializer):
    steps = ApprovalStepShape(many=True, read_only=True)
    values = serializers.DictField(read_only=True)

    class Meta:
        model = Approval
        fields = (
            *("id", "created_at", "updated_at", "version", "action", "state", "subject_type", "subject_id"),
            *("subject_name", "values", "reason", "answer", "branch", "requested_by_id", "requested_at"),
            *("expires_at", "closed_at", "steps"),
        )
        read_only_fields = fields


class ApprovalAskShape(serializers.Serializer[Any]):
    """What is asked for, of which record."""

    action = serializers.CharField(max_length=60, help_text="Such as crm.discount_deal.")
    subject_id = serializers.UUIDField()
    values = serializers.DictField(help_text='Exactly what is decided on, such as {"discount": "0.25"}.')
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ApprovalDecideShape(serializers.Serializer[Any]):
    """A rejection needs a reason."""

    is_granted = serializers.BooleanField()
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ApprovalRequestView(RecordView):
    """What waits for a decision, and what was decided: those that the caller asked for, decides or decided."""

    serializer_class = ApprovalRequestShape
    filters: ClassVar[dict[str, Filter]] = {
        "state": one_of("state", ApprovalState.values),
        "action": Filter("action"),
        "subject_id": Filter("subject_id", UUID, "The id of a record."),
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[Approval]:
        del text
        return selectors.visible_approvals(actor=actor)

    @extend_schema(
        request=ApprovalAskShape,
        responses={
            201: ApprovalRequestShape,
            204: OpenApiResponse(description="Nobody had to be asked; it is done."),
        },
    )
    def create(self, request: Request) -> Response:
        """Ask. Where no policy wants a word on it, it is done at once and the answer is empty."""
        shape = ApprovalAskShape(data=request.data)
        shape.is_valid(raise_exception=True)
        given = dict(shape.validated_data)
        ask = action_of(given.pop("action")).ask
        if ask is None:
            raise InvalidInputError("This is not asked for here.", code="unknown_action")
        made = ask(**given, actor=actor_of(request))
        if not isinstance(made, Approval):
            return Response(status=status.HTTP_204_NO_CONTENT)
        return self.answer(self.again(made), status_code=status.HTTP_201_CREATED)

    @extend_schema(responses=ApprovalRequestShape(many=True))
    @action(detail=False, methods=["get"])
    def waiting(self, request: Request) -> Response:
        """Those that wait for the caller's word, in their own name or in that of somebody who is away."""
        page = self.paginate_queryset(selectors.approvals_waiting(actor=actor_of(request)))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=ApprovalDecideShape, responses=ApprovalRequestShape)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Grant or reject. Granted by the last of the chain, it takes effect with this answer."""
        del pk
        shape = ApprovalDecideShape(data=request.data)
        shape.is_valid(raise_exception=True)
        given = shape.validated_data
        decided = decide(
            self.get_object(), granted=given["is_granted"], reason=given["reason"], actor=actor_of(request)
        )
        return self.answer(self.again(decided))

    @extend_schema(request=None, responses=ApprovalRequestShape)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Whoever asked no longer asks."""
        del pk
        return self.answer(self.again(withdraw_approval(self.get_object(), actor=actor_of(request))))


class ApprovalPolicyShape(RecordSerializer):
    definition = serializers.DictField()
    confirmed = serializers.BooleanField(
        write_only=True, required=False, help_text="Due times of open requests may move."
    )

    class Meta:
        model = ApprovalPolicy
        fields = (
            *("id", "created_at", "updated_at", "version", "name", "action", "note", "number", "definition"),
            *("is_active", "confirmed"),
        )
        read_only_fields = ("number", "is_active")


class PolicyTrialShape(serializers.Serializer[Any]):
    record = serializers.CharField()
    values = serializers.DictField()
    branch = serializers.CharField()
    people = serializers.ListField(child=serializers.CharField())


class PolicyTrial(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    needing = PolicyTrialShape(many=True)


class PolicyView(Creates, Changes):
    """What needs whose word. Changing them needs `admin`; requests finish on the rules they began with."""

    write_scope = "admin"
    serializer_class = ApprovalPolicyShape

    def records(self, text: str, *, actor: Actor) -> QuerySet[ApprovalPolicy]:
        del text
        return selectors.visible_policies(actor=actor)

    def create_record(self, values: dict[str, Any], *, actor: Actor) -> Model:
        values.pop("confirmed", None)
        return policies.create_policy(values.pop("name"), actor=actor, **values)

    def update_record(self, record: ApprovalPolicy, values: dict[str, Any], *, actor: Actor) -> Model:
        confirmed = values.pop("confirmed", False)
        return policies.update_policy(record, changes=values, actor=actor, confirmed=confirmed)

    @extend_schema(request=None, responses=ApprovalPolicyShape)
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: str) -> Response:
        """From the next request on."""
        del pk
        return self.answer(policies.activate_policy(self.get_object(), actor=actor_of(request)))

    @extend_schema(request=None, responses=ApprovalPolicyShape)
    @action(detail=True, methods=["post"])
    def deactivate(self, request: Request, pk: str) -> Response:
        """Nothing new is asked for; what waits is still decided."""
        del pk
        return self.answer(policies.deactivate_policy(self.get_object(), actor=actor_of(request)))

    @extend_schema(responses=PolicyTrial)
    @action(detail=True, methods=["get"])
    def trial(self, request: Request, pk: str) -> Response:
        """Which records of today would need approval, and whose. Nothing is written."""
        del pk
        return Response(PolicyTrial(try_policy(self.get_object(), actor=actor_of(request))).data)


def people(*, actor: Actor) -> QuerySet[User]:
    return active_users(actor=actor)


class DelegationShape(RecordSerializer):
    person_id = VisibleField(
        source="person", records=people, help_text="Whoever is away; the caller if left out."
    )
    deputy_id = VisibleField(source="deputy", records=people, required=True, allow_null=False)

    class Meta:
        model = Delegation
        fields = (
            *("id", "created_at", "updated_at", "version", "person_id", "deputy_id"),
            *("starts_at", "ends_at", "note"),
        )


class DelegationView(Creates):
    """Who decides while somebody is away: one's own, and those in which one stands in for somebody."""

    serializer_class = DelegationShape

    def records(self, text: str, *, actor: Actor) -> QuerySet[Delegation]:
        del text
        return selectors.visible_delegations(actor=actor)

    def create_record(self, values: dict[str, Any], *, actor: Actor) -> Model:
        person = values.pop("person", None) or actor.user
        assert isinstance(person, User)  # a program always comes with a key of somebody
        return delegate(person, actor=actor, **values)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """Back already: from now on only the person decides."""
        del pk
        end_delegation(self.get_object(), actor=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


router = SimpleRouter()
router.register("approval-requests", ApprovalRequestView, basename="approval-request")
router.register("approval-policies", PolicyView, basename="approval-policy")
router.register("delegations", DelegationView, basename="delegation")
