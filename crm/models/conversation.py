"""What colleagues say to one another about a record."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from crm.models.company import Company
from crm.models.contact import Contact
from crm.models.deal import Deal
from gtmos.kernel.records import Record


class ColleagueMessage(Record):
    """One message about one record; whoever may see the record reads it. It is no activity with the customer."""

    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    deal = models.ForeignKey(Deal, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    text = models.TextField()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(company__isnull=False, contact__isnull=True, deal__isnull=True)
                | Q(company__isnull=True, contact__isnull=False, deal__isnull=True)
                | Q(company__isnull=True, contact__isnull=True, deal__isnull=False),
                name="crm_colleague_message_of_one",
            ),
        )
        indexes = (models.Index(fields=("-created_at", "-id"), name="crm_colleague_message_newest"),)

    def __str__(self) -> str:
        return " ".join(self.text.split())[:80]

    @property
    def about(self) -> Company | Contact | Deal:
        found = self.company or self.contact or self.deal
        assert found is not None  # the constraint
        return found


class MessagesRead(models.Model):
    """Until when a person has read what is said about a record."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    subject_type = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    read_at = models.DateTimeField()

    class Meta:
        ordering = ("-read_at",)
        verbose_name_plural = "messages read"
        constraints = (
            models.UniqueConstraint(
                fields=("user", "subject_type", "subject_id"), name="crm_messages_read_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} until {self.read_at}"
