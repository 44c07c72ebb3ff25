"""Products and the words about them that every message is made from."""

from datetime import date
from typing import Any

from django.db import transaction

from gtmos.context.events import MessageTreeChanged, ProductCreated
from gtmos.context.models import Claim, MessageTree, Product
from gtmos.kernel import events, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes

TREE_FIELDS = frozenset(
    {"founding_narrative", "headline", "value_props", "technical_specs", "call_to_action"}
)
PRODUCT_FIELDS = frozenset({"name", "description"})
MOST_VALUE_PROPS = 5


@transaction.atomic
def create_product(name: str, *, actor: Actor, description: str = "") -> Product:
    """Add a product with an empty message tree; the one of that name is returned when it is there."""
    require(actor, "context.edit_product")
    if not name.strip():
        raise InvalidInputError("A product needs a name.", code="name_missing")
    product, is_new = Product.objects.get_or_create(name=name.strip(), defaults={"description": description})
    if is_new:
        MessageTree.objects.create(product=product)
        history.record_creation(product, actor=actor)
        events.publish(ProductCreated(product_id=product.pk), subject=product, actor=actor)
    return product


@transaction.atomic
def update_product(product: Product, *, changes: dict[str, Any], actor: Actor) -> Product:
    """Change the name or the description."""
    require(actor, "context.edit_product", product)
    unknown = sorted(set(changes) - PRODUCT_FIELDS)
    if unknown:
        raise InvalidInputError(f"A product has no {', '.join(unknown)}.", code="unknown_field")
    if "name" in changes:
        _refuse_taken(product, str(changes["name"]).strip())
    product = Product.objects.select_for_update().get(pk=product.pk)
    before = history.changed_values(product, changes)
    for name, value in changes.items():
        setattr(product, name, value.strip())
    if history.record(
        product,
        before=before,
        after=history.changed_values(product, changes),
        actor=actor,
        category="PRODUCT",
    ):
        save_changes(product, *changes)
    return product


def _refuse_taken(product: Product, name: str) -> None:
    if not name:
        raise InvalidInputError("A product needs a name.", code="name_missing")
    if Product.objects.filter(name=name).exclude(pk=product.pk).exists():
        raise InvalidInputError(f"There is a product called {name} already.", code="name_taken")


@transaction.atomic
def update_message_tree(product: Product, *, changes: dict[str, Any], actor: Actor) -> MessageTree:
    require(actor, "context.edit_message_tree", product)
    _check(changes)
    MessageTree.objects.get_or_create(product=product)
    tree = MessageTree.objects.select_for_update().get(product=product)
    before = history.changed_values(tree, changes)
    for name, value in changes.items():
        setattr(tree, name, value)
    save_changes(tree, *changes)
    noted = history.record(tree, before=before, after=changes, actor=actor, category="MESSAGE_TREE")
    if noted:
        events.publish(
            MessageTreeChanged(product_id=product.pk, fields=tuple(noted.changed_fields)),
            subject=tree,
            actor=actor,
        )
    return tree


def _check(changes: dict[str, Any]) -> None:
    unknown = sorted(set(changes) - TREE_FIELDS)
    if unknown:
        raise InvalidInputError(f"A message tree has no {', '.join(unknown)}.", code="unknown_field")
    props = changes.get("value_props", [])
    if not isinstance(props, list) or any(not isinstance(text, str) or not text.strip() for text in props):
        raise InvalidInputError("Value props are a list of sentences.", code="bad_value_props")
    if len(props) > MOST_VALUE_PROPS:
        raise InvalidInputError(f"At most {MOST_VALUE_PROPS} value props.", code="too_many_value_props")


@transaction.atomic
def add_claim(
    product: Product,
    *,
    text: str,
    kind: str,
    actor: Actor,
    evidence_url: str = "",
    expires_on: date | None = None,
    may_name_publicly: bool = False,
) -> Claim:
    """Add something we say about a product; the same text again changes its evidence."""
    require(actor, "context.edit_message_tree", product)
    if kind not in Claim.Kind.values or not text.strip():
        raise InvalidInputError("A claim needs a text and a known kind.", code="bad_claim")
    tree, _ = MessageTree.objects.get_or_create(product=product)
    claim, is_new = Claim.objects.update_or_create(
        tree=tree,
        text=text.strip(),
        defaults={
            "kind": kind,
            "evidence_url": evidence_url,
            "expires_on": expires_on,
            "may_name_publicly": may_name_publicly,
        },
    )
    if is_new:
        history.record_creation(claim, actor=actor)
    return claim
