"""Product-usage and web events that customers' systems post."""

from django.db import models

from crm.models.company import Company
from crm.models.contact import Contact


class UsageEvent(models.Model):
    """Stored once by (source, external id); resolved to a company and contact where one is known."""

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=80)
    external_id = models.CharField(max_length=160)
    name = models.CharField(max_length=120)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)
    company = models.ForeignKey(
        Company, null=True, blank=True, on_delete=models.SET_NULL, related_name="usage_events"
    )
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="usage_events"
    )
    company_domain = models.CharField(max_length=253, blank=True)
    contact_email = models.CharField(max_length=320, blank=True)
    properties = models.JSONField(default=dict)

    class Meta:
        ordering = ("-occurred_at", "-id")
        constraints = (models.UniqueConstraint(fields=("source", "external_id"), name="crm_usage_once"),)
        indexes = (models.Index(fields=("company", "-occurred_at"), name="crm_usage_of_company"),)

    def __str__(self) -> str:
        return self.name
