"""Companies that marketing and sales work on together."""

from django.conf import settings
from django.db import models

from crm.models.company import Company
from gtmos.kernel.records import Record


class TargetList(Record):
    """A named list with one plan and two owners. Everybody who sees companies reads it."""

    name = models.CharField(max_length=120, unique=True)
    plan = models.TextField(blank=True, help_text="What both sides do, in words.")
    marketing_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    sales_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    goal_on = models.DateField("goal date", null=True, blank=True)

    class Meta:
        ordering = ("name",)
        verbose_name = "target list"

    def __str__(self) -> str:
        return self.name


class TargetAccount(Record):
    """One company on one list."""

    target_list = models.ForeignKey(TargetList, on_delete=models.CASCADE, related_name="accounts")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="target_accounts")

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(fields=("target_list", "company"), name="crm_target_account_once"),
        )
        verbose_name = "target account"

    def __str__(self) -> str:
        return f"{self.company} on {self.target_list}"
