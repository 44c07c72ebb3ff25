"""The audit log: read, narrowed and taken along as a file."""

import csv
import json
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse

from gtmos.kernel.actors import Actor
from gtmos.kernel.paging import newest_first
from gtmos.kernel.permissions import allows
from gtmos.kernel.signin.doors import confirmed
from gtmos.kernel.web import actor_of, page
from gtmos.workspace.selectors import audit

DOORS = ("page", "api", "admin", "import", "command", "task", "agent", "system")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class AskedForm(forms.Form):
    what = forms.ChoiceField(
        choices=[("changes", "Changes"), ("actions", "Actions")], required=False, label="Show"
    )
    person = forms.CharField(max_length=100, required=False)
    kind = forms.ChoiceField(
        choices=[("", "Anybody"), ("user", "People"), ("agent", "Agents"), ("system", "The product")],
        required=False,
        label="Done by",
    )
    about = forms.CharField(max_length=60, required=False, label="Kind of record")
    record = forms.UUIDField(required=False, label="Record key")
    door = forms.ChoiceField(choices=[("", "All"), *((each, each) for each in DOORS)], required=False)
    since = forms.DateField(required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label="To", widget=forms.DateInput(attrs={"type": "date"}))

    def asked(self) -> audit.Asked:
        values: dict[str, Any] = {name: value for name, value in self.cleaned_data.items() if value}
        if "record" in values:
            values["record"] = str(values["record"])
        return audit.Asked(**values)


def _auditor(request: HttpRequest) -> Actor:
    """For everybody else there is no such page."""
    actor = actor_of(request)
    if not allows(actor, "kernel.view_audit"):
        raise Http404("There is no such page, or you may not see it.")
    return actor


@login_required
def log(request: HttpRequest) -> HttpResponse:
    actor = _auditor(request)
    form = AskedForm(request.GET)
    asked = form.asked() if form.is_valid() else audit.Asked()
    shown, entries = _shown(asked, request.GET.get("after", ""), actor)
    context = {"form": form, "page": shown, "entries": entries, "asked": asked}
    return page(request, "workspace/audit/log.html", context)


def _shown(asked: audit.Asked, after: str, actor: Actor) -> tuple[Any, list[audit.Entry]]:
    if asked.what == "actions":
        events = newest_first(audit.actions_asked(asked, actor=actor), after=after, moment="happened_at")
        return events, [audit.entry_of_event(each) for each in events.rows]
    changes = newest_first(audit.changes_asked(asked, actor=actor), after=after, moment="timestamp")
    names = audit.people_by_id()
    return changes, [audit.entry_of_change(each, names) for each in changes.rows]


@login_required
@confirmed
def export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    actor = _auditor(request)
    form = AskedForm(request.GET)
    if not form.is_valid():
        return HttpResponse("Some of the filters cannot be used.", status=400, content_type="text/plain")
    asked = form.asked()
    response = StreamingHttpResponse(_lines(asked, actor), content_type="text/csv; charset=utf-8")
    days = "-".join(str(day) for day in (asked.since, asked.until) if day) or "all"
    response["Content-Disposition"] = f'attachment; filename="audit-{asked.what}-{days}.csv"'
    return response


class _Echo:
    def write(self, text: str) -> str:
        return text


def _lines(asked: audit.Asked, actor: Actor) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(audit.COLUMNS)
    for entry in audit.entries(asked, actor=actor):
        yield writer.writerow([_cell(getattr(entry, name)) for name in audit.COLUMNS])


def _cell(value: Any) -> str:
    """What a spreadsheet would take for a formula is quoted."""
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
