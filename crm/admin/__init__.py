"""The customer record at the RevOps desk."""

from crm.admin import (
    currencies,
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
