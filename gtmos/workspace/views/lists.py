"""What is done with a list itself: its filter is built, its columns are chosen, it is kept under a name and shared."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.lists.asking import Asked, address_of
from gtmos.kernel.lists.fields import fields_for, list_kinds
from gtmos.kernel.lists.filters import Condition, Group, format_filter
from gtmos.kernel.lists.models import SavedView, Sharing, ViewLayout
from gtmos.kernel.lists.offering import offered, tree_of
from gtmos.kernel.lists.older import custom_conditions
from gtmos.kernel.lists.selectors import get_view
from gtmos.kernel.lists.services.views import (
    create_view,
    delete_view,
    restore_view,
    set_preference,
    update_view,
)
from gtmos.kernel.permissions import allows
from gtmos.kernel.web import actor_of, found, refusal, toast

LIST_IDS = {
    "company": "companies-list",
    "contact": "contacts-list",
    "deal": "deals-list",
    "task": "tasks-list",
}

PARTS_OF_TASKS = {
    "mine": "owner:is:me,done_at:empty",
    "overdue": "done_at:empty,due_at:before:today",
    "all": "done_at:empty",
    "done": "done_at:filled",
}
STATES = {"state": "customer_state"}
PARTS_OF_LIST = {"company": STATES, "deal": {"state": "deal_state"}}
PARTS_OF_BOARD = {"company": STATES, "deal": {"stage": "stage"}}
BOARD_IDS = {"company": "companies-board", "deal": "deals-board"}


def _asked(request: HttpRequest, noun: str, actor: Actor) -> Asked:
    if noun not in list_kinds():
        raise Http404("There is no such list.")
    return Asked(noun, {name: str(text) for name, text in request.GET.items()}, actor)


def _place(noun: str, *, on_board: bool) -> tuple[str, str]:
    """The page of the list or of the board, and what on it is drawn anew."""
    kind = list_kinds()[noun]
    if on_board and kind.board_url:
        return reverse(kind.board_url), BOARD_IDS[noun]
    return reverse(kind.url_name), LIST_IDS[noun]


def _led_to(noun: str, query: str, words: str, *, undo_url: str = "", on_board: bool = False) -> HttpResponse:
    """The list is read again in its place, the address follows, and a word says what happened."""
    answer = HttpResponse(status=200)
    page, place = _place(noun, on_board=on_board)
    where = {"path": f"{page}?{query}", "target": f"#{place}", "swap": "outerHTML"}
    answer["HX-Location"] = json.dumps(where)
    answer["HX-Reswap"] = "none"
    return toast(answer, words, undo_url=undo_url)


@login_required
@require_safe
def builder(request: HttpRequest, noun: str) -> HttpResponse:
    """The filter as rows that can be changed. Choices are read here, not with each list."""
    actor = actor_of(request)
    asked = _asked(request, noun, actor)
    here, place = _place(noun, on_board=request.GET.get("as") == "board")
    context = {
        "noun": noun,
        "here": here,
        "list_id": place,
        "fields": offered(fields_for(noun, actor=actor), actor=actor),
        "tree": tree_of(asked.tree),
        "rest": {name: text for name, text in asked.given.items() if name not in {"where", "after", "as"}},
        "fault": asked.warning,
    }
    return render(request, "workspace/lists/_builder.html", context)


@login_required
@require_safe
def columns(request: HttpRequest, noun: str) -> HttpResponse:
    asked = _asked(request, noun, actor_of(request))
    first, *chosen = asked.columns
    others = [key for key, each in asked.fields.items() if each.is_shown and key not in asked.columns]
    context = {
        "noun": noun,
        "query": request.GET.urlencode(),
        "first": asked.fields[first],
        "chosen": [asked.fields[key] for key in chosen],
        "others": [asked.fields[key] for key in others],
        "orders": _orders(asked),
        "saved": asked.view,
    }
    return render(request, "workspace/lists/_columns.html", context)


def _orders(asked: Asked) -> list[dict[str, Any]]:
    found = [{"value": "", "label": "Newest first", "is_chosen": not asked.order}]
    for key, each in asked.fields.items():
        if each.is_ordered:
            for value, words in ((key, "rising"), (f"-{key}", "falling")):
                found.append(
                    {"value": value, "label": f"{each.label}, {words}", "is_chosen": asked.order == value}
                )
    return found


@login_required
@require_POST
def set_columns(request: HttpRequest, noun: str) -> HttpResponse:
    """Remembered for this person, for this list or this saved view of it."""
    actor = actor_of(request)
    asked = _asked(request, noun, actor)
    keys = [] if request.POST.get("usual") else [asked.columns[0], *request.POST.getlist("column")]
    order = "" if request.POST.get("usual") else request.POST.get("order", "")
    if order.removeprefix("-") not in asked.fields:
        order = ""
    try:
        set_preference(noun, asked.view, actor=actor, columns=keys, order=order)
    except DomainError as error:
        return refusal(error)
    rest = {name: text for name, text in asked.given.items() if name not in {"columns", "sort", "after"}}
    return _led_to(noun, address_of(rest) or "saved=", "Columns are kept for you")


@login_required
@require_safe
def saving(request: HttpRequest, noun: str) -> HttpResponse:
    actor = actor_of(request)
    asked = _asked(request, noun, actor)
    view = asked.view
    context = {
        "noun": noun,
        "query": address_of({name: text for name, text in asked.given.items() if name != "after"}),
        "saved": view,
        "may_change": view is not None and allows(actor, "kernel.edit_view", view),
        "may_share": allows(actor, "kernel.share_view"),
        "shares": Sharing.choices,
        "preference": asked.preference,
    }
    return render(request, "workspace/lists/_saving.html", context)


@login_required
@require_POST
def create(request: HttpRequest, noun: str) -> HttpResponse:
    actor = actor_of(request)
    asked = _asked(request, noun, actor)
    try:
        view = create_view(
            noun,
            request.POST.get("name", ""),
            actor=actor,
            shared=request.POST.get("shared") or Sharing.NOBODY,
            **_content(asked),
        )
        _keep_ticks(view, request, actor)
    except DomainError as error:
        return refusal(error)
    words = f"Kept as “{view}”" if view.shared == Sharing.NOBODY else f"“{view}” is kept and shared"
    return _opened(view, words)


def _opened(view: SavedView, words: str) -> HttpResponse:
    return _led_to(view.noun, f"saved={view.pk}", words, on_board=_is_board(view))


def _is_board(view: SavedView) -> bool:
    return view.layout == ViewLayout.BOARD


def _content(asked: Asked) -> dict[str, Any]:
    """What the address shows now; refused where it is not understood."""
    where = format_filter(asked.exact_tree())
    custom = custom_conditions(asked.given, asked.fields).parts
    of_tasks = PARTS_OF_TASKS.get(asked.given.get("view", ""), "") if asked.noun == "task" else ""
    beside = format_filter(Group("all", (*custom, *_parts(asked))))
    where = ",".join(filter(None, (beside, of_tasks, _grouped(where))))
    return {
        "where": where,
        "text": asked.text,
        "columns": list(asked.columns),
        "order": asked.order,
        **_layout(asked),
    }


def _parts(asked: Asked) -> Iterator[Condition]:
    """What is chosen beside the filter: one state of a list, one column of a board."""
    parts = PARTS_OF_BOARD if _on_board(asked) else PARTS_OF_LIST
    for name, column in parts.get(asked.noun, {}).items():
        if asked.given.get(name):
            yield Condition(column, "is", (asked.given[name],))


def _on_board(asked: Asked) -> bool:
    return asked.given.get("as") == "board"


def _layout(asked: Asked) -> dict[str, str]:
    """Rows, or cards on the board that is open."""
    if not _on_board(asked):
        return {"layout": ViewLayout.TABLE, "board": ""}
    return {"layout": ViewLayout.BOARD, "board": asked.board}


def _grouped(where: str) -> str:
    return f"({where})" if "|" in where else where


def _keep_ticks(view: SavedView, request: HttpRequest, actor: Actor) -> None:
    ticks = {name: bool(request.POST.get(name)) for name in ("is_pinned", "is_first")}
    set_preference(view.noun, view, actor=actor, **ticks)


@login_required
@require_POST
def change(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """Its name, with whom it is shared, and whether this person has it pinned or opens it first."""
    actor = actor_of(request)
    view = found(get_view, view_id, actor=actor)
    given = {name: request.POST[name] for name in ("name", "shared") if name in request.POST}
    try:
        if given and allows(actor, "kernel.edit_view", view):
            view = update_view(view, changes=given, actor=actor)
        _keep_ticks(view, request, actor)
    except DomainError as error:
        return refusal(error)
    return _opened(view, f"“{view}” is changed")


@login_required
@require_POST
def keep(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """The filter, the columns and the order as they stand, under the name that is there."""
    actor = actor_of(request)
    view = found(get_view, view_id, actor=actor)
    asked = _asked(request, view.noun, actor)
    try:
        update_view(view, changes=_content(asked), actor=actor)
    except DomainError as error:
        return refusal(error)
    return _opened(view, f"“{view}” is changed")


@login_required
@require_POST
def delete(request: HttpRequest, view_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    view = found(get_view, view_id, actor=actor)
    try:
        delete_view(view, actor=actor)
    except DomainError as error:
        return refusal(error)
    return _led_to(
        view.noun,
        "saved=",
        f"“{view}” is deleted",
        on_board=_is_board(view),
        undo_url=reverse("workspace:view-restore", args=[view.pk]),
    )


@login_required
@require_POST
def restore(request: HttpRequest, view_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    try:
        view = restore_view(get_view(view_id, actor=actor, is_deleted=True), actor=actor)
    except DomainError as error:
        return refusal(error)
    return _opened(view, f"“{view}” is back")
