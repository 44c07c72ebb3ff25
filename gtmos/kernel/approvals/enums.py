"""Closed sets of approvals."""

from django.db import models


class ApprovalState(models.TextChoices):
    REQUESTED = "requested", "waiting"
    GRANTED = "granted", "granted"
    REJECTED = "rejected", "rejected"
    EXPIRED = "expired", "expired"
    WITHDRAWN = "withdrawn", "withdrawn"


class Needs(models.TextChoices):
    ANY = "any", "any one of them"
    ALL = "all", "all of them"
