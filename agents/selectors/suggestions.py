"""Reading proposals."""

from uuid import UUID

from django.db.models import QuerySet

from agents.enums import SuggestionState
from agents.models import Suggestion
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.flags.selectors import is_on


def my_suggestions(*, actor: Actor) -> QuerySet[Suggestion]:
    """A person's own: nobody decides for another."""
    if actor.user is None or not is_on("agents.suggestions", actor):
        return Suggestion.objects.none()
    return Suggestion.objects.filter(owner=actor.user)


def open_suggestions(*, actor: Actor) -> QuerySet[Suggestion]:
    return my_suggestions(actor=actor).filter(state=SuggestionState.OPEN)


def get_suggestion(key: UUID | str, *, actor: Actor) -> Suggestion:
    found = my_suggestions(actor=actor).filter(pk=key).first()
    if found is None:
        raise NotFoundError("There is no such suggestion, or it is not yours.", code="not_found")
    return found
