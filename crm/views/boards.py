"""The boards: deals by stage and companies by state, and what is said when a card may not go there."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.text import capfirst
from django.views.decorators.http import require_POST

from crm.enums import CustomerState
from crm.models import Company, Deal, Pipeline
from crm.selectors.board import board
from crm.selectors.companies import get_company
from crm.selectors.company_board import company_board
from crm.selectors.criteria import StageCriteriaError
from crm.selectors.deals import default_pipeline, pipelines
from crm.selectors.lists import companies_matching
from crm.services.cell_values import changes_from
from crm.services.editing import move_as_seen, state_as_seen
from crm.views.bulk_edits import value_context
from crm.views.cards import company_cards, deal_cards
from crm.views.listing import asked_of, board_context
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, NotFoundError
from gtmos.kernel.lists.asking import Asked, address_of
from gtmos.kernel.lists.fields import own_fields
from gtmos.kernel.lists.filters import Condition, Group, format_filter
from gtmos.kernel.web import actor_of, found, page, refusal, toast

FILL = "fill."


@login_required
def pipeline(request: HttpRequest) -> HttpResponse:
    try:
        context = pipeline_context(actor_of(request), request.GET.dict())
    except NotFoundError as error:
        context = {"missing": error.message}
    return page(request, "crm/deals/board.html", context)


def pipeline_context(actor: Actor, given: Mapping[str, str], *, of: Deal | None = None) -> dict[str, Any]:
    known = list(pipelines().prefetch_related(None).prefetch_related("stages"))
    asked = Asked("deal", given, actor)
    asked.preferences = {}  # columns and pins are for lists; a board saves the statement
    pipeline = _chosen(known, asked.board, of)
    names = {stage.key: stage.name for stage in pipeline.stages.all()}
    chosen = given.get("stage", "")
    if chosen not in names:  # another pipeline has other stages: all are shown, and no view keeps it
        chosen, asked.given = "", {name: text for name, text in given.items() if name != "stage"}
    columns = board(actor=actor, pipeline=pipeline, only_stage=chosen, where=asked.tree, text=asked.text)
    if of is None and asked.board not in {"", str(pipeline.pk)}:
        asked.fault = asked.fault or f"That pipeline is gone. This is {pipeline}."
    today = clock.today()
    return {
        "columns": [{"column": each, "cards": deal_cards(each.cards, today=today)} for each in columns],
        "pipeline": pipeline,
        "stage": chosen,
        "stage_query": asked.address(stage=None, pipeline=str(pipeline.pk)),
        "title": names.get(chosen, ""),
        **board_context(asked, "deals-board", selects=_selects(known, pipeline, names, chosen)),
    }


def _selects(
    known: list[Pipeline], pipeline: Pipeline, names: dict[str, str], stage: str
) -> list[dict[str, Any]]:
    """Which pipeline, where there are several, and on a phone which stage."""
    of_pipeline = {
        "name": "pipeline",
        "label": "Pipeline",
        "value": str(pipeline.pk),
        "choices": [(str(each.pk), each.name) for each in known],
    }
    return [*([of_pipeline] if len(known) > 1 else []), _part("stage", "Stage", "All stages", stage, names)]


def _part(name: str, label: str, everything: str, value: str, names: Mapping[str, str]) -> dict[str, Any]:
    """One column of a board alone, which a phone asks for."""
    choices = [("", everything), *names.items()]
    return {"name": name, "label": label, "value": value, "choices": choices, "on_phone": True}


def _chosen(known: list[Pipeline], key: str, deal: Deal | None) -> Pipeline:
    """The one that was asked for, that of the deal that was moved, or the default one."""
    wanted = str(deal.stage.pipeline_id) if deal else key
    named = (each for each in known if str(each.pk) == wanted)
    return next(named, None) or (known[0] if known else default_pipeline())


def move_deal(request: HttpRequest, record: Deal, actor: Actor) -> HttpResponse | None:
    """Move it, with what was filled in for the move; an answer only where it may not go there."""
    given = request.POST
    try:
        changes = filled_in(given.dict(), actor)
        changes |= {name: given[name] for name in ("stage", "pipeline") if given.get(name)}
        move_as_seen(record, was=given.get("was", ""), changes=changes, actor=actor)
    except StageCriteriaError as error:
        return (
            _missing(request, record, error, actor) if request.headers.get("HX-Request") else refusal(error)
        )
    except DomainError as error:
        return stays(request, error)
    return None


def stays(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The card goes back and a sentence says why: for a page that is an answer like another, not a fault."""
    if not request.headers.get("HX-Request"):
        return refusal(error)
    answer = toast(HttpResponse(), error.message, level="bad")
    answer["HX-Reswap"] = "none"
    if error.code == "changed_since":
        answer["HX-Trigger"] = json.dumps({**json.loads(answer["HX-Trigger"]), "board-changed": True})
    return answer


