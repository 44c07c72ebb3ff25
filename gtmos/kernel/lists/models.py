"""Lists as people keep them: saved views, and what each person set for themselves."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from gtmos.kernel.records import Record


class Sharing(models.TextChoices):
    NOBODY = "nobody", "only me"
    TEAM = "team", "my team"
    EVERYBODY = "everybody", "everybody"


class ViewLayout(models.TextChoices):
    TABLE = "table", "table"
    BOARD = "board", "board"


class SavedView(Record):
    """A list with its filter, columns and order under a name. Whoever opens it sees only what they may see."""

    noun = models.CharField("records", max_length=30)
    name = models.CharField(max_length=80)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    shared = models.CharField("shared with", max_length=9, choices=Sharing.choices, default=Sharing.NOBODY)
    team = models.ForeignKey(
        "kernel.Team", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    where = models.TextField("filter", blank=True, help_text="In the language of filters.")
    text = models.CharField("searched for", max_length=200, blank=True)
    columns = models.JSONField(
        default=list, blank=True, help_text="Keys of fields; empty are the usual ones."
    )
    order = models.CharField(max_length=90, blank=True, help_text="A field, with a minus from high to low.")
    layout = models.CharField(max_length=5, choices=ViewLayout.choices, default=ViewLayout.TABLE)
    board = models.CharField(
        max_length=36,
        blank=True,
        help_text="Which board, where there are several: the id of a pipeline. Empty is the first one.",
    )
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("noun", "name")
        indexes = (
            models.Index(
                fields=("noun", "shared"), name="kernel_view_of_noun", condition=Q(deleted_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return self.name


class ListPreference(models.Model):
    """How one person wants a list, or one saved view of it: columns, order, pinned, opened first."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    noun = models.CharField(max_length=30)
    view = models.ForeignKey(SavedView, null=True, on_delete=models.CASCADE, related_name="preferences")
    columns = models.JSONField(default=list)
    order = models.CharField(max_length=90, blank=True)
    is_pinned = models.BooleanField(default=False)
    is_first = models.BooleanField(default=False)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("person", "noun", "view"), name="kernel_preference_once", nulls_distinct=False
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} {self.noun}"
