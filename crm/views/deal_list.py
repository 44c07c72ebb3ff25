"""The list of deals: what the board shows in columns, as rows that are searched, filtered and put in order."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from crm.enums import DealState
from crm.selectors.lists import deals_matching
from crm.views.custom_lists import listing
from gtmos.kernel.search.matching import note_on
from gtmos.kernel.web import actor_of, page

LISTED = (
    *("name", "deal_state", "deal_amount", "deal_amount_currency", "deal_expected_signing_date"),
    *("created_at", "company__name", "stage__name", "owner__name", "owner__email"),
)


@login_required
def deals(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    text, state = request.GET.get("q", ""), request.GET.get("state", "")
    matching = deals_matching(text, state=state, actor=actor)
    narrow = matching.select_related(None).select_related("company", "stage", "owner").only(*LISTED)
    listed = listing(narrow, request, "deal", actor=actor)
    rows = [{"deal": row, "cells": cells} for row, cells in zip(listed.page.rows, listed.cells, strict=True)]
    filters = [
        {"name": "state", "label": "State", "value": state, "choices": DealState.choices},
        *listed.filters,
    ]
    more = {"rows": rows, "q": text, "filters": filters, "text_note": note_on(text)}
    return page(request, "crm/deals/list.html", {**listed.context, **more})
