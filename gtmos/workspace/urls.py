"""Pages that compose all apps."""

from django.urls import URLPattern

app_name = "workspace"
urlpatterns: list[URLPattern] = []
