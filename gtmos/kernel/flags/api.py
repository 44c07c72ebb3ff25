"""Feature flags for programs."""

from typing import Any

from django.db.models import Model, QuerySet
from rest_framework import serializers
from rest_framework.routers import SimpleRouter

from gtmos.kernel.actors import Actor
from gtmos.kernel.api_records import Changes, Creates, RecordSerializer
from gtmos.kernel.flags.models import FeatureFlag
from gtmos.kernel.flags.selectors import visible_flags
from gtmos.kernel.flags.services.setting import set_flag

MOST = 1000


class FlagShape(RecordSerializer):
    """Whoever stands in any of these has the feature."""

    roles = serializers.ListField(child=serializers.CharField(max_length=20), required=False, max_length=MOST)
    teams = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=MOST)
    people = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=MOST)

    class Meta:
        model = FeatureFlag
        fields = (
            *("id", "created_at", "updated_at", "version", "key", "is_active", "share"),
            *("roles", "teams", "people"),
        )


class FlagView(Creates, Changes):
    """Who has what the code declares; without a row it is as the code came. Changing them needs `admin`."""

    write_scope = "admin"
    serializer_class = FlagShape

    def records(self, text: str, *, actor: Actor) -> QuerySet[FeatureFlag]:
        del text
        return visible_flags(actor=actor)

    def create_record(self, values: dict[str, Any], *, actor: Actor) -> Model:
        return set_flag(values.pop("key"), changes=values, actor=actor)

    def update_record(self, record: FeatureFlag, values: dict[str, Any], *, actor: Actor) -> Model:
        values.pop("key", None)
        return set_flag(record.key, changes=values, actor=actor)


router = SimpleRouter()
router.register("feature-flags", FlagView, basename="feature-flag")
