"""Outreach at the RevOps desk."""

from outreach.admin import scoring, sending, templates

__all__ = ["scoring", "sending", "templates"]
