"""Pages of events: how they flow, and the catalogue of what can happen."""

from itertools import groupby
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from gtmos.kernel.actors import Actor
from gtmos.kernel.events import catalogue, dispatch, flow
from gtmos.kernel.paging import newest_first
from gtmos.kernel.permissions import allows
from gtmos.kernel.web import actor_of, found, page
from gtmos.kernel.workflows.selectors import visible_workflows

LABELS = {"emitted": "Told", "handled": "Handled", "waiting": "Waiting", "retried": "Several tries"}
LABELS |= {"failed": "Failed tries", "dead": "Given up"}


class FlowForm(forms.Form):
    """Every choice has a default; what cannot be read means the default too."""

    hours = forms.TypedChoiceField(
        choices=list(flow.RANGES.items()),
        coerce=int,
        required=False,
        label="Time",
        empty_value=str(flow.SINCE_A_DAY),
    )
    event = forms.ChoiceField(required=False)
    state = forms.ChoiceField(
        choices=[(name, words) for name, (words, _) in flow.STATES.items()],
        required=False,
        label="Deliveries",
    )

    def __init__(self, data: Any) -> None:
        super().__init__({"hours": flow.SINCE_A_DAY, "state": "failed", **data.dict()})
        field = self.fields["event"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "All"), *((name, name) for name in catalogue.event_names())]

    def asked(self) -> flow.Asked:
        if not self.is_valid():
            return flow.Asked()
        given = self.cleaned_data
        return flow.Asked(int(given["hours"]), given["event"], given["state"] or "failed")


def watcher(request: HttpRequest) -> Actor:
    """For everybody else there is no such page."""
    actor = actor_of(request)
    if not allows(actor, "kernel.watch_events"):
        raise Http404("There is no such page, or you may not see it.")
    return actor


@login_required
def flow_page(request: HttpRequest) -> HttpResponse:
    actor = watcher(request)
    form = FlowForm(request.GET)
    asked = form.asked()
    flows = flow.flow(asked, actor=actor)
    deliveries = newest_first(
        flow.deliveries_asked(asked, actor=actor), after=request.GET.get("after", ""), moment="id"
    )
    names = {f"workflow:{each.pk}": f"Workflow {each}" for each in visible_workflows(actor=actor)}
    context = {
        "form": form,
        "flows": flows,
        "items": [{"label": LABELS[name], "value": f"{n:,}"} for name, n in flow.totals(flows).items()],
        "page": deliveries,
        "state": flow.STATES[asked.state][0],
        "names": names,
    }
    return page(request, "workspace/events/flow.html", context)


@login_required
@require_POST
def replay(request: HttpRequest, delivery_id: int) -> HttpResponse:
    actor = watcher(request)
    dispatch.replay(found(flow.get_delivery, delivery_id, actor=actor), actor=actor)
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if safe and back.startswith("/settings/events/") else "workspace:event-flow")


@login_required
def catalogue_page(request: HttpRequest) -> HttpResponse:
    watcher(request)
    wanted = request.GET.get("q", "").strip().lower()
    shown = [
        each for each in catalogue.entries() if wanted in each.name or wanted in each.description.lower()
    ]
    shown.sort(key=lambda each: (each.category, each.name))
    groups = [(name, list(rows)) for name, rows in groupby(shown, key=lambda each: each.category)]
    return page(request, "workspace/events/catalogue.html", {"groups": groups, "q": wanted})
