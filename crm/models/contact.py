"""A person at a company, or without one."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from crm.enums import EmailStatus, InfluenceRole, Lifecycle, Seniority
from crm.models.company import Company
from gtmos.kernel.records import OwnedRecord


class Contact(OwnedRecord):
    """Found by normalised e-mail address, then by LinkedIn address."""

    company = models.ForeignKey(
        Company, null=True, blank=True, on_delete=models.SET_NULL, related_name="contacts", db_index=False
    )
    name = models.CharField(max_length=255)
    first_name = models.CharField(max_length=120, blank=True)
    last_name = models.CharField(max_length=160, blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    external_source = models.CharField(
        max_length=40, blank=True, editable=False, help_text="The system whose key it is."
    )
    email = models.CharField(max_length=320, blank=True)
    email_key = models.CharField(max_length=320, blank=True, editable=False)
    email_status = models.CharField(max_length=20, choices=EmailStatus.choices, default=EmailStatus.UNKNOWN)
    phone = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=255, blank=True)
    department = models.CharField(max_length=40, blank=True)
    seniority = models.CharField(max_length=20, choices=Seniority.choices, blank=True)
    influence_role = models.CharField(
        max_length=20, choices=InfluenceRole.choices, default=InfluenceRole.UNKNOWN
    )
    authority_override = models.FloatField(
        null=True, blank=True, help_text="From 0 to 1, where somebody knows better than the formula."
    )
    is_primary = models.BooleanField(default=False)
    lifecycle = models.CharField(max_length=12, choices=Lifecycle.choices, default=Lifecycle.PROSPECT)
    engagement_score = models.FloatField(default=0)
    last_contact_date = models.DateTimeField(null=True, blank=True)
    linkedin_url = models.CharField(max_length=300, blank=True)
    linkedin_key = models.CharField(max_length=160, blank=True, editable=False)
    city = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=2, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=12, blank=True)
    do_not_email = models.BooleanField(default=False)
    do_not_call = models.BooleanField(default=False)
    opted_out_at = models.DateTimeField(null=True, blank=True)
    consent_basis = models.CharField(max_length=60, blank=True, help_text="Lawful basis, as recorded.")
    consent_source = models.CharField(
        max_length=120, blank=True, db_default="", default="", help_text="Where the basis comes from."
    )
    consent_on = models.DateField(null=True, blank=True, help_text="Since when the basis holds.")
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    paused_until = models.DateTimeField(
        null=True, blank=True, help_text="No campaign writes before this moment."
    )
    source = models.CharField(max_length=120, blank=True)
    dated_on = models.DateField(null=True, blank=True)
    custom = models.JSONField(default=dict, blank=True)
    search_text = models.TextField(blank=True, editable=False)

    account_path: ClassVar[str | None] = "company"

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=Q(authority_override__isnull=True) | Q(authority_override__range=(0, 1)),
                name="crm_contact_authority_is_0_to_1",
            ),
            models.UniqueConstraint(
                fields=("email_key",), name="crm_contact_email_once", condition=~Q(email_key="")
            ),
            models.UniqueConstraint(
                fields=("company",), name="crm_contact_one_primary", condition=Q(is_primary=True)
            ),
        )
        indexes = (
            models.Index(
                fields=("linkedin_key",), name="crm_contact_linkedin", condition=~Q(linkedin_key="")
            ),
            models.Index(fields=("company", "department", "seniority"), name="crm_contact_of_company"),
            models.Index(fields=("-created_at", "-id"), name="crm_contact_newest"),
            models.Index(fields=("external_id",), name="crm_contact_external", condition=~Q(external_id="")),
            models.Index(OpClass(Lower("name"), name="text_pattern_ops"), name="crm_contact_begins"),
            models.Index(
                OpClass(Lower("last_name"), name="text_pattern_ops"), name="crm_contact_last_begins"
            ),
            models.Index(OpClass("email_key", name="text_pattern_ops"), name="crm_contact_mail_begins"),
            GinIndex(fields=("search_text",), opclasses=("gin_trgm_ops",), name="crm_contact_trigram"),
        )

    def __str__(self) -> str:
        return self.name or self.email
