"""Pages of this app."""

from django.urls import URLPattern

app_name = "crm"
urlpatterns: list[URLPattern] = []
