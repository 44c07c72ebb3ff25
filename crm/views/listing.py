"""What the lists of companies, contacts, deals and tasks have in common: tabs of saved views, chips, columns, rows."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from crm.views.custom_lists import toolbar_filters
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.lists.asking import Asked, address_of
from gtmos.kernel.lists.cells import NO_SPECIAL, Special, heads_of, rows_of
from gtmos.kernel.lists.fields import ListKind
from gtmos.kernel.lists.filters import format_filter, parse_filter
from gtmos.kernel.lists.models import SavedView, Sharing, ViewLayout
from gtmos.kernel.lists.saying import chips_of
from gtmos.kernel.permissions import allows
from gtmos.kernel.search.matching import note_on

LIST_IDS = {
    "company": "companies-list",
    "contact": "contacts-list",
    "deal": "deals-list",
    "task": "tasks-list",
}
PLURALS = {"company": "companies", "contact": "contacts", "deal": "deals", "task": "tasks"}
KEPT = ("saved", "where", "columns", "view")  # what searching in the list leaves as it is
TAKEN = ("q", "where", "state", "view")  # what a file is narrowed by, beside custom fields


def asked_of(request: HttpRequest, noun: str, actor: Actor, *, extra: tuple[str, ...] = ()) -> Asked:
    given = {name: str(text) for name, text in request.GET.items()}
    return Asked(noun, given, actor, extra=frozenset(extra))


def first_address(asked: Asked) -> str:
    """Where somebody is led who opens the list by its name and wants another view first."""
    if asked.given or asked.first_view is None:
        return ""
    return address_of_view(asked.first_view, asked.kind)


def list_context(asked: Asked, records: QuerySet[Any], *, special: Special = NO_SPECIAL) -> dict[str, Any]:
    """Everything that `crm/lists/_list.html` shows; a handful of statements, however many rows."""
    shown = asked.page(records)
    context = {
        "noun": asked.noun,
        "kind": asked.kind,
        "list_id": LIST_IDS[asked.noun],
        "here": reverse(asked.kind.url_name),
        "here_query": f"?{address_of(asked.given)}",
        "page": shown,
        "rows": rows_of(asked, shown.rows, now=clock.now(), special=special),
        "heads": heads_of(asked),
        "q": asked.text,
        "keeps": [(name, asked.given[name]) for name in KEPT if name in asked.given],
        "text_note": note_on(asked.text),
        "is_narrowed": asked.is_narrowed,
        "order": asked.order,
        "may_edit": allows(asked.actor, f"crm.edit_{asked.noun}") if asked.actor.user else False,
        **bar_context(asked),
        **export_context(asked),
        "filters": toolbar_filters(asked),
    }
    return {**context, "fault": asked.warning}


def bar_context(asked: Asked, *, here: str = "") -> dict[str, Any]:
    """The tabs of views and the chips of the filter; `here` is the page, where it is not the list."""
    return {
        "saved": asked.view,
        "tabs": tabs_of(asked, here or reverse(asked.kind.url_name)),
        "chips": chips_of(asked),
        "where": asked.where,
        "is_changed": asked.is_changed,
        "may_change_view": asked.view is not None and allows(asked.actor, "kernel.edit_view", asked.view),
        "may_share": allows(asked.actor, "kernel.share_view"),
        "shares": Sharing.choices,
        "set_query": address_of({name: text for name, text in asked.given.items() if name != "after"}),
        "noun": asked.noun,
        "preference": asked.preference,
    }


def is_board(view: SavedView, kind: ListKind) -> bool:
    return view.layout == ViewLayout.BOARD and bool(kind.board_url)


def address_of_view(view: SavedView, kind: ListKind) -> str:
    """Where a view opens: on the board if it was kept there."""
    return f"{reverse(kind.board_url if is_board(view, kind) else kind.url_name)}?saved={view.pk}"


def tabs_of(asked: Asked, here: str) -> list[dict[str, Any]]:
    """All records first and what everybody has, then what is pinned, then one's own views, then those of others."""
    pinned = {key for key, each in asked.preferences.items() if each.is_pinned}
    own = asked.actor.user.pk if asked.actor.user else None
    views = sorted(
        asked.views, key=lambda each: (each.pk not in pinned, each.owner_id != own, each.name.lower())
    )
    own_views = [
        {
            "label": each.name,
            "url": address_of_view(each, asked.kind),
            "is_board": is_board(each, asked.kind),
            "is_here": asked.view is not None and asked.view.pk == each.pk,
            "is_pinned": each.pk in pinned,
            "by": "" if each.owner_id == own else str(each.owner),
        }
        for each in views
    ]
    kept = {asked.kind.board_key: asked.board} if asked.board else {}
    usual = _usual_views(asked, here, kept)
    # With an empty `saved`, so that whoever opens another view first still gets here.
    everything = {
        "label": f"All {PLURALS[asked.noun]}",
        "url": f"{here}?{address_of({**kept, 'saved': ''})}",
        "is_here": asked.view is None and not any(each["is_here"] for each in usual),
    }
    return [everything, *usual, *own_views]


def _usual_views(asked: Asked, here: str, kept: dict[str, str]) -> list[dict[str, Any]]:
    """Those that everybody has, as far as the reader sees the fields of which they speak."""
    return [
        {
            "label": label,
            "url": f"{here}?{address_of({**kept, 'where': where})}",
            "is_here": asked.view is None and format_filter(asked.tree) == where,
        }
        for label, where in asked.kind.views
        if all(each.field in asked.fields for each in parse_filter(where).conditions())
    ]


def export_context(asked: Asked) -> dict[str, Any]:
    """The list as it stands, as a file."""
    given = {name: text for name, text in asked.given.items() if name in TAKEN or name.startswith("custom.")}
    given |= {"q": asked.text, "where": format_filter(asked.tree)}
    given["choice"] = given.pop("state", "") or given.pop("view", "")
    whole = {name: text for name, text in given.items() if text}
    return {
        "export_kind": PLURALS[asked.noun],
        "export_query": address_of({**whole, "columns": ",".join(asked.columns)}),
        "export_whole_query": address_of(whole),
    }


def board_context(asked: Asked, board_id: str, *, selects: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """The same tabs, chips and buttons above a board; `selects` say which part of it is shown."""
    here = reverse(asked.kind.board_url)
    shown, chosen = bar_context(asked, here=here), {each["name"] for each in selects}
    return {
        **shown,
        "selects": selects,
        "keeps": [(name, text) for name, text in asked.given.items() if text and name not in chosen],
        "set_query": f"{shown['set_query']}&as=board".lstrip("&"),
        "list_id": board_id,
        "here": here,
        "here_query": f"?{address_of(asked.given)}",
        "on_board": True,
        "fault": asked.warning,
    }
