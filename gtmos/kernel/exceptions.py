"""Errors that a caller can show to a person. Anything else is a bug."""

from typing import Any
from uuid import UUID


class DomainError(Exception):
    """The request was understood and refused; nothing was changed."""

    status_code = 409

    def __init__(self, message: str, *, code: str, missing: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.missing = missing


class NotPermittedError(DomainError):
    status_code = 403


class NotFoundError(DomainError):
    status_code = 404


class MovedError(DomainError):
    """What was asked for goes on as another record. Reading is led there; a change is refused and told the key."""

    status_code = 410

    def __init__(self, message: str, *, old: UUID | str, new: UUID) -> None:
        super().__init__(message, code="merged_away")
        self.old, self.new = str(old), str(new)


class InvalidInputError(DomainError):
    """What was sent cannot be understood; the sentence says what to change."""

    status_code = 422


class UnavailableError(DomainError):
    """Something outside does not answer; the work waits and is tried again."""

    status_code = 503
