"""Closed sets of threads and runs."""

from django.db import models


class Risk(models.TextChoices):
    READ = "read", "reads"
    WRITE = "write", "writes inside"
    BULK = "bulk", "writes many rows"
    EXTERNAL = "external", "acts outside"
    ADMIN = "admin", "configures"


class RunState(models.TextChoices):
    QUEUED = "queued", "queued"
    WAITING = "waiting", "waits for your word"
    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


class StepState(models.TextChoices):
    PLANNED = "planned", "planned"
    STARTED = "started", "started"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    UNDONE = "undone", "undone"


class Trust(models.TextChoices):
    USER = "user", "a person here"
    SYSTEM = "system", "the product"
    UNTRUSTED = "untrusted", "from outside"


class SuggestionState(models.TextChoices):
    OPEN = "open", "open"
    ACCEPTED = "accepted", "accepted"
    DISMISSED = "dismissed", "dismissed"


class InputState(models.TextChoices):
    WAITING = "waiting", "waiting"
    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"
