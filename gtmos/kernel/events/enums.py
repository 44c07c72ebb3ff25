"""How soon a fact is to be delivered."""

from django.db import models


class Priority(models.IntegerChoices):
    """The smaller number goes first."""

    HIGH = 1, "high"
    NORMAL = 5, "normal"
    LOW = 9, "low"
