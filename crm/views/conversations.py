"""What colleagues say to one another about a record: a fragment of its page."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from crm.selectors.conversations import conversation, get_message, kind_of
from crm.services.conversations import delete_message, post_message, read_messages
from crm.views.duplicates import GET
from gtmos.kernel.actors import Actor
from gtmos.kernel.api_idempotency import done_once
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.permissions import allows
from gtmos.kernel.web import actor_of, found, refusal


@login_required
@done_once
def of_record(request: HttpRequest, kind: str, **key: UUID) -> HttpResponse:
    """Reading it from an open page is having seen it; a POST says something first."""
    actor = actor_of(request)
    record = found(GET[kind], key[f"{kind}_id"], actor=actor)
    try:
        if request.method == "POST":
            post_message(record, text=request.POST.get("text", ""), actor=actor)
    except DomainError as error:
        return refusal(error)
    return _shown(request, record, actor)


@login_required
@require_POST
def delete(request: HttpRequest, kind: str, message_id: UUID, **key: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = found(GET[kind], key[f"{kind}_id"], actor=actor)
    try:
        delete_message(found(get_message, message_id, actor=actor), actor=actor)
    except DomainError as error:
        return refusal(error)
    return _shown(request, record, actor)


@login_required
@require_POST
def read(request: HttpRequest, kind: str, **key: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = found(GET[kind], key[f"{kind}_id"], actor=actor)
    read_messages(record, actor=actor)
    return _shown(request, record, actor)


def _shown(request: HttpRequest, record: Any, actor: Actor) -> HttpResponse:
    name = "_card" if request.GET.get("card") else "_messages"
    return render(request, f"crm/conversations/{name}.html", messages_of(record, actor=actor))


def messages_of(record: Any, *, actor: Actor) -> dict[str, Any]:
    """What the card shows."""
    kind = kind_of(record)
    return {
        "record": record,
        "conversation": conversation(record, actor=actor),
        "me": actor.user,
        "delete_name": f"crm:{kind}-message-delete",
        "messages_url": reverse(f"crm:{kind}-messages", args=[record.pk]),
        "read_url": reverse(f"crm:{kind}-messages-read", args=[record.pk]),
        "colleagues_url": reverse(f"crm:{kind}-colleagues", args=[record.pk]),
        "may_post": allows(actor, "crm.post_message"),
    }