def filled_in(given: Mapping[str, str], actor: Actor) -> dict[str, Any]:
    fields, changes = own_fields("deal", actor=actor), dict[str, Any]()
    for name, text in given.items():
        key = name.removeprefix(FILL)
        if name.startswith(FILL) and text.strip() and key in fields:
            changes |= changes_from(fields[key], text, actor=actor)
    return changes


def _missing(request: HttpRequest, record: Deal, error: StageCriteriaError, actor: Actor) -> HttpResponse:
    """The card goes back; what is missing can be filled in here and the deal moved at once."""
    fields = own_fields("deal", actor=actor)
    wanted = {each["name"]: each for each in error.missing if each["kind"] in {"field", "amount"}}
    boxes = [
        {"name": f"{FILL}{key}", **value_context(fields[key], actor)}
        for key in wanted
        if key in fields and fields[key].is_edited
    ]
    rest = [
        each["detail"]
        for each in error.missing
        if f"{FILL}{each['name']}" not in {box["name"] for box in boxes}
    ]
    context = {
        "deal": record,
        "message": error.message,
        "boxes": boxes,
        "rest": rest,
        "stage": request.POST.get("stage", ""),
        "pipeline": request.POST.get("pipeline", ""),
        "was": request.POST.get("was", ""),
        "stage_name": error.stage.name,
        "from_page": request.POST.get("from", ""),
    }
    answer = render(request, "crm/deals/_missing.html", context)
    answer["HX-Retarget"], answer["HX-Reswap"] = "#dialogs", "innerHTML"
    answer["HX-Trigger"] = json.dumps({"move-refused": {"card": f"deal-{record.pk}", "why": error.message}})
    return answer


def shown_address(request: HttpRequest) -> dict[str, str]:
    """What the page that asks has in its address: the board is shown again as it was narrowed."""
    return QueryDict(urlsplit(request.headers.get("HX-Current-URL", "")).query).dict()


def board_again(request: HttpRequest, record: Deal, actor: Actor) -> HttpResponse:
    given = shown_address(request)
    given.pop("pipeline", None)
    return page(request, "crm/deals/board.html", pipeline_context(actor, given, of=record))


@login_required
def companies(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    return page(request, "crm/companies/board.html", _companies(asked_of(request, "company", actor)))


def _companies(asked: Asked) -> dict[str, Any]:
    state = asked.given.get("state", "")
    only = state if state in CustomerState.values else ""
    states = {value: capfirst(label) for value, label in CustomerState.choices}
    rows = asked.narrowed(companies_matching(asked.text, actor=asked.actor))
    columns = company_board(rows, actor=asked.actor, only=only)
    return {
        "columns": [
            {"column": each, "cards": company_cards(each.cards), "query": _of_state(asked, each.state)}
            for each in columns
        ],
        "only": only,
        **board_context(
            asked, "companies-board", selects=[_part("state", "State", "All states", only, states)]
        ),
    }


def _of_state(asked: Asked, state: str) -> str:
    """The address of the list that holds just what the column counts."""
    rest = asked.tree.parts if asked.tree.mode == "all" else (asked.tree,)
    tree = Group("all", (Condition("customer_state", "is", (state,)), *rest))
    return address_of({"where": format_filter(tree), **({"q": asked.text} if asked.text else {})})


@login_required
@require_POST
def move_company(request: HttpRequest, company_id: UUID) -> HttpResponse:
    """A card dropped on a state; its lifecycle says whether it may go there."""
    actor = actor_of(request)
    record: Company = found(get_company, company_id, actor=actor)
    to = request.POST.get("stage", "")
    if to not in CustomerState.values:
        return stays(request, DomainError("There is no such state.", code="unknown_state"))
    try:
        state_as_seen(record, to, was=request.POST.get("was", ""), actor=actor)
    except DomainError as error:
        return stays(request, error)
    asked = Asked("company", shown_address(request), actor)
    answer = page(request, "crm/companies/board.html", _companies(asked))
    return toast(answer, f"{record} is {CustomerState(to).label}")
