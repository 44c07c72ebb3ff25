"""Closed sets of the company context."""

from django.db import models


class AssumptionStatus(models.TextChoices):
    UNTESTED = "untested", "untested"
    PARTIALLY_VALIDATED = "partially_validated", "partially validated"
    VALIDATED = "validated", "validated"
    INVALIDATED = "invalidated", "invalidated"
