"""Meetings, and the mentions of whoever asks, for programs."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.calendar import MovesByDay
from crm.enums import MeetingState
from crm.models import Meeting, Mention
from crm.selectors.companies import visible_companies
from crm.selectors.contacts import visible_contacts
from crm.selectors.deals import visible_deals
from crm.selectors.mentions import visible_mentions
from crm.selectors.visibility import visible_meetings
from crm.services.calendar import move_meeting
from crm.services.meetings import (
    cancel_meeting,
    complete_meeting,
    mark_no_show,
    plan_meeting,
    update_meeting,
)
from crm.services.mentions import read_mention
from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_records import (
    Changes,
    Creates,
    Filter,
    RecordSerializer,
    RecordView,
    VisibleField,
    by_key,
    link,
    one_of,
)
from gtmos.kernel.people.selectors import active_users

BASE = ("id", "created_at", "updated_at", "version")


class AttendeeShape(serializers.Serializer[Any]):
    """One of the two keys is there."""

    contact_id = serializers.UUIDField(allow_null=True)
    user_id = serializers.UUIDField(allow_null=True)


class MeetingShape(RecordSerializer):
    owner_id = serializers.UUIDField(read_only=True)
    company_id = link("company", visible_companies)
    deal_id = link("deal", visible_deals)
    state = serializers.ChoiceField(choices=MeetingState.choices, read_only=True)
    attendees = AttendeeShape(many=True, read_only=True)
    contact_ids = serializers.ListField(
        child=VisibleField(records=visible_contacts, allow_null=False),
        write_only=True,
        required=False,
        max_length=100,
        source="contacts",
    )
    user_ids = serializers.ListField(
        child=VisibleField(records=active_users, allow_null=False),
        write_only=True,
        required=False,
        max_length=100,
        source="users",
    )

    class Meta:
        model = Meeting
        fields = (
            *BASE,
            "owner_id",
            "title",
            "starts_at",
            "ends_at",
            "place",
            "link",
            "agenda",
            "outcome",
            "state",
            "company_id",
            "deal_id",
            "attendees",
            "contact_ids",
            "user_ids",
        )
        read_only_fields = ("outcome",)


class OutcomeShape(serializers.Serializer[Any]):
    outcome = serializers.CharField(required=False, default="", allow_blank=True, max_length=5000)


class MeetingView(MovesByDay, Creates, Changes):
    """Meetings, planned, held, missed or cancelled."""

    move_record = staticmethod(move_meeting)

    serializer_class = MeetingShape
    filters: ClassVar[dict[str, Filter]] = {
        "company_id": by_key("company_id"),
        "deal_id": by_key("deal_id"),
        "contact_id": by_key("attendees__contact_id"),
        "state": one_of("state", MeetingState.values),
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[Meeting]:
        del text
        return visible_meetings(actor=actor).prefetch_related("attendees")

    def create_record(self, values: dict[str, Any], *, actor: Actor) -> Meeting:
        return plan_meeting(actor=actor, **values)

    def update_record(self, record: Meeting, values: dict[str, Any], *, actor: Actor) -> Meeting:
        contacts, users = values.pop("contacts", None), values.pop("users", None)
        return update_meeting(record, changes=values, contacts=contacts, users=users, actor=actor)

    @extend_schema(request=OutcomeShape, responses=MeetingShape)
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, pk: str) -> Response:
        """It was held."""
        del pk
        return self._closed(request, complete_meeting)

    @extend_schema(request=OutcomeShape, responses=MeetingShape)
    @action(detail=True, methods=["post"], url_path="no-show")
    def no_show(self, request: Request, pk: str) -> Response:
        """Nobody came."""
        del pk
        return self._closed(request, mark_no_show)

    @extend_schema(request=OutcomeShape, responses=MeetingShape)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        del pk
        return self._closed(request, cancel_meeting)

    def _closed(self, request: Request, verb: Any) -> Response:
        given = OutcomeShape(data=request.data)
        given.is_valid(raise_exception=True)
        done = verb(self.get_object(), actor=actor_of(request), **given.validated_data)
        return self.answer(self.again(done))


class MentionShape(RecordSerializer):
    activity_id = serializers.UUIDField(read_only=True)
    said_by_id = serializers.UUIDField(read_only=True, allow_null=True)
    subject = serializers.CharField(source="activity.subject", read_only=True)

    class Meta:
        model = Mention
        fields = ("id", "created_at", "activity_id", "subject", "said_by_id", "read_at")
        read_only_fields = fields


class MentionView(RecordView):
    """Where the caller was named in a note."""

    serializer_class = MentionShape

    def records(self, text: str, *, actor: Actor) -> QuerySet[Mention]:
        del text
        return visible_mentions(actor=actor)

    @extend_schema(request=None, responses=MentionShape)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str) -> Response:
        del pk
        return self.answer(read_mention(self.get_object(), actor=actor_of(request)))
