"""Forecasts as they stood on a Monday, to look at."""

from django.contrib import admin

from crm.models import ForecastSnapshot
from gtmos.kernel.desk import Desk


@admin.register(ForecastSnapshot)
class ForecastSnapshotAdmin(Desk):
    list_display = (
        "taken_on",
        "pipeline",
        "owner",
        "starts_on",
        "ends_on",
        "won",
        "commit",
        "weighted",
        "currency",
    )
    list_filter = ("pipeline", "currency")
    list_select_related = ("pipeline", "owner")
    search_fields = ("=owner__email", "pipeline__name")
