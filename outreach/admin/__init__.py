"""Outreach at the RevOps desk."""

from outreach.admin import scoring, sending

__all__ = ["scoring", "sending"]
