"""What the company says about itself, at the RevOps desk. Every change goes through the same services as elsewhere."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from gtmos.context.models import Assumption, Claim, Evidence, MessageTree, Organisation, Product
from gtmos.context.services.messages import TREE_FIELDS, add_claim, create_product, update_message_tree
from gtmos.context.services.organisation import update_organisation
from gtmos.kernel.actors import Actor


def _actor(request: HttpRequest) -> Actor:
    return Actor.of(request.user, source="admin")


def _changed(form: forms.ModelForm[Any]) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in form.changed_data}


class NothingIsDeleted:
    """Other records refer to it."""

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        del request, obj
        return False


@admin.register(Organisation)
class OrganisationAdmin(NothingIsDeleted, ModelAdmin):
    list_display = ("name", "domain", "postal_address", "time_zone", "currency")
    fields = ("name", "domain", "postal_address", "time_zone", "currency")

    def save_model(
        self,
        request: HttpRequest,
        obj: Organisation,
        form: forms.ModelForm[Any],
        change: bool,  # noqa: FBT001 -- the framework's signature
    ) -> None:
        del obj, change
        update_organisation(changes=_changed(form), actor=_actor(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not Organisation.objects.exists()


@admin.register(Product)
class ProductAdmin(NothingIsDeleted, ModelAdmin):
    list_display = ("name", "created_at")
    search_fields = ("name",)
    fields = ("name", "description")

    def save_model(
        self,
        request: HttpRequest,
        obj: Product,
        form: forms.ModelForm[Any],
        change: bool,  # noqa: FBT001 -- the framework's signature
    ) -> None:
        del change
        made = create_product(
            form.cleaned_data["name"], description=form.cleaned_data["description"], actor=_actor(request)
        )
        obj.pk = made.pk

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Its words are in the message tree; its name stands in deals and mails."""
        del request, obj
        return False


@admin.register(MessageTree)
class MessageTreeAdmin(NothingIsDeleted, ModelAdmin):
    list_display = ("product", "headline", "call_to_action", "updated_at")
    list_select_related = ("product",)
    fields = ("product", "headline", "value_props", "call_to_action", "founding_narrative", "technical_specs")
    readonly_fields = ("product",)

    def save_model(
        self,
        request: HttpRequest,
        obj: MessageTree,
        form: forms.ModelForm[Any],
        change: bool,  # noqa: FBT001 -- the framework's signature
    ) -> None:
        del change
        changes = {name: value for name, value in _changed(form).items() if name in TREE_FIELDS}
        update_message_tree(obj.product, changes=changes, actor=_actor(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Every product has one from the start."""
        del request
        return False


@admin.register(Claim)
class ClaimAdmin(NothingIsDeleted, ModelAdmin):
    list_display = ("text", "kind", "evidence_url", "expires_on", "may_name_publicly")
    list_filter = ("kind",)
    fields = ("tree", "kind", "text", "evidence_url", "expires_on", "may_name_publicly")

    def save_model(
        self,
        request: HttpRequest,
        obj: Claim,
        form: forms.ModelForm[Any],
        change: bool,  # noqa: FBT001 -- the framework's signature
    ) -> None:
        del change
        given = dict(form.cleaned_data)
        made = add_claim(given.pop("tree").product, **given, actor=_actor(request))
        obj.pk = made.pk

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Another text is another claim."""
        del request, obj
        return False


class EvidenceInline(TabularInline):
    model = Evidence
    fields = ("text", "supports", "weight", "confidence_before", "confidence_after", "created_at")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        del request, obj
        return False


@admin.register(Assumption)
class AssumptionAdmin(NothingIsDeleted, ModelAdmin):
    """Confidence is computed from evidence and never typed."""

    list_display = ("code", "statement", "status", "confidence", "confidence_low", "confidence_high")
    list_filter = ("status",)
    inlines = (EvidenceInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        del request, obj
        return False
