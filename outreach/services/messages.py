"""What the engine asks before it sends: the message of a person at a step. With anything in `missing` it stays here."""

from outreach.selectors.messages import Composed, compose, compose_many, hash_of

__all__ = ["Composed", "compose", "compose_many", "hash_of"]
