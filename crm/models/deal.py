"""A sale in progress, won or lost."""

from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from crm.enums import (
    DealHealth,
    DealState,
    ForecastCategory,
    LossReason,
    PaymentFrequency,
    PaymentStatus,
    PolicyState,
)
from crm.models.company import Company
from crm.models.contact import Contact
from crm.models.pipeline import Pipeline, Stage
from crm.scoring.prices import list_price
from gtmos.kernel.fsm import StateField, StateMixin, transition
from gtmos.kernel.records import OwnedRecord

S = DealState


class Deal(StateMixin, OwnedRecord):
    """`stage` is the position in the pipeline; `deal_state` is whether it is still going on."""

    deal_id = models.BigIntegerField(unique=True, editable=False, help_text="The number people say.")
    name = models.CharField(max_length=255)
    external_id = models.CharField(max_length=120, blank=True)
    company = models.ForeignKey(
        Company, null=True, blank=True, on_delete=models.CASCADE, related_name="deals"
    )
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="deals"
    )
    product = models.ForeignKey(
        "context.Product", null=True, blank=True, on_delete=models.SET_NULL, related_name="deals"
    )
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="deals")
    deal_state = StateField(choices=S.choices, default=S.OPEN)
    deal_amount = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    discount = models.DecimalField(
        max_digits=5, decimal_places=4, default=Decimal(0), db_default=Decimal(0), editable=False
    )
    list_amount = models.DecimalField(
        max_digits=16,
        decimal_places=2,
        null=True,
        blank=True,
        editable=False,
        help_text="The amount before the discount.",
    )
    deal_amount_currency = models.CharField(max_length=3, default="USD")
    deal_payment_status = models.CharField(
        max_length=10, choices=PaymentStatus.choices, default=PaymentStatus.NONE
    )
    deal_policy_state = models.CharField(max_length=16, choices=PolicyState.choices, default=PolicyState.OK)
    deal_health = models.CharField(max_length=6, choices=DealHealth.choices, default=DealHealth.GREEN)
    payment_frequency = models.CharField(
        max_length=10, choices=PaymentFrequency.choices, default=PaymentFrequency.YEARLY
    )
    acquisition_channel_source = models.CharField(max_length=80, blank=True)
    acquisition_campaign_source = models.CharField(max_length=160, blank=True)
    deal_start_date = models.DateField(null=True, blank=True)
    deal_end_date = models.DateField(null=True, blank=True)
    deal_expected_signing_date = models.DateField(null=True, blank=True)
    deal_signing_date = models.DateField(null=True, blank=True)
    forecast_category = models.CharField(
        max_length=9,
        choices=ForecastCategory.choices,
        blank=True,
        help_text="What its owner says; empty is what the stage says.",
    )
    stage_entered_at = models.DateTimeField(null=True, blank=True)
    next_step = models.CharField(max_length=300, blank=True)
    next_step_owner = models.ForeignKey(
        "kernel.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    next_step_due_on = models.DateField(null=True, blank=True)
    lost_reason = models.CharField(max_length=16, choices=LossReason.choices, blank=True)
    lost_note = models.CharField(max_length=300, blank=True)
    on_hold_reason = models.CharField(max_length=300, blank=True)
    momentum_score = models.FloatField(null=True, blank=True)
    source = models.CharField(max_length=120, blank=True)
    custom = models.JSONField(default=dict, blank=True)
    search_text = models.TextField(blank=True, editable=False)
    search = models.GeneratedField(
        expression=SearchVector("search_text", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    account_path: ClassVar[str | None] = "company"

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("source", "external_id"), name="crm_deal_external_once", condition=~Q(external_id="")
            ),
            models.CheckConstraint(
                condition=Q(discount__gte=0, discount__lt=1), name="crm_deal_discount_is_a_part"
            ),
        )
        indexes = (
            models.Index(fields=("stage", "-created_at"), name="crm_deal_of_stage"),
            models.Index(fields=("company", "deal_state"), name="crm_deal_of_company"),
            models.Index(fields=("-created_at", "-id"), name="crm_deal_newest"),
            models.Index(
                fields=("deal_state", "next_step_due_on"),
                name="crm_deal_open_step",
                condition=Q(deal_state="open"),
            ),
            models.Index(fields=("updated_at",), name="crm_deal_changed"),
            models.Index(OpClass(Lower("name"), name="text_pattern_ops"), name="crm_deal_begins"),
            GinIndex(fields=("search",), name="crm_deal_search"),
            GinIndex(fields=("search_text",), opclasses=("gin_trgm_ops",), name="crm_deal_trigram"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def list_price(self) -> Decimal | None:
        """The amount before the discount."""
        return list_price(self.deal_amount, self.discount, self.list_amount)

    @property
    def pipeline(self) -> Pipeline:
        """That of its stage."""
        return self.stage.pipeline

    @transition(field=deal_state, source=[S.OPEN, S.ON_HOLD], target=S.WON)
    def win(self) -> None:
        pass

    @transition(field=deal_state, source=[S.OPEN, S.ON_HOLD], target=S.LOST)
    def lose(self) -> None:
        pass

    @transition(field=deal_state, source=S.OPEN, target=S.ON_HOLD)
    def hold(self) -> None:
        pass

    @transition(field=deal_state, source=[S.ON_HOLD, S.WON, S.LOST], target=S.OPEN)
    def reopen(self) -> None:
        pass
