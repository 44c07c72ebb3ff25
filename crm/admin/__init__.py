"""The customer record at the RevOps desk."""

from crm.admin import happenings, pipelines, records

__all__ = ["happenings", "pipelines", "records"]
