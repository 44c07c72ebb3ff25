"""Pages of contacts."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from crm.enums import ActivityType
from crm.forms import ContactForm, NoteForm, opened_values
from crm.models import Contact
from crm.selectors.companies import get_company
from crm.selectors.contacts import get_contact, mail_block
from crm.selectors.lists import contacts_matching, deals_matching
from crm.selectors.timeline import timeline
from crm.services.activities import log_activity
from crm.services.contacts import create_contact
from crm.views.editing import as_shown, saved
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.paging import newest_first
from gtmos.kernel.search.matching import note_on
from gtmos.kernel.web import actor_of, found, page, refusal


@login_required
def contacts(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    text = request.GET.get("q", "")
    shown = newest_first(contacts_matching(text, actor=actor), after=request.GET.get("after", ""))
    now = clock.now()
    rows = [{"contact": contact, "blocked": mail_block(contact, now=now)} for contact in shown.rows]
    return page(
        request,
        "crm/contacts/list.html",
        {"page": shown, "rows": rows, "q": text, "text_note": note_on(text)},
    )


@login_required
def contact(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    return page(
        request, "crm/contacts/detail.html", _detail(found(get_contact, contact_id, actor=actor), actor)
    )


def _detail(record: Contact, actor: Actor) -> dict[str, object]:
    return {
        "contact": record,
        "blocked": mail_block(record, now=clock.now()),
        "deals": deals_matching("", actor=actor).filter(contact=record)[:20],
        "activities": timeline(record, actor=actor),
        "page_context": {"focus": {"type": "contact", "name": record.name}},
    }


@login_required
def create(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    form = ContactForm(request.POST or None)
    company_id = request.GET.get("company")
    if form.is_valid():
        home = found(get_company, company_id, actor=actor) if company_id else None
        try:
            made = create_contact(actor=actor, company=home, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return redirect("crm:contact", made.pk)
    return page(request, "crm/contacts/edit.html", {"form": form, "contact": None})


@login_required
def edit(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = found(get_contact, contact_id, actor=actor)
    opened = opened_values(ContactForm, record, request.POST)
    form = ContactForm(request.POST or None, instance=get_contact(contact_id, actor=actor), initial=opened)
    if saved(form, record, opened, actor=actor):
        return redirect("crm:contact", record.pk)
    return page(request, "crm/contacts/edit.html", {"contact": record, **as_shown(form, opened)})


@login_required
@require_POST
def note(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = found(get_contact, contact_id, actor=actor)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return refusal(DomainError("Write something first.", code="empty_note"))
    text = form.cleaned_data["text"]
    try:
        log_activity(type=ActivityType.NOTE, subject=text[:120], body=text, contact=record, actor=actor)
    except DomainError as error:
        return refusal(error)
    return page(request, "crm/contacts/detail.html", _detail(record, actor))
