"""The shapes in which the customer record is read and written."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crm.enums import CustomerState
from crm.models import Activity, Company, Contact, Deal, Pipeline, Signal, Stage, Task
from crm.selectors.activities import visible_activities
from crm.selectors.committee import member
from crm.selectors.companies import visible_companies
from crm.selectors.contacts import visible_contacts
from crm.selectors.deals import pipelines, visible_deals
from crm.selectors.hierarchy import ancestors
from crm.services.usage import MOST_IN_A_BATCH
from gtmos.context.selectors.messages import products
from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_history import HistoryMixin
from gtmos.kernel.api_records import RecordSerializer, link
from gtmos.kernel.people.selectors import active_users, teams

BASE = ("id", "created_at", "updated_at", "version")
OWNED = (*BASE, "owner_id", "team_id")
NEWEST_ACTIVITIES = 20


class Named(serializers.Serializer[Any]):
    """Another record, by key and name."""

    id = serializers.UUIDField()
    name = serializers.CharField(source="__str__")


class Money(serializers.Serializer[Any]):
    amount = serializers.DecimalField(max_digits=20, decimal_places=2, allow_null=True)
    currency = serializers.CharField()


class OwnedSerializer(RecordSerializer):
    owner_id = link("owner", active_users)
    team_id = link("team", teams)


class CompanyShape(OwnedSerializer):
    """A company as a list shows it."""

    parent_id = link("parent", visible_companies)
    customer_state = serializers.ChoiceField(choices=CustomerState.choices, required=False)
    revenue = serializers.SerializerMethodField()
    made_of: ClassVar[dict[str, tuple[str, ...]]] = {"revenue": ("revenue_amount", "revenue_currency")}

    class Meta:
        model = Company
        fields: tuple[str, ...] = (
            *OWNED,
            "name",
            "domain",
            "external_id",
            "description",
            "industry_vertical",
            "sub_industry",
            "tags",
            "technologies",
            "b2b_or_b2c",
            "size",
            "website_url",
            "country_hq",
            "other_countries",
            "region",
            "city",
            "revenue",
            "revenue_amount",
            "revenue_currency",
            "employee_size",
            "parent_id",
            "customer_segment_label",
            "decision_country",
            "company_address",
            "company_legal_entity",
            "customer_state",
            "momentum_score",
            "momentum_last_updated",
            "product_fit_score",
            "funding_stage",
            "funded_on",
            "last_funding_amount",
            "last_funding_currency",
            "source",
            "dated_on",
            "custom",
        )
        read_only_fields = ("momentum_score", "momentum_last_updated")

    @extend_schema_field(Money)
    def get_revenue(self, company: Company) -> Any:
        return Money({"amount": company.revenue_amount, "currency": company.revenue_currency}).data


class CompanyDetail(HistoryMixin, CompanyShape):
    """A company with what stands around it."""

    child_companies = serializers.SerializerMethodField()
    primary_contact = serializers.SerializerMethodField()
    account_team = serializers.SerializerMethodField()
    company_hierarchy = serializers.SerializerMethodField()

    class Meta(CompanyShape.Meta):
        fields = (
            *CompanyShape.Meta.fields,
            "child_companies",
            "primary_contact",
            "account_team",
            "company_hierarchy",
            "change_history",
        )

    @extend_schema_field(Named(many=True))
    def get_child_companies(self, company: Company) -> Any:
        if getattr(company, "is_new", False):
            return []
        children = visible_companies(actor=actor_of(self.context["request"])).filter(parent=company)
        return Named(children, many=True).data

    @extend_schema_field(Named(many=True))
    def get_account_team(self, company: Company) -> Any:
        return [] if getattr(company, "is_new", False) else Named(company.account_team, many=True).data

    @extend_schema_field(Named(allow_null=True))
    def get_primary_contact(self, company: Company) -> Any:
        if getattr(company, "is_new", False):
            return None
        people = visible_contacts(actor=actor_of(self.context["request"]))
        found = people.filter(company=company, is_primary=True).first()
        return Named(found).data if found else None

    @extend_schema_field(Named(many=True))
    def get_company_hierarchy(self, company: Company) -> Any:
        """The companies above, the topmost first; one that the caller may not see ends the line."""
        line = ancestors(company, actor=actor_of(self.context["request"]))
        return Named(line, many=True).data


class ContactShape(OwnedSerializer):
    company_id = link("company", visible_companies)
    company_name = serializers.CharField(source="company.name", read_only=True, default=None, allow_null=True)
    authority_score = serializers.SerializerMethodField()

    class Meta:
        model = Contact
        fields: tuple[str, ...] = (
            *OWNED,
            "company_id",
            "company_name",
            "name",
            "first_name",
            "last_name",
            "external_id",
            "email",
            "email_status",
            "phone",
            "title",
            "department",
            "seniority",
            "influence_role",
            "is_primary",
            "authority_score",
            "authority_override",
            "lifecycle",
            "engagement_score",
            "last_contact_date",
            "linkedin_url",
            "city",
            "country",
            "time_zone",
            "language",
            "do_not_email",
            "do_not_call",
            "opted_out_at",
            "consent_basis",
            "consent_source",
            "consent_on",
            "paused_until",
            "source",
            "dated_on",
            "custom",
        )
        extra_kwargs = {"name": {"required": False}}

    def get_authority_score(self, contact: Contact) -> float:
        """From 0 to 1: how much the person decides, by role, seniority and title, or as entered."""
        return member(contact).authority_score


class ContactDetail(HistoryMixin, ContactShape):
    class Meta(ContactShape.Meta):
        fields = (*ContactShape.Meta.fields, "change_history")


class StageField(serializers.SlugRelatedField[Stage]):
    """The stage's key, in the pipeline of the deal."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="key", required=False, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")
        return data


