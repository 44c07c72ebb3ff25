"""Facts between apps: published with the change, delivered after the commit, each once per subscriber."""

from gtmos.kernel.events.publishing import Event, publish, subscribe, subscribers_of

__all__ = ["Event", "publish", "subscribe", "subscribers_of"]
