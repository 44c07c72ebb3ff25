"""Tasks and meetings moved to another day, for programs: the hour and the length stay."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from gtmos.kernel.api import actor_of
from gtmos.kernel.api_records import RecordView


class DayShape(serializers.Serializer[Any]):
    day = serializers.DateField(help_text="By the clock of the caller.")


class MovesByDay(RecordView):
    """POST …/move/ with a day."""

    move_record: Callable[..., Any]

    @extend_schema(request=DayShape)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """To another day, as the calendar does it."""
        del pk
        given = DayShape(data=request.data)
        given.is_valid(raise_exception=True)
        day: date = given.validated_data["day"]
        moved = type(self).move_record(
            self.get_object(),
            day,
            zone=timezone.get_current_timezone(),
            actor=actor_of(request),
        )
        return self.answer(self.again(moved))
