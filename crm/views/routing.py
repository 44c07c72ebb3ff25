"""The page of routing: rules in their order, tried on what came in last, activated and taken back."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from crm.enums import RoutingState
from crm.models import RoutingVersion
from crm.selectors.routing import (
    active_routing,
    get_routing,
    lines_of,
    mark_of,
    newest_routing,
    taker_names,
    visible_routing,
)
from crm.selectors.routing_rules import differences, stored_line, whom
from crm.services.routing import (
    ChangedSinceError,
    activate_routing,
    discard_draft,
    save_routing,
    simulate_routing,
    stop_routing,
)
from crm.views.routing_form import MOST_CONDITIONS, RoutingRuleForm, boxes_of
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.permissions import allows
from gtmos.kernel.web import actor_of, found, page, refusal

LEADS = 100
SHOWN_VERSIONS = 20


@login_required
def routing(request: HttpRequest) -> HttpResponse:
    actor = _configuring(request)
    version = _chosen(request, actor)
    form = RoutingRuleForm(initial=_edited(request, version))
    return page(request, "crm/routing/list.html", _context(request, version, form, actor))


@login_required
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Add a rule, or put it in the place of the one that was opened. What is active stays as it is: a draft is written."""
    actor = _configuring(request)
    form, rules, version = RoutingRuleForm(request.POST), _rules(), newest_routing()
    shown = request.POST.get("place", "")
    place = _place(shown, len(rules))
    if form.is_valid():
        try:
            save_routing(
                _with(rules, place, form.rule()), note=_note(version), seen=_seen(request), actor=actor
            )
        except ChangedSinceError as error:
            form.add_error(None, error.message)
            shown = ""  # another rule may stand there now
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return redirect("crm:routing")
    context = {**_context(request, version, form, actor), "place": shown}
    return page(request, "crm/routing/list.html", context)


@login_required
@require_POST
def up(request: HttpRequest, place: int) -> HttpResponse:
    return _rearranged(request, lambda rules: _swapped(rules, place))


@login_required
@require_POST
def remove(request: HttpRequest, place: int) -> HttpResponse:
    return _rearranged(request, lambda rules: [*rules[: place - 1], *rules[place:]] if place else rules)


@login_required
@require_POST
def activate(request: HttpRequest, number: int) -> HttpResponse:
    actor = _configuring(request)
    return _done(lambda: activate_routing(found(get_routing, number, actor=actor), actor=actor))


@login_required
@require_POST
def discard(request: HttpRequest, number: int) -> HttpResponse:
    actor = _configuring(request)
    return _done(lambda: discard_draft(found(get_routing, number, actor=actor), actor=actor))


@login_required
@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    actor = _configuring(request)
    return _done(lambda: stop_routing(actor=actor))


def _configuring(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if not allows(actor, "crm.configure_routing"):
        raise Http404("Rules of routing are for those who configure.")
    return actor


def _done(verb: Callable[[], object]) -> HttpResponse:
    try:
        verb()
    except DomainError as error:
        return refusal(error)
    return redirect("crm:routing")


def _rearranged(request: HttpRequest, change: Callable[[list[Any]], list[Any]]) -> HttpResponse:
    actor = _configuring(request)
    return _done(
        lambda: save_routing(change(_rules()), note=_note(newest_routing()), seen=_seen(request), actor=actor)
    )


def _seen(request: HttpRequest) -> str | None:
    """The mark of the rules on the page from which this comes."""
    return request.POST.get("seen")


def _swapped(rules: list[Any], place: int) -> list[Any]:
    if not 1 < place <= len(rules):
        return rules
    return [*rules[: place - 2], rules[place - 1], rules[place - 2], *rules[place:]]


def _with(rules: list[Any], place: int, rule: dict[str, Any]) -> list[Any]:
    return [*rules[: place - 1], rule, *rules[place:]] if place else [*rules, rule]


def _place(text: str, most: int) -> int:
    """Counted from 1; 0 for a new one."""
    return int(text) if text.isdecimal() and 0 < int(text) <= most else 0


def _rules() -> list[dict[str, Any]]:
    version = newest_routing()
    return [stored_line(line) for line in lines_of(version)] if version else []


def _note(version: RoutingVersion | None) -> str:
    return version.note if version and version.state == RoutingState.DRAFT else ""


def _chosen(request: HttpRequest, actor: Actor) -> RoutingVersion | None:
    number = request.GET.get("version", "")
    return found(get_routing, int(number), actor=actor) if number.isdecimal() else newest_routing()


def _edited(request: HttpRequest, version: RoutingVersion | None) -> dict[str, str]:
    """Only rules of up to three conditions fit into the boxes."""
    lines = lines_of(version) if version else ()
    place = _place(request.GET.get("edit", ""), len(lines))
    if not place or len(lines[place - 1].conditions) > MOST_CONDITIONS:
        return {}
    return {**boxes_of(lines[place - 1])}


def _context(
    request: HttpRequest, version: RoutingVersion | None, form: RoutingRuleForm, actor: Actor
) -> dict[str, Any]:
    names, active = taker_names(), active_routing()
    lines = lines_of(version) if version else ()
    is_other = version is not None and version != active
    return {
        "version": version,
        "active": active,
        "versions": visible_routing(actor=actor)[:SHOWN_VERSIONS],
        "lines": [
            {"line": line, "whom": whom(line, names), "fits_boxes": len(line.conditions) <= MOST_CONDITIONS}
            for line in lines
        ],
        "changes": differences(lines_of(active) if active else (), lines, names) if is_other else [],
        "is_newest": version == newest_routing(),
        "trial": simulate_routing(version, leads=LEADS, actor=actor) if version else None,
        "form": form,
        "seen": mark_of(newest_routing()),
        "place": request.GET.get("edit", ""),
    }
