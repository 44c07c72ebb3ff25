"""The history of a record: every change with its values, and the way back to them."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from crm.selectors.merges import merges_of
from crm.services.merge_values import FIELDS
from crm.services.restoring_versions import restore_fields, restore_version
from crm.views.duplicates import GET
from gtmos.kernel import history
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.history.models import Change
from gtmos.kernel.paging import newest_first
from gtmos.kernel.web import actor_of, found, page, refusal


@login_required
def changes(request: HttpRequest, kind: str, **key: UUID) -> HttpResponse:
    record = found(GET[kind], key[f"{kind}_id"], actor=actor_of(request))
    shown = newest_first(history.of_record(record), after=request.GET.get("after", ""), moment="timestamp")
    rows = [_row(change, record) for change in shown.rows]
    context = {"kind": kind, "record": record, "page": shown, "rows": rows, "merges": merges_of(record)[:20]}
    return page(request, "crm/history/changes.html", context | {"restore": f"crm:{kind}-restore"})


def _row(change: Change, record: Any) -> dict[str, Any]:
    values = [
        {
            "name": name,
            "label": name.replace("_", " "),
            "before": _in_words(change.previous_values.get(name)),
            "after": _in_words(change.new_values.get(name)),
            "is_restorable": name in FIELDS[type(record)],
        }
        for name in change.changed_fields
    ]
    return {"change": change, "values": values, "any": any(each["is_restorable"] for each in values)}


def _in_words(value: Any) -> Any:
    """A record by its name, custom values each by its own; the rest is a word already."""
    if isinstance(value, dict):
        pairs = (f"{key.replace('_', ' ')}: {_in_words(each)}" for key, each in value.items())
        return value["name"] if "name" in value and "id" in value else "; ".join(pairs)
    return ", ".join(str(_in_words(each)) for each in value) if isinstance(value, list) else value


@login_required
@require_POST
def restore(request: HttpRequest, kind: str, change_id: int, **key: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = found(GET[kind], key[f"{kind}_id"], actor=actor)
    change = history.of_record(record).filter(pk=change_id).first()
    if change is None:
        raise Http404("There is no such change of this record.")
    try:
        if request.POST.get("whole"):
            restore_version(record, change, actor=actor)
        else:
            restore_fields(record, change, fields=request.POST.getlist("field"), actor=actor)
    except DomainError as error:
        return refusal(error)
    if request.headers.get("HX-Request"):
        answer = HttpResponse()
        answer["HX-Refresh"] = "true"
        return answer
    return redirect(f"crm:{kind}-history", record.pk)
