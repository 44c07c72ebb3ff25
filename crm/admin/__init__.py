"""The customer record at the RevOps desk."""

from crm.admin import (
    alerts,
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
