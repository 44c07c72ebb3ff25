"""Changing many records of a list: what and to which value, what it would do, how far it is, and the way back."""

import json
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from crm.models import BulkEdit
from crm.selectors.bulk_edits import get_bulk_edit
from crm.selectors.lists import companies_matching, contacts_matching, deals_matching, tasks_in
from crm.services.bulk_edits import MOST_RECORDS, run_bulk_edit, start_bulk_edit, undo_bulk_edit
from crm.views.listing import LIST_IDS, PLURALS, asked_of
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.lists.asking import Asked
from gtmos.kernel.lists.fields import ListField, fields_for, kind_of, list_kinds, own_fields
from gtmos.kernel.lists.offering import offered
from gtmos.kernel.lists.saying import words_of_value
from gtmos.kernel.rights import fixed_fields
from gtmos.kernel.web import actor_of, found, refusal, toast, with_way_back
from gtmos.kernel.wording import plural

VERBS = {"set": "becomes", "add": "gains", "remove": "loses"}


def _known(noun: str) -> str:
    if noun not in list_kinds():
        raise Http404("There is no such list.")
    return noun


def editable(noun: str, *, actor: Actor) -> dict[str, ListField]:
    """What this person may change of many records at once."""
    fixed = fixed_fields(kind_of(noun).model, actor=actor)
    own = own_fields(noun, actor=actor)
    usual = {key: each for key, each in own.items() if each.is_edited and not each.columns & fixed}
    first = [key for key in ("owner", "customer_state", "stage") if key in usual]
    alone = {"name", "title", "email", "domain", "external_id", "website_url"} - (
        {"title"} if noun == "contact" else set()
    )
    rest = [key for key in usual if key not in first and key not in alone]
    return {key: usual[key] for key in (*first, *rest)}


def records_of(asked: Asked, request: HttpRequest) -> QuerySet[Any]:
    """What the list has under this address, on all its pages, before it is narrowed."""
    given, actor = request.GET, asked.actor
    if asked.noun == "company":
        found_rows: QuerySet[Any] = companies_matching(asked.text, state=given.get("state", ""), actor=actor)
    elif asked.noun == "contact":
        found_rows = contacts_matching(asked.text, actor=actor)
    elif asked.noun == "deal":
        found_rows = deals_matching(asked.text, state=given.get("state", ""), actor=actor)
    else:
        found_rows = tasks_in(given.get("view", ""), text=asked.text, actor=actor)
    return found_rows


def _chosen(request: HttpRequest, noun: str, actor: Actor) -> QuerySet[Any]:
    asked = asked_of(request, noun, actor)
    if request.POST.get("all"):
        return asked.exactly(records_of(asked, request))
    keys = [key for text in request.POST.getlist("ids") if (key := _key(text))]
    return kind_of(noun).visible(actor=actor).filter(pk__in=keys)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@login_required
@require_POST
def form(request: HttpRequest, noun: str) -> HttpResponse:
    actor = actor_of(request)
    fields = editable(_known(noun), actor=actor)
    ids = request.POST.getlist("ids")
    matching = _many(asked_of(request, noun, actor), request)
    context = {
        "noun": noun,
        "plural": PLURALS[noun],
        "query": request.GET.urlencode(),
        "ids": ids,
        "matching": matching,
        "most": MOST_RECORDS,
        "fields": fields.values(),
        **value_context(next(iter(fields.values())), actor),
    }
    return render(request, "crm/lists/_bulk_form.html", context)


def _many(asked: Asked, request: HttpRequest) -> int:
    """How many match, counted up to the most that can be changed."""
    return asked.narrowed(records_of(asked, request)).order_by()[: MOST_RECORDS + 1].count()


def value_context(field: ListField, actor: Actor, value: str = "") -> dict[str, Any]:
    """What a value is chosen or typed with."""
    told = offered({field.key: field}, actor=actor)
    choices = told[0]["choices"] if told else []
    if field.kind == "person":
        choices = [("", "Nobody"), *(each for each in choices if each[0] != "nobody")]
    elif choices and field.key not in {"stage", "customer_state", "deal_state"}:
        choices = [("", "Not known"), *choices]
    return {
        "field": field,
        "choices": choices if field.kind != "words" else [],
        "value": value,
        "words": field.kind == "words",
    }


