"""The configuration as a file, at the RevOps desk: taken out, compared, brought in."""

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminFileFieldWidget

from gtmos.kernel import clock
from gtmos.kernel.desk import actor_of, may_enter
from gtmos.kernel.desk_transfer import Comparison, apply, look, packed, taking_part
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.signin.doors import ask_again
from gtmos.kernel.signin.session_services import is_confirmed

LARGEST = 2_000_000


class FileForm(forms.Form):
    """The box as unfold draws it, because its script looks for what stands around one."""

    file = forms.FileField(
        widget=UnfoldAdminFileFieldWidget(
            attrs={
                "id": "configuration-file",
                "accept": ".json,application/json",
                "aria-label": "File of a configuration",
            }
        )
    )


def configuration(request: HttpRequest) -> HttpResponse:
    """Look first: a file that is posted is compared, and saved only with the second button."""
    if not may_enter(request):
        return HttpResponseRedirect(reverse("admin:index"))
    if request.GET.get("as") == "file":
        return _file()
    text = _given(request)
    if request.method != "POST" or not text:
        return _page(request)
    try:
        if "save" in request.POST:
            return _saved(request, text)
        return _page(request, text=text, comparison=look(text, actor=actor_of(request)))
    except DomainError as error:
        messages.error(request, error.message)
        return _page(request, text=text)


def _saved(request: HttpRequest, text: str) -> HttpResponse:
    actor = actor_of(request)
    if not is_confirmed(request.session) and _changes_rights(look(text, actor=actor)):
        return ask_again(request)
    done = apply(text, actor=actor)
    made, changed = done.count("new"), done.count("changed")
    messages.success(request, f"Saved: {made} new, {changed} changed, {done.count('same')} as they were.")
    return HttpResponseRedirect(request.path)


def _changes_rights(found: Comparison) -> bool:
    """Whether it writes rows whose own form asks who sits there."""
    asking = {str(each.model._meta.verbose_name) for each in taking_part() if each.asks_again}
    return any(each.kind in asking and each.outcome in {"new", "changed"} for each in found.lines)


def _given(request: HttpRequest) -> str:
    file = request.FILES.get("file")
    if file is None:
        return str(request.POST.get("text", ""))[:LARGEST]
    return bytes(file.read(LARGEST)).decode(errors="replace")


def _file() -> HttpResponse:
    answer = HttpResponse(packed(), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="configuration-{clock.now():%Y-%m-%d}.json"'
    return answer


def _page(request: HttpRequest, **shown: object) -> HttpResponse:
    kinds = [(desk.model._meta.verbose_name_plural, desk.in_file().count()) for desk in taking_part()]
    frame = {
        **admin.site.each_context(request),
        "title": "Configuration as a file",
        "kinds": kinds,
        "form": FileForm(),
    }
    return TemplateResponse(request, "desk/configuration.html", {**frame, **shown})
