"""What colleagues say to one another about a record, for programs."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.selectors.conversations import conversation
from crm.services.conversations import LONGEST, post_message
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_records import RecordView


class MessageShape(serializers.Serializer[Any]):
    id = serializers.UUIDField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    author_id = serializers.UUIDField(read_only=True, allow_null=True)
    text = serializers.CharField(max_length=LONGEST)


class MessagesShape(serializers.Serializer[Any]):
    """The newest fifty, the oldest of them first; `unread` are those of others since the caller last looked."""

    results = MessageShape(many=True)
    unread = serializers.IntegerField()
    has_earlier = serializers.BooleanField()


class WithMessages(RecordView):
    """Adds `/{id}/messages/`."""

    @extend_schema(responses=MessagesShape, parameters=[], filters=False)
    @action(detail=True, methods=["get"], pagination_class=None, filters={}, searches=False, compares=False)
    def messages(self, request: Request, pk: str) -> Response:
        """What colleagues said about this record. Customers never see it."""
        del pk
        found = conversation(self.get_object(), actor=actor_of(request))
        results = MessageShape(found.messages, many=True).data
        return Response({"results": results, "unread": found.unread, "has_earlier": found.has_earlier})

    @extend_schema(request=MessageShape, responses={201: MessageShape})
    @messages.mapping.post
    def post_message(self, request: Request, pk: str) -> Response:
        """Say something to whoever may see this record; @ and a name tells a colleague."""
        del pk
        given = MessageShape(data=request.data)
        given.is_valid(raise_exception=True)
        made = post_message(self.get_object(), text=given.validated_data["text"], actor=actor_of(request))
        return Response(MessageShape(made).data, status=status.HTTP_201_CREATED)
