"""Outreach at the RevOps desk."""

from outreach.admin import availability, domains, providers, scoring, sending, templates

__all__ = ["availability", "domains", "providers", "scoring", "sending", "templates"]
