"""Things that happen again and again: each occurrence is a row, so any number of schedulers may run."""

from gtmos.kernel.schedule.registry import Schedule, every, schedules

__all__ = ["Schedule", "every", "schedules"]
