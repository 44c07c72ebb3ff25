"""The list of deals: what the board shows in columns, as rows that are searched, filtered and put in order."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from crm.enums import DealState
from crm.selectors.lists import deals_matching
from crm.views.listing import asked_of, first_address, list_context
from gtmos.kernel.web import actor_of, page


@login_required
def deals(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    asked = asked_of(request, "deal", actor)
    if first := first_address(asked):
        return redirect(first)
    state = request.GET.get("state", "")
    context = list_context(asked, deals_matching(asked.text, state=state, actor=actor))
    of_state = {"name": "state", "label": "State", "value": state, "choices": DealState.choices}
    context["filters"] = [of_state, *context["filters"]]
    return page(request, "crm/deals/list.html", context)
