"""Pages of mail providers: who may tell us of our mails, and what they told."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from gtmos.env import env
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.permissions import allows
from gtmos.kernel.web import actor_of, found, page
from outreach.selectors.providers import (
    ProviderState,
    get_provider_state,
    given_up_posts,
    provider_states,
    unread_posts,
)
from outreach.services.provider_events import look_again
from outreach.services.provider_posts import try_again
from outreach.services.provider_settings import LONGEST_KEY, USER, connect_provider, disconnect_provider

SHOWN = 20
VERBS = {"disconnect": disconnect_provider, "look": look_again, "try_again": try_again}


class KeyForm(forms.Form):
    """Whether it is a key of the provider is checked by the service."""

    signing_key = forms.CharField(
        max_length=LONGEST_KEY, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )

    def __init__(self, label: str, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # the stubs know only mappings of their own
        self.fields["signing_key"].label = label


@login_required
def providers(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if not allows(actor, "outreach.configure_providers"):
        raise Http404("This page is for those who configure.")
    return page(request, "outreach/providers/list.html", {"providers": provider_states(actor=actor)})


@login_required
def provider(request: HttpRequest, key: str) -> HttpResponse:
    """Looking shows how it does; posting connects it, or takes a new key."""
    state = found(get_provider_state, key, actor=actor_of(request))
    if request.method != "POST":
        return _shown(request, state, KeyForm(state.key_name))
    form = KeyForm(state.key_name, request.POST)
    if state.key_name and not form.is_valid():
        return _shown(request, state, form, status=422)
    return _connected(request, state, form)


def _connected(request: HttpRequest, state: ProviderState, form: KeyForm) -> HttpResponse:
    actor = actor_of(request)
    given = form.cleaned_data["signing_key"] if state.key_name else ""
    try:
        _, password = connect_provider(state.key, signing_key=given, actor=actor)
    except DomainError as error:
        form.add_error("signing_key" if state.key_name else None, error.message)
        return _shown(request, state, form, status=error.status_code)
    fresh = get_provider_state(state.key, actor=actor)
    return _shown(request, fresh, KeyForm(state.key_name), password=password)


@login_required
@require_POST
def change(request: HttpRequest, key: str) -> HttpResponse:
    actor, verb = actor_of(request), request.POST.get("verb", "")
    state = found(get_provider_state, key, actor=actor)
    if state.row is None or verb not in VERBS:
        raise Http404
    VERBS[verb](state.row, actor=actor)
    return redirect("outreach:provider", key)


def _shown(
    request: HttpRequest, state: ProviderState, form: KeyForm, *, password: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "provider": state,
        "form": form,
        "password": password,
        "user_name": USER,
        "events_url": env.public_url + reverse("outreach:provider-events", args=[state.key]),
        "mail_url": env.public_url + reverse("outreach:provider-mail", args=[state.key]),
        "given_up": given_up_posts().filter(provider=state.row).count() if state.row else 0,
        "unread": unread_posts().filter(provider=state.row).order_by("-id")[:SHOWN] if state.row else [],
    }
    answer = page(request, "outreach/providers/detail.html", context, status=status)
    if password:
        answer["Cache-Control"] = "no-store"
    return answer
