"""Booking hours at the desk: read only, since everybody sets their own."""

from django.contrib import admin

from gtmos.kernel.desk import Desk
from outreach.models import BookingHours


@admin.register(BookingHours)
class BookingHoursAdmin(Desk):
    says = "When each of us may be booked. Everybody sets their own on the page of their account."
    list_display = ("user", "length", "buffer", "notice", "days_ahead", "updated_at")
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email")
