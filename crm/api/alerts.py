"""Alerts, and seeing to them, for programs."""

from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.enums import AlertKind, AlertState
from crm.models import Alert
from crm.selectors.alerts import visible_alerts
from crm.services.alerts import acknowledge_alert, finish_alert, reopen_alert
from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_records import Filter, RecordSerializer, RecordView, by_key, one_of


class AlertShape(RecordSerializer):
    class Meta:
        model = Alert
        fields = (
            "id",
            "created_at",
            "version",
            "kind",
            "what",
            "why",
            "state",
            "company_id",
            "contact_id",
            "deal_id",
            "activity_id",
            "owner_id",
            "decided_by_id",
            "decided_at",
        )
        read_only_fields = fields


class AlertView(RecordView):
    """What is worth knowing at once: a champion leaves, usage falls, a renewal is near, a customer says no
    or gives a low score.
    """

    serializer_class = AlertShape
    filters: ClassVar[dict[str, Filter]] = {
        "company_id": by_key("company_id"),
        "owner_id": by_key("owner_id"),
        "kind": one_of("kind", AlertKind.values),
        "state": one_of("state", AlertState.values),
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[Alert]:
        del text
        return visible_alerts(actor=actor)

    @extend_schema(request=None, responses=AlertShape)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str) -> Response:
        """Somebody sees to it."""
        del pk
        return self.answer(self.again(acknowledge_alert(self.get_object(), actor=actor_of(request))))

    @extend_schema(request=None, responses=AlertShape)
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, pk: str) -> Response:
        """It is done."""
        del pk
        return self.answer(self.again(finish_alert(self.get_object(), actor=actor_of(request))))

    @extend_schema(request=None, responses=AlertShape)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        del pk
        return self.answer(self.again(reopen_alert(self.get_object(), actor=actor_of(request))))
