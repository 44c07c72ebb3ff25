"""Exchange rates: RevOps writes them down here, or brings a file on the page of rates."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from crm.models import ExchangeRate
from crm.services import currencies
from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk


@admin.register(ExchangeRate)
class ExchangeRateAdmin(Desk):
    says = "What one unit of a currency is worth in another from a day on. Amounts of another currency are turned by the newest rate before their day."
    helps: ClassVar = {
        "currency": "Three letters, such as EUR: the money that is turned.",
        "base": "Three letters, such as USD: what it is turned into.",
        "dated_on": "From this day on, until there is a newer one.",
        "rate": "How much of the second currency one unit of the first is.",
        "source": "Who says so, such as ECB.",
    }
    told_apart_by = ("currency", "base", "dated_on")
    set_once = (
        "currency",
        "base",
        "dated_on",
    )  # of which currencies and which day it is stays; another day is another rate
    list_display = ("dated_on", "currency", "base", "rate", "source")
    list_filter = ("currency", "base")
    search_fields = ("=currency", "=base", "source")
    fields = ("currency", "base", "dated_on", "rate", "source")
    actions = ("take_away",)

    def create(self, values: dict[str, Any], *, actor: Actor) -> ExchangeRate:
        return currencies.record_rate(actor=actor, **values)

    def change(self, record: ExchangeRate, changes: dict[str, Any], *, actor: Actor) -> ExchangeRate:
        return currencies.update_rate(record, changes=changes, actor=actor)

    @admin.action(description="Take the chosen rates away")
    def take_away(self, request: HttpRequest, queryset: QuerySet[ExchangeRate]) -> None:
        self.for_each(request, queryset, currencies.delete_rate, done="Rates taken away")
