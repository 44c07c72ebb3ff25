"""The customer record at the RevOps desk."""

from crm.admin import (
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