@login_required
@require_safe
def value(request: HttpRequest, noun: str) -> HttpResponse:
    actor = actor_of(request)
    field = editable(_known(noun), actor=actor).get(request.GET.get("field", ""))
    if field is None:
        raise Http404("There is no such field.")
    return render(request, "crm/lists/_bulk_value.html", value_context(field, actor))


@login_required
@require_POST
def start(request: HttpRequest, noun: str) -> HttpResponse:
    """Try it, and show what it would do."""
    actor = actor_of(request)
    given = request.POST
    try:
        edit = start_bulk_edit(
            _known(noun),
            _chosen(request, noun, actor),
            field=given.get("field", ""),
            value=given.get("value", ""),
            operation=given.get("operation") or "set",
            actor=actor,
        )
    except DomainError as error:
        return refusal(error)
    return _page(request, edit, actor)


@login_required
@require_safe
def shown(request: HttpRequest, edit_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    return _page(request, found(get_bulk_edit, edit_id, actor=actor), actor)


def _page(request: HttpRequest, edit: BulkEdit, actor: Actor) -> HttpResponse:
    label, said = _what(edit, actor)
    refused = [
        {**each, "samples": [{**one, "url": _url(edit.noun, one["id"])} for one in each["samples"]]}
        for each in edit.refusals.values()
    ]
    context = {
        "edit": edit,
        "label": label,
        "verb": VERBS[edit.operation],
        "said": said,
        "refusals": refused,
        "records": plural(edit.total, edit.noun, PLURALS[edit.noun]),
    }
    return render(request, "crm/lists/_bulk_edit.html", context)


def _what(edit: BulkEdit, actor: Actor) -> tuple[str, str]:
    """The field and the value in words."""
    field = fields_for(edit.noun, actor=actor).get(edit.field)
    if field is None:
        return edit.field, edit.value
    return field.label, words_of_value(edit.value, field, actor=actor)


def _sentence(edit: BulkEdit, actor: Actor) -> str:
    """What was done to how many, such as "9 deals changed: Owner becomes Peter"."""
    label, value = _what(edit, actor)
    many = plural(edit.total if edit.is_working else edit.changed, edit.noun, PLURALS[edit.noun])
    if edit.state in {"running", "done"}:
        return f"{many} changed: {label} {VERBS[edit.operation]} {value}"
    return f"{many} as before: {label}"


def _url(noun: str, key: str) -> str:
    kind = kind_of(noun)
    return reverse(kind.record_url, args=[key]) if kind.record_url else reverse(kind.url_name)


@login_required
@require_POST
def run(request: HttpRequest, edit_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    try:
        edit = run_bulk_edit(found(get_bulk_edit, edit_id, actor=actor), actor=actor)
    except DomainError as error:
        return refusal(error)
    return _after(request, edit, actor)


@login_required
@require_POST
def undo(request: HttpRequest, edit_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    try:
        edit = undo_bulk_edit(found(get_bulk_edit, edit_id, actor=actor), actor=actor)
    except DomainError as error:
        return refusal(error)
    return _after(request, edit, actor)


def _after(request: HttpRequest, edit: BulkEdit, actor: Actor) -> HttpResponse:
    """Where it is done already the list is read again and a toast has the way back; otherwise its progress is shown."""
    said = _sentence(edit, actor)
    is_done = edit.state in {"running", "done"} and bool(edit.is_working or edit.changed)
    undo_url = reverse("crm:bulk-undo", args=[edit.pk]) if is_done else ""
    if edit.is_working or edit.refused:
        answer = _page(request, edit, actor)
        answer["HX-Retarget"], answer["HX-Reswap"] = "#dialogs", "innerHTML"
        return with_way_back(answer, said, undo_url) if undo_url else answer
    answer = toast(HttpResponse(status=200), said, undo_url=undo_url)
    answer["HX-Reswap"] = "none"
    answer["HX-Trigger"] = json.dumps(
        {**json.loads(answer["HX-Trigger"]), "list-changed": {"list": f"#{LIST_IDS[edit.noun]}"}}
    )
    return answer
