"""Pages of contacts."""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from crm.forms import ContactForm, NewContactForm, NoteForm, initial_values, opened_values
from crm.models import Contact
from crm.selectors.companies import get_company, named_company
from crm.selectors.contacts import get_contact, mail_block
from crm.selectors.lists import contacts_matching, deals_matching
from crm.selectors.routing import is_routed
from crm.services.contacts import create_contact
from crm.views.editing import as_shown, saved
from crm.views.listing import asked_of, first_address, list_context
from crm.views.locks import marks_of
from crm.views.merged import leads_on
from crm.views.notes import with_untold
from crm.views.readings import write_and_read
from crm.views.relations import relations_url
from crm.views.routing_form import owner_said
from crm.views.timeline import timeline_of
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.api_idempotency import done_once
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.fields.columns import facts_of
from gtmos.kernel.fields.forms import gathered, with_custom
from gtmos.kernel.permissions import allows
from gtmos.kernel.records import may_see
from gtmos.kernel.templatetags.gtmos import pill
from gtmos.kernel.web import actor_of, found, page, refusal


def _mail(contact: Contact, *, now: datetime) -> SafeString:
    """Whether one may write to the person, and why not."""
    blocked = mail_block(contact, now=now)
    words = blocked or contact.get_email_status_display()
    return pill(words[:1].upper() + words[1:], tone="bad" if blocked else "")


@login_required
def contacts(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    asked = asked_of(request, "contact", actor)
    if first := first_address(asked):
        return redirect(first)
    special = {"email_status": partial(_mail, now=clock.now())}
    context = list_context(asked, contacts_matching(asked.text, actor=actor), special=special)
    return page(request, "crm/contacts/list.html", context)


@login_required
@leads_on("contact")
def contact(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    return page(
        request,
        "crm/contacts/detail.html",
        _detail(found(get_contact, contact_id, actor=actor), request, actor),
    )


def _detail(record: Contact, request: HttpRequest, actor: Actor) -> dict[str, object]:
    return {
        "contact": record,
        "blocked": mail_block(record, now=clock.now()),
        "deals": deals_matching("", actor=actor).filter(contact=record)[:20],
        **timeline_of(record, request, actor=actor),
        "custom_facts": facts_of("contact", record.custom, actor=actor),
        "may_export": allows(actor, "crm.export_person", record),
        "may_erase": allows(actor, "crm.erase_person", record) and record.erased_at is None,
        "ties_url": relations_url(record),
        "locks": marks_of(record, actor=actor),
        "page_context": {"focus": {"type": "contact", "name": record.name}},
    }


@login_required
def create(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    company_id = request.GET.get("company")
    home = found(get_company, company_id, actor=actor) if company_id else None
    form = with_custom(ContactForm if home else NewContactForm, "contact")(request.POST or None)
    if form.is_valid():
        values = gathered(form.cleaned_data)
        named = values.pop("company_named", "")
        try:
            made = create_contact(
                actor=actor,
                company=named_company(named, actor=actor) if named else home,
                **values,
                **owner_said(request.POST, actor=actor),
            )
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return redirect("crm:contact", made.pk) if may_see(actor, made) else redirect("crm:contacts")
    return page(
        request,
        "crm/contacts/edit.html",
        {"form": form, "contact": None, "home": home, "is_routed": is_routed("contact")},
    )


@login_required
@leads_on("contact")
def edit(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = found(get_contact, contact_id, actor=actor)
    shape = with_custom(ContactForm, "contact")
    opened = opened_values(shape, record, request.POST)
    form = shape(
        request.POST or None,
        instance=get_contact(contact_id, actor=actor),
        initial=initial_values(shape, opened),
    )
    if saved(form, record, opened, actor=actor):
        return redirect("crm:contact", record.pk)
    return page(request, "crm/contacts/edit.html", {"contact": record, **as_shown(form, opened)})


@login_required
@require_POST
@done_once
def note(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = found(get_contact, contact_id, actor=actor)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return refusal(DomainError("Write something first.", code="empty_note"))
    text = form.cleaned_data["text"]
    try:
        written = write_and_read(text, contact=record, actor=actor)
    except DomainError as error:
        return refusal(error)
    shown = page(request, "crm/contacts/detail.html", _detail(record, request, actor))
    return with_untold(shown, written)
