"""Reading products and their words. Everybody here may know what we sell."""

from datetime import date

from django.db.models import QuerySet

from gtmos.context.models import Claim, MessageTree, Product
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotFoundError


def products(*, actor: Actor) -> QuerySet[Product]:
    return Product.objects.all() if actor.user or actor.is_system else Product.objects.none()


def find_product(name: str, *, actor: Actor) -> Product:
    product = products(actor=actor).filter(name__iexact=name.strip()).first()
    if product is None:
        raise NotFoundError(f"There is no product called {name}.", code="product_not_found")
    return product


def default_product(*, actor: Actor) -> Product | None:
    """The product with words to say about it, the oldest first."""
    known = products(actor=actor).order_by("created_at")
    return (
        known.exclude(message_tree__headline="").filter(message_tree__isnull=False).first() or known.first()
    )


def message_tree(product: Product) -> MessageTree:
    tree = MessageTree.objects.filter(product=product).select_related("product").first()
    return tree or MessageTree(product=product)


def usable_claims(tree: MessageTree, *, on: date) -> list[Claim]:
    """Claims that have evidence and have not expired; nothing else is said to anybody."""
    claims = Claim.objects.filter(tree=tree).exclude(evidence_url="")
    return [claim for claim in claims if claim.expires_on is None or claim.expires_on >= on]
