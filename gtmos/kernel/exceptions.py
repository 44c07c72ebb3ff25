"""Errors that a caller can show to a person. Anything else is a bug."""

from typing import Any


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


class InvalidInputError(DomainError):
    """What was sent cannot be understood; the sentence says what to change."""

    status_code = 422


class UnavailableError(DomainError):
    """Something outside does not answer; the work waits and is tried again."""

    status_code = 503
