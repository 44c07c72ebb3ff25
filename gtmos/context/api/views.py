"""Products, for programs."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from gtmos.context.models import MessageTree, Product
from gtmos.context.selectors.messages import products
from gtmos.context.services.messages import create_product, update_product
from gtmos.kernel.actors import Actor
from gtmos.kernel.api_records import Changes, Creates, Filter, RecordSerializer


class TreeShape(serializers.ModelSerializer[MessageTree]):
    """The words that every message about the product is made from."""

    class Meta:
        model = MessageTree
        fields = ("founding_narrative", "headline", "value_props", "technical_specs", "call_to_action")
        read_only_fields = fields


class ProductShape(RecordSerializer):
    message_tree = TreeShape(read_only=True)

    class Meta:
        model = Product
        fields = ("id", "created_at", "updated_at", "version", "name", "description", "message_tree")


class ProductView(Creates, Changes):
    """What we sell."""

    serializer_class = ProductShape
    filters = {"name": Filter("name__iexact")}

    def records(self, text: str, *, actor: Actor) -> QuerySet[Product]:
        del text
        return products(actor=actor).select_related("message_tree")

    def create_record(self, values: dict[str, Any], *, actor: Actor) -> Product:
        return create_product(actor=actor, **values)

    def update_record(self, record: Product, values: dict[str, Any], *, actor: Actor) -> Product:
        return update_product(record, changes=values, actor=actor)
