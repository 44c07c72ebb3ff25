"""Pages of what people may ask by law: what is known of them, forgetting, and how long things are kept."""

from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from crm.models import Contact
from crm.selectors.contacts import get_contact
from crm.services.privacy import erase_person, export_person, preview_erasure
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.paging import newest_first
from gtmos.kernel.permissions import allows
from gtmos.kernel.privacy import retention
from gtmos.kernel.privacy.models import PrivacyRequest, RetentionRule
from gtmos.kernel.web import actor_of, found, page

TYPED = "ERASE"


class ErasureForm(forms.Form):
    """Typed out, since nothing brings it back."""

    reason = forms.CharField(max_length=300, help_text="Kept with the certificate. Do not name the person.")
    confirmation = forms.CharField(label=f"Type {TYPED}", max_length=10)

    def clean_confirmation(self) -> str:
        typed = str(self.cleaned_data["confirmation"])
        if typed != TYPED:
            raise forms.ValidationError(f"Type {TYPED} in capital letters.")
        return typed


class RuleForm(forms.Form):
    """How long one kind of data is kept."""

    kind = forms.ChoiceField()
    days = forms.IntegerField(min_value=retention.SHORTEST_DAYS, max_value=36_500)
    is_active = forms.BooleanField(label="Apply it", required=False)

    def __init__(self, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # the stubs know only mappings of their own
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (kept.name, f"{kept.title}: {' or '.join(kept.actions)}") for kept in retention.kinds().values()
        ]


def _permitted(request: HttpRequest, contact_id: UUID, right: str) -> tuple[Contact, Actor]:
    actor = actor_of(request)
    record = found(get_contact, contact_id, actor=actor)
    if not allows(actor, right, record):
        raise Http404
    return record, actor


@login_required
@require_POST
def export(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    record, actor = _permitted(request, contact_id, "crm.export_person")
    answer = JsonResponse(
        export_person(record, actor=actor), json_dumps_params={"indent": 1, "ensure_ascii": False}
    )
    answer["Content-Disposition"] = f'attachment; filename="person-{record.pk}.json"'
    answer["Cache-Control"] = "no-store"
    return answer


@login_required
def erase(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    record, actor = _permitted(request, contact_id, "crm.erase_person")
    form = ErasureForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            erase_person(record, reason=form.cleaned_data["reason"], actor=actor)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return redirect("crm:privacy")
    context = {"contact": record, "form": form, "counts": preview_erasure(record, actor=actor)}
    return page(request, "crm/privacy/erase.html", context, status=422 if form.is_bound else 200)


@login_required
def privacy(request: HttpRequest) -> HttpResponse:
    """Requests, certificates and rules."""
    actor = actor_of(request)
    if not allows(actor, "crm.erase_person"):
        raise Http404
    form = RuleForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _saved(form, actor):
        return redirect("crm:privacy")
    return page(
        request, "crm/privacy/list.html", _listed(request, form), status=422 if form.is_bound else 200
    )


def _saved(form: RuleForm, actor: Actor) -> bool:
    kind = form.cleaned_data["kind"]
    action = next(iter(retention.kinds()[kind].actions))
    try:
        retention.set_rule(
            kind,
            action=action,
            days=form.cleaned_data["days"],
            is_active=form.cleaned_data["is_active"],
            actor=actor,
        )
    except InvalidInputError as error:
        form.add_error(None, error.message)
        return False
    return True


def _listed(request: HttpRequest, form: RuleForm) -> dict[str, object]:
    kinds = retention.kinds()
    rules = [
        {"rule": rule, "title": kinds[rule.kind].title, "waiting": retention.preview(rule.kind, rule.days)}
        for rule in RetentionRule.objects.filter(kind__in=kinds)
    ]
    shown = newest_first(PrivacyRequest.objects.all(), after=request.GET.get("after", ""), moment="id")
    return {"rules": rules, "form": form, "page": shown}
