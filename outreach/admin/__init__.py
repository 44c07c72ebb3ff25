"""Outreach at the RevOps desk."""

from outreach.admin import domains, scoring, sending, templates

__all__ = ["domains", "scoring", "sending", "templates"]
