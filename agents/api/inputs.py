"""Sentences from other programs: taken, done once, answered with the run that does it."""

from collections.abc import Mapping
from typing import IO, Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ParseError, Throttled
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from agents.enums import InputState
from agents.intake import HANDLERS, UnreadableError, read
from agents.models import Input
from agents.selectors.inputs import my_inputs
from agents.services.inputs import RETRY_AFTER_SECONDS, TooManyWaitingError, receive
from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_parsing import NUL, BodyParser
from gtmos.kernel.api_records import Filter, RecordView, one_of
from gtmos.kernel.exceptions import InvalidInputError


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


class InputBody(serializers.Serializer[Any]):
    """Both versions: flat with `message_id`, or `id`, `type` and `data`."""

    text = serializers.CharField(
        max_length=2000, required=False, help_text="A sentence, as one would type it."
    )
    message_id = serializers.CharField(
        max_length=100, required=False, help_text="The same message is done once, however often it comes."
    )
    version = serializers.ChoiceField(choices=[1, 2], required=False)
    type = serializers.CharField(
        max_length=40,
        required=False,
        help_text=f"One of {', '.join(sorted(HANDLERS))}; a sentence by default.",
    )
    id = serializers.CharField(max_length=100, required=False, help_text="The message id of version 2.")
    data = serializers.DictField(required=False, help_text="The values of version 2.")  # type: ignore[assignment]  # the name in the message


class InputTaken(serializers.Serializer[Any]):
    input_id = serializers.UUIDField()
    run_id = serializers.UUIDField(
        help_text="The run of a sentence has this key as soon as its turn has come."
    )
    state = serializers.CharField()
    url = serializers.CharField(
        help_text="Where the run and its answer are read, or the input that still waits."
    )


class InputShape(serializers.ModelSerializer[Input]):
    run_id = serializers.UUIDField(read_only=True, allow_null=True)
    suggestion_id = serializers.UUIDField(read_only=True, allow_null=True)

    class Meta:
        model = Input
        fields: tuple[str, ...] = (
            *("id", "created_at", "channel", "message_id", "kind", "handler", "format_version", "text"),
            *("state", "attempts", "error", "finished_at", "run_id", "suggestion_id"),
        )
        read_only_fields: tuple[str, ...] = fields


class InputView(RecordView):
    """What other programs send to be done: one queue for each sender, in order, each message once."""

    serializer_class = InputShape
    parser_classes = (BodyParser, PlainText)
    filters: ClassVar[dict[str, Filter]] = {"state": one_of("state", InputState.values)}

    def records(self, text: str, *, actor: Actor) -> QuerySet[Input]:
        del text
        return my_inputs(actor=actor)

    @extend_schema(
        request={"application/json": InputBody, "text/plain": {"type": "string", "minLength": 1}},
        responses={202: InputTaken},
        parameters=[OpenApiParameter("message_id", description="For plain text; the same is done once.")],
    )
    def create(self, request: Request) -> Response:
        """Do what a sentence says, or store what happened. What leaves the house waits for a word."""
        values = request.data if isinstance(request.data, dict) else {}
        known = request.query_params.get("message_id")
        channel = "post" if (request.content_type or "").startswith("text/plain") else "api"
        taken = _received({**values, **({"message_id": known} if known else {})}, channel, actor_of(request))
        run = taken.run
        body = {
            "input_id": taken.pk,
            "run_id": run.pk if run else taken.pk,
            "state": run.state if run else taken.state,
            "url": f"/api/v1/runs/{run.pk}/" if run else f"/api/v1/inputs/{taken.pk}/",
        }
        return Response(body, status=status.HTTP_202_ACCEPTED)


def _received(values: dict[str, Any], channel: str, actor: Actor) -> Input:
    given = InputBody(data={name: each for name, each in values.items() if name in InputBody().fields})
    given.is_valid(raise_exception=True)
    try:
        return receive(read({**values, **given.validated_data}), channel=channel, actor=actor)
    except UnreadableError as error:
        raise InvalidInputError(str(error), code="unknown_input") from error
    except TooManyWaitingError as error:
        raise Throttled(RETRY_AFTER_SECONDS, error.message) from error
