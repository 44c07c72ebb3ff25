"""What the engine asks before it sends: the message of one person at one step."""

from outreach.selectors.messages import Composed, compose, compose_many, hash_of

__all__ = ["Composed", "compose", "compose_many", "hash_of"]
