"""Saved views for programs: which there are, and keeping, sharing and deleting them."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.routers import SimpleRouter

from gtmos.kernel.actors import Actor
from gtmos.kernel.api_records import Changes, Creates, Deletes, Filter, RecordSerializer, by_key, link, one_of
from gtmos.kernel.lists.models import SavedView, Sharing
from gtmos.kernel.lists.selectors import visible_views
from gtmos.kernel.lists.services.views import MOST_COLUMNS, create_view, delete_view, update_view
from gtmos.kernel.people.selectors import teams


class SavedViewShape(RecordSerializer):
    """`where` is in the language of filters: `customer_state:is:using,employee_size:at_least:200`."""

    owner_id = serializers.UUIDField(read_only=True)
    team_id = link("team", teams)
    columns = serializers.ListField(
        child=serializers.CharField(max_length=90), required=False, max_length=MOST_COLUMNS
    )

    class Meta:
        model = SavedView
        fields = (
            *("id", "created_at", "updated_at", "version", "noun", "name", "owner_id", "shared", "team_id"),
            *("where", "text", "columns", "order", "layout", "board"),
        )


class SavedViewView(Creates, Changes, Deletes):
    """Lists that people keep under a name: one's own, and those that are shared with one."""

    serializer_class = SavedViewShape
    filters: ClassVar[dict[str, Filter]] = {
        "noun": Filter("noun"),
        "shared": one_of("shared", Sharing.values),
        "owner_id": by_key("owner_id"),
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[SavedView]:
        del text
        return visible_views(actor=actor)

    def create_record(self, values: dict[str, Any], *, actor: Actor) -> SavedView:
        return create_view(values.pop("noun"), values.pop("name"), actor=actor, **values)

    def update_record(self, record: SavedView, values: dict[str, Any], *, actor: Actor) -> SavedView:
        return update_view(record, changes=values, actor=actor)

    def delete_record(self, record: SavedView, *, actor: Actor) -> None:
        delete_view(record, actor=actor)


router = SimpleRouter()
router.register("saved-views", SavedViewView, basename="saved-view")
