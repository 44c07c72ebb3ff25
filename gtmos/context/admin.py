"""What the company says about itself, at the RevOps desk. Every change goes through the same services as elsewhere."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from gtmos.context.models import Assumption, Claim, Evidence, MessageTree, Organisation, Product
from gtmos.context.services.messages import add_claim, create_product, update_message_tree, update_product
from gtmos.context.services.organisation import update_organisation
from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk, ReadOnlyInline
from gtmos.kernel.exceptions import InvalidInputError


@admin.register(Organisation)
class OrganisationAdmin(Desk):
    says = "The company that uses this product: it stands in the foot of mails and at the start of reports."
    helps: ClassVar = {
        "name": "As customers know it.",
        "domain": "Addresses of this domain are colleagues, never customers.",
        "time_zone": "Business days and hours of the house, such as Europe/Berlin.",
        "currency": "Three letters; sums of several currencies are shown in it.",
    }
    told_apart_by = ("id",)  # there is one
    columns = ("id", "time_zone", "currency")  # name and addresses are those of one house
    list_display = ("name", "domain", "postal_address", "time_zone", "currency")
    fields = ("name", "domain", "postal_address", "time_zone", "currency")

    def create(self, values: dict[str, Any], *, actor: Actor) -> Organisation:
        if values.pop("id", 1) != 1:
            raise InvalidInputError(
                "There is one organisation, and its number is 1.", code="other_organisation"
            )
        return update_organisation(changes=values, actor=actor)

    def change(self, record: Organisation, changes: dict[str, Any], *, actor: Actor) -> Organisation:
        del record
        return update_organisation(changes=changes, actor=actor)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one."""
        return super().has_add_permission(request) and not Organisation.objects.exists()


@admin.register(Product)
class ProductAdmin(Desk):
    says = "What is sold. Each product has its own messages."
    helps: ClassVar = {
        "name": "As customers know it.",
        "description": "In two sentences: what it is and for whom.",
    }
    list_display = ("name", "created_at")
    search_fields = ("name",)
    fields = ("name", "description")

    def create(self, values: dict[str, Any], *, actor: Actor) -> Product:
        return create_product(actor=actor, **values)

    def change(self, record: Product, changes: dict[str, Any], *, actor: Actor) -> Product:
        return update_product(record, changes=changes, actor=actor)


@admin.register(MessageTree)
class MessageTreeAdmin(Desk):
    """Every product has one from the start."""

    says = "What is said about a product, from the headline to the small print. Drafts take their words from here."
    helps: ClassVar = {
        "value_props": "One on each line.",
        "technical_specs": "What experts ask for.",
    }
    list_display = ("product", "headline", "call_to_action", "updated_at")
    list_select_related = ("product",)
    search_fields = ("product__name", "headline")
    fields = ("product", "headline", "value_props", "call_to_action", "founding_narrative", "technical_specs")
    readonly_fields = ("product",)

    def change(self, record: MessageTree, changes: dict[str, Any], *, actor: Actor) -> MessageTree:
        return update_message_tree(record.product, changes=changes, actor=actor)


@admin.register(Claim)
class ClaimAdmin(Desk):
    """Another text is another claim, so none is changed."""

    says = "Statements that drafts may use, each with what proves it. Another text is another claim."
    helps: ClassVar = {
        "tree": "The product it is about.",
        "kind": "What sort of statement it is.",
        "text": "Word for word as it may be used.",
        "evidence_url": "Where a reader finds the proof.",
        "expires_on": "From this day on drafts use it no more.",
    }
    list_display = ("text", "kind", "evidence_url", "expires_on", "may_name_publicly")
    list_filter = ("kind",)
    search_fields = ("text", "tree__product__name")
    autocomplete_fields = ("tree",)
    fields = ("tree", "kind", "text", "evidence_url", "expires_on", "may_name_publicly")

    def create(self, values: dict[str, Any], *, actor: Actor) -> Claim:
        return add_claim(values.pop("tree").product, actor=actor, **values)


class EvidenceInline(ReadOnlyInline):
    model = Evidence
    fields = ("text", "supports", "weight", "confidence_before", "confidence_after", "created_at")


@admin.register(Assumption)
class AssumptionAdmin(Desk):
    """Confidence is computed from evidence and never typed."""

    list_display = ("code", "statement", "status", "confidence", "confidence_low", "confidence_high")
    list_filter = ("status",)
    search_fields = ("=code", "statement")
    inlines = (EvidenceInline,)


@admin.register(Evidence)
class EvidenceAdmin(Desk):
    list_display = ("text", "assumption", "supports", "weight", "confidence_before", "confidence_after")
    list_filter = ("supports",)
    list_select_related = ("assumption",)
    search_fields = ("text", "=assumption__code")
