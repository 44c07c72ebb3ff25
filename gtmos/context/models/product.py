"""Products and what is said about them: one message tree each."""

from django.db import models

from gtmos.kernel.records import Record


class Product(Record):
    """Something we sell."""

    name = models.CharField(max_length=150, unique=True)
    description = models.TextField(blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class MessageTree(Record):
    """The words every message about a product is made from."""

    product = models.OneToOneField(Product, on_delete=models.CASCADE, related_name="message_tree")
    founding_narrative = models.TextField(
        blank=True, help_text="The problem that was met and the change that is wanted."
    )
    headline = models.CharField(max_length=200, blank=True, help_text="The core value in one sentence.")
    value_props = models.JSONField(default=list, blank=True, help_text="Two or three pillars, one text each.")
    technical_specs = models.TextField(blank=True)
    call_to_action = models.CharField(max_length=200, blank=True, help_text="The one thing a mail asks for.")

    class Meta:
        ordering = ("product__name",)

    def __str__(self) -> str:
        return f"Message tree of {self.product}"


class Claim(Record):
    """Something we say about a product, with the evidence for it."""

    class Kind(models.TextChoices):
        VALUE = "demonstrable_value", "demonstrable value"
        CRAFTSMANSHIP = "demonstrable_craftsmanship", "demonstrable craftsmanship"
        USERS = "demonstrable_users", "demonstrable users"

    tree = models.ForeignKey(MessageTree, on_delete=models.CASCADE, related_name="claims")
    kind = models.CharField(max_length=30, choices=Kind.choices)
    text = models.CharField(max_length=300)
    evidence_url = models.CharField(max_length=500, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    may_name_publicly = models.BooleanField(default=False, help_text="The customer allows us to name them.")

    class Meta:
        ordering = ("kind", "created_at")

    def __str__(self) -> str:
        return self.text
