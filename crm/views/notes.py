"""A note by itself, whom it can name, and where somebody was named."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from crm.enums import ActivityType
from crm.intake.mentions import Colleague, named
from crm.models import Activity, Mention
from crm.selectors.activities import get_activity
from crm.selectors.mentions import get_mention, mentionable, visible_mentions
from crm.selectors.readings import found_in
from crm.services.activities import delete_activity
from crm.services.mentions import read_mention
from crm.services.notes import edit_note
from crm.views.duplicates import GET
from crm.views.readings import read_quietly
from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.paging import newest_first
from gtmos.kernel.people.selectors import active_users
from gtmos.kernel.permissions import allows
from gtmos.kernel.web import actor_of, found, page, refusal, toast


def with_untold(shown: HttpResponse, note: Activity) -> HttpResponse:
    """Say whom the note names who may not see it."""
    names = untold(note)
    if not names:
        return shown
    words = f"{' and '.join(names)} may not see this and was not told."
    return toast(shown, words, level="warn")


def untold(note: Activity) -> list[str]:
    if "@" not in note.body:
        return []
    people = {each.pk: each for each in active_users(actor=Actor.system("names"))}
    told = set(Mention.objects.filter(activity=note).values_list("user_id", flat=True))
    keys = named(note.body, [Colleague(each.pk, each.name, each.email) for each in people.values()])
    return [str(people[key]) for key in keys if key not in told]  # type: ignore[index]  # keys that were given


@login_required
def note(request: HttpRequest, note_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = _note(note_id, actor)
    if request.method == "POST":
        try:
            record = edit_note(record, text=request.POST.get("text", ""), actor=actor)
        except DomainError as error:
            return refusal(error)
        read_quietly(record, actor)
        shown = page(request, "crm/notes/note.html", _context(_note(note_id, actor), actor))
        return with_untold(shown, record)
    return page(request, "crm/notes/note.html", _context(record, actor))


def _note(key: UUID, actor: Actor) -> Activity:
    record = found(get_activity, key, actor=actor)
    if record.type != ActivityType.NOTE:
        raise Http404("There is no such note.")
    return record


def _context(record: Activity, actor: Actor) -> dict[str, Any]:
    may_change = record.source_id is None and not record.is_untrusted
    return {
        "note": record,
        "may_edit": may_change and allows(actor, "crm.edit_activity", record),
        "may_delete": may_change and allows(actor, "crm.delete_activity", record),
        "about": record.deal or record.contact or record.company,
        "about_kind": next((kind for kind in ("deal", "contact", "company") if getattr(record, kind)), ""),
        "may_read": allows(actor, "crm.read_texts", record),
        "found": found_in(record),
        "changes": history.of_record(record)[:50],
        "named": [each.user for each in record.mentions.select_related("user")],
    }


@login_required
@require_POST
def delete(request: HttpRequest, note_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = _note(note_id, actor)
    home = next((kind for kind in ("deal", "contact", "company") if getattr(record, f"{kind}_id")), "")
    key = getattr(record, f"{home}_id", None)
    try:
        delete_activity(record, actor=actor)
    except DomainError as error:
        return refusal(error)
    return redirect(f"crm:{home}", key) if home else redirect("workspace:home")


@login_required
def colleagues(request: HttpRequest, kind: str, **key: UUID) -> HttpResponse:
    """Who can be named in a note on this record, for the list under the cursor."""
    actor = actor_of(request)
    record = found(GET[kind], key[f"{kind}_id"], actor=actor)
    people = mentionable(request.GET.get("q", "")[:60], record, actor=actor)
    return JsonResponse({"people": [{"name": each.name or each.email} for each in people]})


@login_required
def mentions(request: HttpRequest) -> HttpResponse:
    shown = newest_first(visible_mentions(actor=actor_of(request)), after=request.GET.get("after", ""))
    return page(request, "crm/notes/mentions.html", {"page": shown})


@login_required
@require_POST
def read(request: HttpRequest, mention_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    read_mention(found(get_mention, mention_id, actor=actor), actor=actor)
    return mentions_list(request, actor)


def mentions_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    return page(request, "crm/notes/mentions.html", {"page": newest_first(visible_mentions(actor=actor))})
