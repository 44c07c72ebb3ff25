"""The only door to the state machine library, typed, so that it can be replaced in one place."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import django_fsm

from gtmos.kernel.exceptions import DomainError

F = TypeVar("F", bound=Callable[..., None])


class StateField(django_fsm.FSMField):
    """A protected state column: only a declared transition may change it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["protected"] = True
        kwargs.setdefault("max_length", 32)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Migrations see plain text, so they do not depend on the library."""
        name, _, args, kwargs = super().deconstruct()
        kwargs.pop("protected", None)
        return name, "django.db.models.CharField", args, kwargs


class StateMixin(django_fsm.FSMModelMixin):
    """Lets `refresh_from_db` read a protected state column."""


def transition(*, field: StateField, source: str | Sequence[str], target: str) -> Callable[[F], F]:
    return cast("Callable[[F], F]", django_fsm.transition(field, source=source, target=target))


def move(step: Callable[[], None], *, refusal: str) -> None:
    """Run a transition, turning a refusal into an error a person can read."""
    try:
        step()
    except django_fsm.TransitionNotAllowed as error:
        raise DomainError(refusal, code="wrong_state") from error
