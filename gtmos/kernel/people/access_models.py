"""Roles that RevOps has changed or made, and territories with who works in them."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from gtmos.kernel.people.roles import SCOPES
from gtmos.kernel.records import Record


class AccessRole(Record):
    """What differs from the built-in role it is based on. A built-in role without a row is as it came."""

    key = models.SlugField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    based_on = models.CharField(
        max_length=20, help_text="The built-in role whose rights count where nothing is said here."
    )
    scope = models.CharField(
        max_length=10,
        choices=[(each, each) for each in SCOPES],
        help_text="Which records: own, those of the teams, of the territories, or all.",
    )
    rights = models.JSONField(default=dict, blank=True, help_text="company.edit → true or false")
    fields = models.JSONField(default=dict, blank=True, help_text="deal.deal_amount → hidden or read_only")

    class Meta:
        ordering = ("name",)
        verbose_name = "role"

    def __str__(self) -> str:
        return self.name


class Territory(Record):
    """A part of the market. Rules say which companies fall into it; the lower in the tree wins over the higher."""

    name = models.CharField(max_length=100, unique=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who gets the companies that fall into it.",
    )
    team = models.ForeignKey(
        "kernel.Team", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    conditions = models.JSONField(
        default=dict, blank=True, help_text="countries, regions, industries, employees from and to, domains"
    )
    priority = models.PositiveSmallIntegerField(
        default=100, help_text="Of two that fit, the smaller number wins."
    )

    class Meta:
        ordering = ("priority", "name")
        verbose_name_plural = "territories"

    def __str__(self) -> str:
        return self.name


class TerritoryMember(Record):
    """Somebody who works in a territory; a manager also stands in all territories below it."""

    territory = models.ForeignKey(Territory, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="territories")
    is_manager = models.BooleanField(default=False)

    class Meta:
        ordering = ("created_at",)
        constraints: ClassVar = (
            models.UniqueConstraint(fields=("territory", "user"), name="kernel_territory_member_once"),
        )

    def __str__(self) -> str:
        return f"{self.user} in {self.territory}"
