"""Who works here and in which team, for programs: the keys that owners and teams of records are set by."""

from typing import Any, ClassVar

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, QuerySet, Value
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.routers import SimpleRouter

from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_records import Changes, Creates, Filter, RecordSerializer, RecordView, link
from gtmos.kernel.people.models import Team, User
from gtmos.kernel.people.selectors import active_users, teams
from gtmos.kernel.people.team_services import change_team, found_team

MOST_MEMBERS = 1000


class UserShape(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("id", "created_at", "name", "email", "role", "time_zone")
        read_only_fields = fields


class UserView(RecordView):
    """Colleagues who can sign in. People are invited and changed on the page People."""

    serializer_class = UserShape
    filters: ClassVar[dict[str, Filter]] = {
        "email": Filter("email__iexact"),
        "role": Filter("role"),
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[User]:
        del text
        return active_users(actor=actor)


class TeamShape(RecordSerializer):
    member_ids = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=MOST_MEMBERS, help_text="Who is in it."
    )

    manager_id = link("manager", active_users, help_text="Who is asked where its people need a decision.")

    class Meta:
        model = Team
        fields = ("id", "created_at", "updated_at", "version", "name", "member_ids", "manager_id")

    def validate_member_ids(self, keys: list[Any]) -> list[User]:
        found = list(active_users(actor=actor_of(self.context["request"])).filter(pk__in=keys))
        if len(found) != len(set(keys)):
            raise ValidationError("There is no such colleague.")
        return found


class TeamView(Creates, Changes):
    """People who share what they own."""

    serializer_class = TeamShape
    filters: ClassVar[dict[str, Filter]] = {"name": Filter("name__iexact")}

    def records(self, text: str, *, actor: Actor) -> QuerySet[Team]:
        del text
        inside = Q(memberships__isnull=False)
        people = ArrayAgg(
            "memberships__user_id", filter=inside, order_by="memberships__created_at", default=Value([])
        )
        return teams(actor=actor).annotate(member_ids=people)

    def create_record(self, values: dict[str, Any], *, actor: Actor) -> Team:
        members, manager = values.get("member_ids", ()), values.get("manager")
        return found_team(values["name"], members=members, manager=manager, actor=actor)

    def update_record(self, record: Team, values: dict[str, Any], *, actor: Actor) -> Team:
        values = {"members" if name == "member_ids" else name: value for name, value in values.items()}
        return change_team(record, **values, actor=actor)


router = SimpleRouter()
router.register("users", UserView, basename="user")
router.register("teams", TeamView, basename="team")
