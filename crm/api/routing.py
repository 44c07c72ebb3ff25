"""Rules of routing and what they would have done, for programs."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.enums import RoutingState, RoutingTarget
from crm.models import RoutingVersion
from crm.selectors.routing import visible_routing
from crm.selectors.routing_trials import Trial, Tried
from crm.services.routing import MOST_LEADS, simulate_routing
from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_records import Filter, RecordSerializer, RecordView, one_of
from gtmos.kernel.rules.conditions import OPERATORS


class RoutingConditionShape(serializers.Serializer[Any]):
    field = serializers.CharField(
        help_text="A column, custom.key, or company.column in a rule about a contact."
    )
    operator = serializers.ChoiceField(choices=list(OPERATORS.items()))
    value = serializers.CharField(allow_blank=True)


class RoutingRuleShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    about = serializers.ChoiceField(choices=("company", "contact"))
    conditions = RoutingConditionShape(many=True)
    target = serializers.ChoiceField(choices=RoutingTarget.choices)
    to = serializers.CharField(allow_blank=True, help_text="The id of the person or the team.")


class RoutingShape(RecordSerializer):
    rules = RoutingRuleShape(many=True, read_only=True)
    state = serializers.ChoiceField(choices=RoutingState.choices, read_only=True)

    class Meta:
        model = RoutingVersion
        fields = (
            "id",
            "created_at",
            "updated_at",
            "version",
            "number",
            "note",
            "state",
            "activated_at",
            "rules",
        )
        read_only_fields = fields


class RoutingTrialOrder(serializers.Serializer[Any]):
    leads = serializers.IntegerField(min_value=1, max_value=MOST_LEADS, default=100)


class RoutedShape(serializers.Serializer[Tried]):
    about = serializers.ChoiceField(source="kind", choices=("company", "contact"))
    id = serializers.UUIDField(source="record.pk")
    name = serializers.CharField(source="record.__str__")
    owner_now = serializers.CharField(source="now")
    owner_after = serializers.CharField(source="after")
    rule = serializers.CharField(source="given.rule")
    why = serializers.CharField(source="given.why")


class RoutingPersonShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    now = serializers.IntegerField()
    after = serializers.IntegerField()


class RoutingTrialShape(serializers.Serializer[Trial]):
    count = serializers.IntegerField()
    fitting = serializers.IntegerField()
    people = serializers.SerializerMethodField()
    rows = RoutedShape(many=True)

    @extend_schema_field(RoutingPersonShape(many=True))
    def get_people(self, trial: Trial) -> list[dict[str, Any]]:
        return [{"name": name, "now": now, "after": after} for name, now, after in trial.people]


class RoutingView(RecordView):
    """Versions of the rules that say who gets what comes in. They are written and activated on their page."""

    serializer_class = RoutingShape
    filters: ClassVar[dict[str, Filter]] = {"state": one_of("state", RoutingState.values)}

    def records(self, text: str, *, actor: Actor) -> QuerySet[RoutingVersion]:
        del text
        return visible_routing(actor=actor)

    @extend_schema(request=RoutingTrialOrder, responses=RoutingTrialShape)
    @action(detail=True, methods=["post"])
    def simulate(self, request: Request, pk: str) -> Response:
        """Who would have got the companies and people that came in last. Nothing is changed."""
        del pk
        given = RoutingTrialOrder(data=request.data)
        given.is_valid(raise_exception=True)
        trial = simulate_routing(self.get_object(), actor=actor_of(request), **given.validated_data)
        return Response(RoutingTrialShape(trial).data)
