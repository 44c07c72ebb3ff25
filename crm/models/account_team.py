"""Who works on an account besides its owner."""

from django.conf import settings
from django.db import models

from crm.enums import AccountRole
from crm.models.company import Company
from gtmos.kernel.people.standing import opens_accounts
from gtmos.kernel.records import Record


@opens_accounts
class AccountTeamMember(Record):
    """One person in the team of one company: sees it, its people, deals, activities and tasks."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="account_members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="account_memberships"
    )
    role = models.CharField(max_length=20, choices=AccountRole.choices, default=AccountRole.MEMBER)

    class Meta:
        ordering = ("created_at",)
        constraints = (models.UniqueConstraint(fields=("company", "user"), name="crm_account_member_once"),)
        verbose_name = "account team member"

    def __str__(self) -> str:
        return f"{self.user} on {self.company}"
