"""The customer record at the RevOps desk."""

from crm.admin import currencies, happenings, people, pipelines, quality, records

__all__ = ["currencies", "happenings", "people", "pipelines", "quality", "records"]