def known_pipelines(*, actor: Actor) -> QuerySet[Pipeline]:
    del actor
    return pipelines()


class DealShape(OwnedSerializer):
    company_id = link("company", visible_companies)
    company_name = serializers.CharField(source="company.name", read_only=True, default=None, allow_null=True)
    contact_id = link("contact", visible_contacts)
    product_id = link("product", products)
    product_name = serializers.CharField(source="product.name", read_only=True, default=None, allow_null=True)
    pipeline_id = link("pipeline", known_pipelines, allow_null=False)
    stage = StageField(queryset=Stage.objects.all())
    next_step_owner_id = link("next_step_owner", active_users)

    class Meta:
        model = Deal
        fields: tuple[str, ...] = (
            *OWNED,
            "deal_id",
            "name",
            "external_id",
            "company_id",
            "company_name",
            "contact_id",
            "product_id",
            "product_name",
            "pipeline_id",
            "stage",
            "stage_entered_at",
            "deal_state",
            "deal_amount",
            "deal_amount_currency",
            "deal_payment_status",
            "deal_policy_state",
            "deal_health",
            "payment_frequency",
            "forecast_category",
            "acquisition_channel_source",
            "acquisition_campaign_source",
            "deal_start_date",
            "deal_end_date",
            "deal_expected_signing_date",
            "deal_signing_date",
            "next_step",
            "next_step_owner_id",
            "next_step_due_on",
            "lost_reason",
            "lost_note",
            "on_hold_reason",
            "momentum_score",
            "source",
            "custom",
        )
        read_only_fields = (
            *("deal_id", "deal_state", "deal_policy_state", "stage_entered_at", "on_hold_reason"),
            "momentum_score",
        )
        extra_kwargs = {"name": {"required": False}}


class ActivityShape(RecordSerializer):
    owner_id = serializers.UUIDField(read_only=True)
    team_id = serializers.UUIDField(read_only=True)
    company_id = link("company", visible_companies)
    contact_id = link("contact", visible_contacts)
    deal_id = link("deal", visible_deals)

    class Meta:
        model = Activity
        fields = (
            *OWNED,
            "type",
            "direction",
            "subject",
            "body",
            "company_id",
            "contact_id",
            "deal_id",
            "happened_at",
            "duration_minutes",
            "outcome",
            "is_untrusted",
        )


class DealDetail(HistoryMixin, DealShape):
    deal_activity = serializers.SerializerMethodField()

    class Meta(DealShape.Meta):
        fields = (*DealShape.Meta.fields, "deal_activity", "change_history")

    @extend_schema_field(ActivityShape(many=True))
    def get_deal_activity(self, deal: Deal) -> Any:
        """The newest activities around the deal."""
        activities = visible_activities(actor=actor_of(self.context["request"])).filter(deal=deal)
        return ActivityShape(activities[:NEWEST_ACTIVITIES], many=True, context=self.context).data


class TaskShape(RecordSerializer):
    owner_id = link("owner", active_users)
    team_id = serializers.UUIDField(read_only=True)
    company_id = link("company", visible_companies)
    contact_id = link("contact", visible_contacts)
    deal_id = link("deal", visible_deals)

    class Meta:
        model = Task
        fields = (*OWNED, "title", "note", "due_at", "done_at", "company_id", "contact_id", "deal_id")
        read_only_fields = ("done_at",)


class SignalShape(RecordSerializer):
    company_id = link("company", visible_companies, required=True, allow_null=False)
    company_name = serializers.CharField(source="company.name", read_only=True)
    contact_id = link("contact", visible_contacts)

    class Meta:
        model = Signal
        fields = (
            *BASE,
            "company_id",
            "company_name",
            "contact_id",
            "type",
            "detail",
            "source",
            "url",
            "occurred_on",
        )


class SignalBatch(serializers.Serializer[Any]):
    signals = serializers.ListField(child=SignalShape(), max_length=MOST_IN_A_BATCH, allow_empty=False)


class Recorded(serializers.Serializer[Any]):
    recorded = serializers.IntegerField(help_text="How many were new.")
    known = serializers.IntegerField(help_text="How many were there already.")
