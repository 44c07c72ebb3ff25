"""Pages of moves: several files as one, started, taken back and done again together."""

from collections.abc import Callable
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from crm.models import ImportMove
from crm.selectors.moves import get_move, latest_imports, summary
from crm.services.import_moves import repeat_move, start_move, try_move, undo_move
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.web import actor_of, found, page, refusal, toast


@login_required
def detail(request: HttpRequest, move_id: UUID) -> HttpResponse:
    return _shown(request, found(get_move, move_id, actor=actor_of(request)))


def _shown(request: HttpRequest, move: ImportMove) -> HttpResponse:
    batches = list(latest_imports(move).select_related("owner"))
    context = {"move": move, "imports": batches, "sum": summary(batches)}
    return page(request, "crm/imports/moves/detail.html", context)


@login_required
@require_POST
def start(request: HttpRequest, move_id: UUID) -> HttpResponse:
    return _acted(request, move_id, start_move, "")


@login_required
@require_POST
def rehearse(request: HttpRequest, move_id: UUID) -> HttpResponse:
    return _acted(request, move_id, try_move, "")


@login_required
@require_POST
def undo(request: HttpRequest, move_id: UUID) -> HttpResponse:
    return _acted(request, move_id, undo_move, "Took back {}")


@login_required
@require_POST
def repeat(request: HttpRequest, move_id: UUID) -> HttpResponse:
    return _acted(request, move_id, repeat_move, "")


def _acted(request: HttpRequest, move_id: UUID, act: Callable[..., ImportMove], said: str) -> HttpResponse:
    actor: Actor = actor_of(request)
    move = found(get_move, move_id, actor=actor)
    try:
        act(move, actor=actor)
    except DomainError as error:
        return refusal(error)
    response = _shown(request, move)
    return toast(response, said.format(move)) if said else response
