"""The relations of one record: who is tied to it, a search for another, and tying and untying."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from crm.selectors.lists import companies_matching, contacts_matching, deals_matching
from crm.views.duplicates import GET
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.fields.objects import noun_of, object_of
from gtmos.kernel.fields.relations import MOST, End, Tie, ends_at, ends_of, tied_keys, ties_of
from gtmos.kernel.fields.services.relations import link, unlink
from gtmos.kernel.permissions import allows
from gtmos.kernel.web import actor_of, found, refusal, toast

MATCHING: dict[str, Any] = {
    "company": companies_matching,
    "contact": contacts_matching,
    "deal": deals_matching,
}
FORWARD, REVERSE = "to", "from"
OFFERED = 8
UNDONE_BY = {"tie": "untie", "untie": "tie"}


def relations_url(record: Any) -> str:
    """Where the block is; empty where nobody made a relation for such records."""
    noun = noun_of(record)
    return reverse(f"crm:{noun}-relations", args=[record.pk]) if ends_at(noun) else ""


@login_required
@require_safe
def of_record(request: HttpRequest, kind: str, **key: UUID) -> HttpResponse:
    """The block of a record's page, read when the page is there."""
    actor = actor_of(request)
    record = found(GET[kind], key[f"{kind}_id"], actor=actor)
    return _block(request, record, actor)


@login_required
@require_safe
def search(request: HttpRequest, kind: str, relation: str, end: str, **key: UUID) -> HttpResponse:
    """What may be tied, of what the reader sees, while they type; neither the record itself nor what is tied."""
    actor, text = actor_of(request), request.GET.get("q", "").strip()
    record = found(GET[kind], key[f"{kind}_id"], actor=actor)
    where = _end(record, relation, end)
    rows = []
    if text:
        matching = MATCHING[where.noun](text, actor=actor).exclude(pk__in=tied_keys(where, record))
        rows = list(matching.exclude(pk=record.pk)[:OFFERED])
    offers = [
        {"name": str(each), "detail": _detail(each), "url": _url(record, where, "tie", each.pk)}
        for each in rows
    ]
    context = {"offers": offers, "text": text, "record": record, "noun": object_of(where.noun).plural}
    return render(request, "crm/relations/_offers.html", context)


def _detail(record: Any) -> str:
    return str(record.domain if noun_of(record) == "company" else record.company or "")


@login_required
@require_POST
def change(
    request: HttpRequest, kind: str, relation: str, end: str, other_id: UUID, verb: str, **key: UUID
) -> HttpResponse:
    actor = actor_of(request)
    record = found(GET[kind], key[f"{kind}_id"], actor=actor)
    where = _end(record, relation, end)
    if verb not in UNDONE_BY:
        raise Http404("This cannot be done with a relation.")
    try:
        ends = ends_of(relation, record, other_id, is_reverse=where.is_reverse, actor=actor)
        (link if verb == "tie" else unlink)(*ends, actor=actor)
    except DomainError as error:
        return refusal(error)
    other = ends[1] if where.is_reverse else ends[2]
    said = f"{where.label}: {other}" if verb == "tie" else f"No longer {where.label.lower()}: {other}"
    back = _url(record, where, UNDONE_BY[verb], other.pk)
    return toast(_block(request, record, actor), f"{said}.", undo_url=back)


def _end(record: Any, relation: str, end: str) -> End:
    if end in {FORWARD, REVERSE}:
        for each in ends_at(noun_of(record)):
            if each.relation.key == relation and each.is_reverse == (end == REVERSE):
                return each
    raise Http404("There is no such relation here.")


def _url(record: Any, end: End, verb: str = "", other: object = None) -> str:
    noun, way = noun_of(record), REVERSE if end.is_reverse else FORWARD
    if not verb:
        return reverse(f"crm:{noun}-relation", args=[record.pk, end.relation.key, way])
    return reverse(f"crm:{noun}-relation-change", args=[record.pk, end.relation.key, way, other, verb])


def _block(request: HttpRequest, record: Any, actor: Actor) -> HttpResponse:
    ties = ties_of(record, actor=actor)
    groups = [_group(record, end, ties, actor) for end in ends_at(noun_of(record))]
    context = {
        "record": record,
        "groups": [each for each in groups if each["ties"] or each["may_tie"]],
        "count": len(ties),
        "has_more": len(ties) >= MOST,
    }
    return render(request, "crm/relations/_of.html", context)


def _group(record: Any, end: End, ties: list[Tie], actor: Actor) -> dict[str, Any]:
    """The first record of a tie is the one that is changed: from its other end the right to edit that kind is asked."""
    own = [tie for tie in ties if (tie.relation, tie.is_reverse) == (end.relation.key, end.is_reverse)]
    changed = None if end.is_reverse else record
    may_change = allows(actor, object_of(end.relation.from_type).edit_right, changed)
    is_full = end.relation.is_single and not end.is_reverse and bool(own)
    return {
        "end": end,
        "ties": [(tie, _url(record, end, "untie", tie.key) if may_change else "") for tie in own],
        "may_tie": may_change and not is_full,
        "search_url": _url(record, end),
        "nouns": object_of(end.noun).plural,
    }
