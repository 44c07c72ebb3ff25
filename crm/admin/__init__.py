"""The customer record at the RevOps desk."""

from crm.admin import (
    alerts,
    bulk_edits,
    currencies,
    documents,
    forecasts,
    happenings,
    people,
    pipelines,
    quality,
    readings,
    records,
    routing,
    target_lists,
)

__all__ = [
    "alerts",
    "bulk_edits",
    "currencies",
    "documents",
    "forecasts",
    "happenings",
    "people",
    "pipelines",
    "quality",
    "readings",
    "records",
    "routing",
    "target_lists",
]
