"""Cells of lists that are edited in their place: the box to write in, what was saved, and the way back."""

import json
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from crm.services.cell_values import text_of
from crm.services.cells import CellClashError, save_cell, take_cell_back
from crm.views.bulk_edits import value_context
from crm.views.clashes import clash_shown
from crm.views.listing import LIST_IDS
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, NotFoundError
from gtmos.kernel.lists.asking import Asked
from gtmos.kernel.lists.cells import NO_SPECIAL, Cells
from gtmos.kernel.lists.fields import ListField, kind_of, list_kinds, own_fields
from gtmos.kernel.permissions import require
from gtmos.kernel.rights import refuse_fixed
from gtmos.kernel.web import actor_of, found, refusal, toast


def get_record(key: UUID, *, noun: str, actor: Actor) -> Any:
    record = kind_of(noun).visible(actor=actor).filter(pk=key).first()
    if record is None:
        raise NotFoundError(f"There is no such {noun}, or you may not see it.", code="not_found")
    return record


def _asked(noun: str, record_id: UUID, column: str, actor: Actor) -> tuple[Any, ListField]:
    if noun not in list_kinds():
        raise Http404("There is no such list.")
    field = own_fields(noun, actor=actor).get(column)
    if field is None or not field.is_edited:
        raise Http404("There is no such cell.")
    record = found(lambda key, *, actor: get_record(key, noun=noun, actor=actor), record_id, actor=actor)
    return record, field


@login_required
def cell(request: HttpRequest, noun: str, record_id: UUID, column: str) -> HttpResponse:
    """The box by GET, or the cell as it is; by POST the value is saved and the cell answered as it is now."""
    actor = actor_of(request)
    record, field = _asked(noun, record_id, column, actor)
    try:
        require(actor, f"crm.edit_{noun}", record)
        refuse_fixed(type(record), [field.column or field.key], actor=actor)
        if request.GET.get("shown"):
            return _saved(noun, record_id, field, None, actor)
        if request.method != "POST":
            return _box(request, record, field, actor)
        version, was = int(request.POST.get("version") or 0), request.POST.get("was")
        text = request.POST.get("value", "")
        change = save_cell(record, field, text, version=version, was=was, actor=actor)
    except CellClashError as error:
        return _choose(request, record, field, error, actor)
    except DomainError as error:
        return refusal(error)
    except ValueError:
        return refusal(DomainError("Read the list again first.", code="changed_since"))
    return _saved(noun, record_id, field, change.pk if change else None, actor)


def _box(request: HttpRequest, record: Any, field: ListField, actor: Actor) -> HttpResponse:
    shown = {
        **value_context(field, actor, text_of(record, field)),
        "record": record,
        "version": record.version,
    }
    url = reverse("crm:cell", args=[record._meta.model_name, record.pk, field.key])
    return render(request, "crm/lists/_cell.html", {**shown, "url": url})


def _choose(
    request: HttpRequest, record: Any, field: ListField, clash: CellClashError, actor: Actor
) -> HttpResponse:
    """Two people wrote in one cell: both values, and which one stays."""
    fresh = get_record(record.pk, noun=record._meta.model_name, actor=actor)
    mine = request.POST.get("value", "")
    words = dict(value_context(field, actor)["choices"])
    place = f"#row-{record.pk} > td[data-cell='{field.key}']"
    url = reverse("crm:cell", args=[record._meta.model_name, record.pk, field.key])
    context = {
        "title": f"{field.label} of {fresh}",
        "by": clash.by,
        "clashes": [
            {
                "label": field.label,
                "theirs": words.get(clash.theirs, clash.theirs),
                "mine": words.get(mine, mine),
            }
        ],
        "mine_url": url,
        "mine": [("value", mine), ("was", clash.theirs), ("version", fresh.version)],
        "theirs_url": f"{url}?shown=1",
        "place": place,
        "swap": "innerHTML",
    }
    return clash_shown(request, clash, context)


def _saved(noun: str, key: UUID, field: ListField, change: int | None, actor: Actor) -> HttpResponse:
    asked = Asked(noun, {"columns": field.key}, actor)
    row = asked.only_shown(asked.kind.visible(actor=actor)).filter(pk=key).first()
    if row is None:  # it was given away, past what this person sees
        answer = toast(HttpResponse(status=200), f"{field.label} is saved")
        return _told(answer, {"list-changed": {"list": f"#{LIST_IDS[noun]}"}})
    names: dict[str, tuple[str, str]] = {}
    inside = Cells(asked, [field], names, clock.now(), NO_SPECIAL).inside(field, row)
    told = {"cell-saved": {"record": str(key), "version": row.version}}
    answer = HttpResponse(inside)
    if change is None:
        answer["HX-Trigger"] = json.dumps(told)
        return answer
    undo = reverse("crm:cell-undo", args=[noun, key, change])
    return _told(toast(answer, f"{field.label} of {row} is saved", undo_url=undo), told)


def _told(answer: HttpResponse, told: dict[str, Any]) -> HttpResponse:
    answer["HX-Trigger"] = json.dumps({**json.loads(answer["HX-Trigger"]), **told})
    return answer


@login_required
@require_POST
def undo(request: HttpRequest, noun: str, record_id: UUID, change_id: int) -> HttpResponse:
    actor = actor_of(request)
    if noun not in list_kinds():
        raise Http404("There is no such list.")
    record = found(lambda key, *, actor: get_record(key, noun=noun, actor=actor), record_id, actor=actor)
    try:
        take_cell_back(record, change_id, actor=actor)
    except NotFoundError as error:
        raise Http404(error.message) from error
    except DomainError as error:
        return refusal(error)
    answer = toast(HttpResponse(status=200), f"{record} is as before")
    return _told(answer, {"list-changed": {"list": f"#{LIST_IDS[noun]}"}})
