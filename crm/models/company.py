"""The account: one row per company, found by its domain, or by name and city where there is none."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from crm.enums import BusinessModel, CustomerState
from gtmos.kernel.fsm import StateField, StateMixin, transition
from gtmos.kernel.records import OwnedRecord

S = CustomerState


class Company(StateMixin, OwnedRecord):
    """A company we sell to, might sell to, or sold to."""

    name = models.CharField(max_length=255)
    name_key = models.CharField(
        max_length=255, editable=False, help_text="The name without case, accents and legal form."
    )
    city_key = models.CharField(max_length=120, blank=True, editable=False)
    domain = models.CharField(max_length=253, blank=True)
    external_id = models.CharField(max_length=120, blank=True, help_text="Its key where it came from.")
    external_source = models.CharField(
        max_length=40, blank=True, editable=False, help_text="The system whose key it is."
    )
    description = models.TextField(blank=True)
    industry_vertical = models.CharField(max_length=120, blank=True)
    sub_industry = models.CharField(max_length=160, blank=True)
    tags = models.JSONField(default=list, blank=True)
    technologies = models.JSONField(default=list, blank=True)
    b2b_or_b2c = models.CharField(max_length=4, choices=BusinessModel.choices, blank=True)
    size = models.CharField(max_length=40, blank=True, help_text="A size class, where no number is known.")
    website_url = models.CharField(max_length=500, blank=True)
    country_hq = models.CharField(max_length=2, blank=True, help_text="ISO 3166 code, two letters.")
    other_countries = models.JSONField(default=list, blank=True)
    region = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=120, blank=True)
    revenue_amount = models.DecimalField(max_digits=20, decimal_places=2, null=True, blank=True)
    revenue_currency = models.CharField(max_length=3, blank=True)
    employee_size = models.PositiveIntegerField(null=True, blank=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="child_companies"
    )
    customer_segment_label = models.CharField(max_length=80, blank=True)
    account_team = models.ManyToManyField(
        "kernel.User", blank=True, related_name="accounts", through="crm.AccountTeamMember"
    )
    territory = models.ForeignKey(
        "kernel.Territory",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="companies",
        db_index=False,  # the index below holds only companies that are in one
    )
    decision_country = models.CharField(max_length=2, blank=True)
    company_address = models.TextField(blank=True)
    company_legal_entity = models.CharField(max_length=255, blank=True)
    customer_state = StateField(choices=S.choices, default=S.DORMANT)
    momentum_score = models.FloatField(null=True, blank=True)
    momentum_last_updated = models.DateTimeField(null=True, blank=True)
    product_fit_score = models.FloatField(null=True, blank=True)
    funding_stage = models.CharField(max_length=40, blank=True)
    funded_on = models.DateField(null=True, blank=True)
    last_funding_amount = models.DecimalField(max_digits=20, decimal_places=2, null=True, blank=True)
    last_funding_currency = models.CharField(max_length=3, blank=True)
    source = models.CharField(max_length=120, blank=True, help_text="Where the newest values came from.")
    dated_on = models.DateField(null=True, blank=True, help_text="The date of the newest source row.")
    custom = models.JSONField(default=dict, blank=True, help_text="Values for which there is no column yet.")
    search_text = models.TextField(blank=True, editable=False)
    search = models.GeneratedField(
        expression=SearchVector("search_text", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    account_path: ClassVar[str | None] = ""

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "companies"
        constraints = (
            models.UniqueConstraint(
                fields=("domain",), name="crm_company_domain_once", condition=~Q(domain="")
            ),
            models.CheckConstraint(
                condition=Q(product_fit_score__isnull=True) | Q(product_fit_score__range=(0, 1)),
                name="crm_company_fit_is_0_to_1",
            ),
        )
        indexes = (
            models.Index(fields=("name_key", "city_key"), name="crm_company_name_city"),
            GinIndex(fields=("name_key",), opclasses=("gin_trgm_ops",), name="crm_company_name_trigram"),
            models.Index(Lower("name"), "id", name="crm_company_by_name"),
            models.Index(fields=("-created_at", "-id"), name="crm_company_newest"),
            models.Index(fields=("owner", "id"), name="crm_company_of_owner"),
            models.Index(
                fields=("territory", "owner"),
                name="crm_company_in_territory",
                condition=Q(territory__isnull=False),
            ),
            models.Index(fields=("team",), name="crm_company_of_team", condition=Q(team__isnull=False)),
            models.Index(
                fields=("customer_state", "-created_at", "-id"),
                name="crm_company_in_state",
                condition=~Q(customer_state="dormant"),  # new ones are dormant, so imports do not pay for it
            ),
            models.Index(fields=("external_id",), name="crm_company_external", condition=~Q(external_id="")),
            models.Index(fields=("updated_at",), name="crm_company_changed"),
            models.Index(OpClass(Lower("name"), name="text_pattern_ops"), name="crm_company_begins"),
            models.Index(OpClass("domain", name="text_pattern_ops"), name="crm_company_site_begins"),
            GinIndex(fields=("search",), name="crm_company_search"),
            GinIndex(fields=("search_text",), opclasses=("gin_trgm_ops",), name="crm_company_trigram"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def whereabouts(self) -> str:
        """Where it is, as far as it is known."""
        return ", ".join(filter(None, (self.city, self.region, self.country_hq)))

    @transition(field=customer_state, source=[S.DORMANT, S.CHURNED], target=S.EXPLORING)
    def explore(self) -> None:
        pass

    @transition(field=customer_state, source=[S.DORMANT, S.EXPLORING, S.CHURNED], target=S.BUYING)
    def buy(self) -> None:
        pass

    @transition(field=customer_state, source=[S.BUYING, S.EXPLORING], target=S.USING)
    def use(self) -> None:
        pass

    @transition(field=customer_state, source=S.USING, target=S.CHURNED)
    def churn(self) -> None:
        pass

    @transition(field=customer_state, source=[S.EXPLORING, S.BUYING], target=S.DORMANT)
    def fall_dormant(self) -> None:
        pass
