"""Sentences from other programs: taken, done once, answered with the run that does it."""

from collections.abc import Mapping
from typing import IO, Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from agents.models import Run
from agents.services import runs
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_parsing import NUL, BodyParser


class PlainText(BaseParser):
    """The body is the sentence."""

    media_type = "text/plain"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, str]:
        del media_type, parser_context
        try:
            text: str = stream.read().decode()
        except UnicodeDecodeError as error:
            raise ParseError("The text is not UTF-8.", code="bad_text") from error
        if NUL in text:
            raise ParseError("The text holds a NUL character.", code="bad_text")
        return {"text": text}


class InputShape(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=2000)
    message_id = serializers.CharField(
        max_length=100, required=False, help_text="The same message is done once, however often it comes."
    )


class InputTaken(serializers.Serializer[Any]):
    run_id = serializers.UUIDField()
    state = serializers.CharField()
    url = serializers.CharField(help_text="Where the run and its answer are read.")


class InputView(GenericViewSet[Any]):
    """Sentences that other programs send, through the same door as the command bar."""

    serializer_class = InputShape
    queryset = Run.objects.none()
    parser_classes = (BodyParser, PlainText)

    @extend_schema(
        request={"application/json": InputShape, "text/plain": {"type": "string", "minLength": 1}},
        responses={202: InputTaken},
        parameters=[OpenApiParameter("message_id", description="For plain text; the same is done once.")],
    )
    def create(self, request: Request) -> Response:
        """Do what a sentence says. What leaves the house waits for a word."""
        values = request.data if isinstance(request.data, dict) else {}
        known = request.query_params.get("message_id")
        given = InputShape(data={**values, **({"message_id": known} if known else {})})
        given.is_valid(raise_exception=True)
        message_id = given.validated_data.get("message_id", "")
        key = f"input {message_id}" if message_id else ""
        run = runs.submit(given.validated_data["text"], key=key, actor=actor_of(request))
        body = {"run_id": run.pk, "state": run.state, "url": f"/api/v1/runs/{run.pk}/"}
        return Response(body, status=status.HTTP_202_ACCEPTED)
