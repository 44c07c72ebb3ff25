"""Pages of webhooks: who is told what, how it went, sending again."""

from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from gtmos.kernel.actors import Actor
from gtmos.kernel.events.catalogue import event_names
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.paging import newest_first
from gtmos.kernel.permissions import allows
from gtmos.kernel.web import actor_of, found, page
from gtmos.kernel.webhooks import services
from gtmos.kernel.webhooks.models import Webhook
from gtmos.kernel.webhooks.selectors import (
    counted,
    get_delivery,
    get_webhook,
    visible_deliveries,
    visible_webhooks,
)

BY_HAND = "Disabled by hand."


class WebhookForm(forms.Form):
    """Checked here, made by the service."""

    name = forms.CharField(max_length=100)
    url = forms.CharField(label="Address", max_length=services.LONGEST_URL, help_text="Begins with https://")
    event_names = forms.MultipleChoiceField(
        label="Events", help_text="Tell all, or hold Ctrl or ⌘ to choose several."
    )

    def __init__(self, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # the stubs know only mappings of their own
        names = [("*", "Everything"), *((name, name) for name in event_names())]
        field = self.fields["event_names"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = names


@login_required
def webhooks(request: HttpRequest) -> HttpResponse:
    form, secret, status = WebhookForm(request.POST if request.method == "POST" else None), "", 200
    if form.is_bound:
        secret = _made(form, actor_of(request))
        form, status = (WebhookForm(), 201) if secret else (form, 422)
    return _listed(request, form, secret, status)


def _made(form: WebhookForm, actor: Actor) -> str:
    if not form.is_valid():
        return ""
    try:
        return services.create_webhook(actor=actor, **form.cleaned_data)[1]
    except DomainError as error:
        form.add_error(None, error.message)
        return ""


def _listed(request: HttpRequest, form: WebhookForm, secret: str, status: int) -> HttpResponse:
    actor = actor_of(request)
    context = {
        "webhooks": counted(visible_webhooks(actor=actor)),
        "form": form,
        "secret": secret,
        "may_manage": allows(actor, "kernel.manage_webhooks"),
    }
    return _unkept(page(request, "workspace/webhooks/list.html", context, status=status), secret)


@login_required
def webhook(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    return _shown(request, found(get_webhook, webhook_id, actor=actor_of(request)))


def _shown(request: HttpRequest, webhook: Webhook, secret: str = "") -> HttpResponse:
    sent = visible_deliveries(actor=actor_of(request)).filter(webhook=webhook).prefetch_related("log")
    shown = newest_first(sent, after=request.GET.get("after", ""), moment="id")
    context = {"webhook": webhook, "page": shown, "secret": secret}
    return _unkept(page(request, "workspace/webhooks/detail.html", context), secret)


@login_required
@require_POST
def change(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    known = found(get_webhook, webhook_id, actor=actor)
    verb = request.POST.get("verb", "")
    if verb == "rotate":
        return _shown(request, *services.rotate_webhook_secret(known, actor=actor))
    try:
        _act(known, verb, actor)
    except DomainError as error:
        return HttpResponse(error.message, status=error.status_code, content_type="text/plain")
    return redirect("workspace:webhook", known.pk)


def _act(known: Webhook, verb: str, actor: Actor) -> Webhook:
    if verb == "pause":
        return services.pause_webhook(known, actor=actor)
    if verb == "resume":
        return services.resume_webhook(known, actor=actor)
    if verb == "disable":
        return services.disable_webhook(known, reason=BY_HAND, actor=actor)
    raise Http404


@login_required
@require_POST
def replay(request: HttpRequest, webhook_id: UUID, delivery_id: int) -> HttpResponse:
    actor = actor_of(request)
    delivery = found(get_delivery, delivery_id, actor=actor)
    if delivery.webhook_id != webhook_id:
        raise Http404
    services.replay_webhook_delivery(delivery, actor=actor)
    return redirect("workspace:webhook", webhook_id)


def _unkept(answer: HttpResponse, secret: str) -> HttpResponse:
    """A page with a secret is kept by no cache."""
    if secret:
        answer["Cache-Control"] = "no-store"
    return answer
