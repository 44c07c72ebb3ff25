"""What the engine asks before it sends: the message of one person at one step."""

from outreach.models import Enrollment, Step
from outreach.selectors.messages import Composed, compose_many, hash_of
from outreach.selectors.messages import compose as preview_message

__all__ = ["Composed", "MissingFieldError", "compose", "compose_many", "hash_of", "preview_message"]


class MissingFieldError(Exception):
    """A message with a hole in it never leaves; the sentence names the fields."""


def compose(enrollment: Enrollment, step: Step) -> Composed:
    """The message as it leaves, or a refusal. For many of one campaign use `compose_many` and `checked`."""
    return checked(preview_message(enrollment, step))


def checked(composed: Composed) -> Composed:
    if composed.missing:
        raise MissingFieldError(f"Not known for this person: {', '.join(composed.missing)}.")
    return composed
