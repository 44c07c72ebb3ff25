"""What is worth knowing at once about customers and open deals, and by which rule it is told."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from crm.enums import AlertKind, AlertState
from crm.models.activity import Activity
from crm.models.company import Company
from crm.models.contact import Contact
from crm.models.deal import Deal
from gtmos.kernel.records import Record


class AlertRule(Record):
    """One kind of alert, switched on or off, with its thresholds."""

    kind = models.CharField(max_length=16, choices=AlertKind.choices, unique=True)
    is_active = models.BooleanField("active", default=True)
    days = models.PositiveSmallIntegerField(
        default=30, help_text="The days that are looked at; for a renewal, how many before its day."
    )
    quiet_days = models.PositiveSmallIntegerField(
        default=30, help_text="For a renewal: no activity for so many days."
    )
    percent = models.PositiveSmallIntegerField(default=50, help_text="For usage: a fall by so much or more.")
    least = models.PositiveIntegerField(
        default=20, help_text="For usage: at least so many events in the days before."
    )
    nps_at_most = models.PositiveSmallIntegerField(
        "NPS at most",
        default=6,
        validators=[MaxValueValidator(10)],
        help_text="For a score: told when the answer of 0 to 10 is this or less.",
    )
    csat_at_most = models.PositiveSmallIntegerField(
        "CSAT at most",
        default=2,
        validators=[MaxValueValidator(5)],
        help_text="For a score: told when the answer of 1 to 5 is this or less.",
    )

    class Meta:
        ordering = ("kind",)

    def __str__(self) -> str:
        return str(self.get_kind_display()).capitalize()


class Alert(Record):
    """Told once for each fact; somebody sees to it."""

    kind = models.CharField(max_length=16, choices=AlertKind.choices)
    fact_key = models.CharField(max_length=120, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="alerts")
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="alerts"
    )
    deal = models.ForeignKey(Deal, null=True, blank=True, on_delete=models.SET_NULL, related_name="alerts")
    activity = models.ForeignKey(
        Activity, null=True, blank=True, on_delete=models.SET_NULL, related_name="alerts"
    )
    what = models.CharField(max_length=300)
    why = models.CharField(max_length=500)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    state = models.CharField(max_length=12, choices=AlertState.choices, default=AlertState.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (models.UniqueConstraint(fields=("kind", "fact_key"), name="crm_alert_once"),)
        indexes = (
            models.Index(fields=("-created_at", "-id"), name="crm_alert_newest"),
            models.Index(fields=("owner",), name="crm_alert_open_of", condition=Q(state="open")),
            models.Index(fields=("company", "state"), name="crm_alert_of_company"),
        )

    def __str__(self) -> str:
        return self.what
