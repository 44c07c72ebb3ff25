"""Providers that send our mail and tell us what became of it. Their posts are read and verified by `django-anymail`."""

from outreach.channels.email.providers.checking import RefusedPostError, check
from outreach.channels.email.providers.reading import Told, UnreadablePostError, read
from outreach.channels.email.providers.registry import PROVIDERS, Provider

__all__ = ["PROVIDERS", "Provider", "RefusedPostError", "Told", "UnreadablePostError", "check", "read"]
