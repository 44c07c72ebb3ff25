"""What must hold for a record before it is saved, as RevOps wrote it."""

from django.db import models

from gtmos.kernel.records import SwitchedRecord


class ValidationRule(SwitchedRecord):
    """Where all conditions hold, the requirement must hold too; otherwise the sentence is said and nothing is saved."""

    object_type = models.CharField("record", max_length=30)
    name = models.CharField(max_length=120)
    conditions = models.JSONField(default=list, blank=True)
    requirement = models.JSONField(default=dict)
    sentence = models.CharField(max_length=200, help_text="What a person reads when it does not hold.")

    class Meta:
        ordering = ("object_type", "name")
        constraints = (models.UniqueConstraint(fields=("object_type", "name"), name="kernel_rule_name_once"),)

    def __str__(self) -> str:
        return self.name
