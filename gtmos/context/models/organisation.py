"""The company that uses this installation."""

from django.db import models


class Organisation(models.Model):
    """One row: who we are in every mail's footer, and what counts as ours."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(max_length=150)
    domain = models.CharField(max_length=253, blank=True)
    postal_address = models.CharField(
        max_length=300, blank=True, help_text="Law asks for it in every commercial mail."
    )
    time_zone = models.CharField(max_length=64, default="America/New_York")
    currency = models.CharField(max_length=3, default="USD")
    is_demo = models.BooleanField(default=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="context_one_organisation"),)

    def __str__(self) -> str:
        return self.name

    @property
    def is_known(self) -> bool:
        """Somebody has said who we are; otherwise this is only a stand-in."""
        return not self._state.adding
