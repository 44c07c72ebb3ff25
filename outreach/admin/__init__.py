"""Outreach at the RevOps desk."""

from outreach.admin import availability, domains, scoring, sending, templates

__all__ = ["availability", "domains", "scoring", "sending", "templates"]
