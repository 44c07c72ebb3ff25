"""Companies, contacts and deals: found by anything, changed by the same verbs as on their pages."""

from typing import Any

from django.contrib import admin

from crm.models import Company, Contact, Deal, Objection
from crm.services import companies, contacts, deals, objections
from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk, ordered

COMPUTED = ("id", "version", "created_at", "updated_at")


@admin.register(Company)
class CompanyAdmin(Desk):
    list_display = ("name", "domain", "customer_state", "industry_vertical", "country_hq", "owner")
    list_filter = ("customer_state", "b2b_or_b2c")
    list_select_related = ("owner",)
    search_fields = ("name", "domain", "=external_id")
    autocomplete_fields = ("owner", "team", "parent")
    readonly_fields = ("customer_state", "momentum_score", "momentum_last_updated", *COMPUTED)
    fields = (*ordered(companies.EDITABLE - {"custom"}, Company), *readonly_fields)

    def create(self, values: dict[str, Any], *, actor: Actor) -> Company:
        return companies.create_company(values.pop("name"), actor=actor, **values)

    def change(self, record: Company, changes: dict[str, Any], *, actor: Actor) -> Company:
        return companies.update_company(record, changes=changes, actor=actor)


@admin.register(Contact)
class ContactAdmin(Desk):
    list_display = ("name", "email", "email_status", "title", "company", "do_not_email", "opted_out_at")
    list_filter = ("email_status", "seniority", "do_not_email")
    list_select_related = ("company",)
    search_fields = ("name", "email", "=external_id")
    autocomplete_fields = ("owner", "team", "company")
    readonly_fields = COMPUTED
    fields = (*ordered(contacts.EDITABLE - {"custom"}, Contact), *readonly_fields)

    def create(self, values: dict[str, Any], *, actor: Actor) -> Contact:
        return contacts.create_contact(actor=actor, **values)

    def change(self, record: Contact, changes: dict[str, Any], *, actor: Actor) -> Contact:
        return contacts.update_contact(record, changes=changes, actor=actor)


@admin.register(Deal)
class DealAdmin(Desk):
    """New deals are made on the pipeline page, which knows the stage to begin with."""

    list_display = (
        "deal_id",
        "name",
        "company",
        "stage",
        "deal_state",
        "deal_amount",
        "deal_amount_currency",
    )
    list_filter = ("deal_state", "stage", "deal_health")
    list_select_related = ("company", "stage")
    search_fields = ("name", "=deal_id", "=external_id", "company__name")
    autocomplete_fields = ("owner", "team", "company", "contact", "product", "stage", "next_step_owner")
    readonly_fields = ("deal_id", "deal_state", "stage_entered_at", "momentum_score", *COMPUTED)
    fields = ("stage", *ordered(deals.EDITABLE - {"custom"}, Deal), *readonly_fields)

    def change(self, record: Deal, changes: dict[str, Any], *, actor: Actor) -> Deal:
        return deals.update_deal(record, changes=changes, actor=actor)


@admin.register(Objection)
class ObjectionAdmin(Desk):
    list_display = ("category", "text", "outcome", "company", "deal", "raised_at")
    list_filter = ("category", "outcome")
    list_select_related = ("company", "deal")
    search_fields = ("text", "company__name", "deal__name")
    readonly_fields = ("deal", "company", "contact", "activity", *COMPUTED)
    fields = (*ordered(objections.EDITABLE, Objection), *readonly_fields)

    def change(self, record: Objection, changes: dict[str, Any], *, actor: Actor) -> Objection:
        return objections.update_objection(record, changes=changes, actor=actor)
