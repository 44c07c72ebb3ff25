"""The customer record at the RevOps desk."""

from crm.admin import currencies, happenings, pipelines, records

__all__ = ["currencies", "happenings", "pipelines", "records"]
