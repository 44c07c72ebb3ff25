"""What each person would read, and changing what everybody reads."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET, require_http_methods

from gtmos.context.selectors.organisation import organisation
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.wording import counted
from outreach.models import Campaign, MailTemplate, Step, Variant
from outreach.rendering.fields import FIELDS, Part, Rendered
from outreach.selectors.mail_templates import offered_templates
from outreach.selectors.messages import Composed, Composer, Reader
from outreach.services import sequences
from outreach.views.campaigns import answered, campaign_or_404

MOST_TEXT = 20_000


@login_required
@require_GET
def message_preview(request: HttpRequest, key: UUID) -> HttpResponse:
    """The message of one person: `person` counts from 1, `step` and `variant` choose the text."""
    campaign, actor = campaign_or_404(request, key)
    context = {"campaign": campaign, **_preview(campaign, request, actor)}
    return render(request, "outreach/campaigns/_message.html", context)


def _preview(campaign: Campaign, request: HttpRequest, actor: Actor) -> dict[str, Any]:
    del actor  # who sees the campaign sees its people
    total = campaign.enrollments.count()
    place = min(max(1, _number(request.GET.get("person"), 1)), max(total, 1))
    composer = Composer(campaign)
    reader = _reader(composer, place)
    number = _number(request.GET.get("step"), 1)
    step = next((each for each in composer.steps if each.number == number), None)
    variants = _variants(campaign)
    if reader is None or step is None:
        return {"total": total, "reader": None}
    chosen = _chosen(variants, request.GET.get("variant", ""), reader)
    composed = composer.compose(reader, step, variant_id=chosen.pk if chosen else None)
    return {
        "total": total,
        "place": place,
        "previous": place - 1 if place > 1 else None,
        "next": place + 1 if place < total else None,
        "reader": reader,
        "step": step,
        "steps": composer.steps,
        "variants": variants if number == 1 else [],
        "chosen": chosen.letter if chosen else "",
        "own": next((each.letter for each in variants if each.pk == reader.variant_id), ""),
        "message": _message(campaign, reader, composed),
        "checks": _checks(step, composed, reader),
    }


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 7 else default


def _reader(composer: Composer, place: int) -> Reader | None:
    keys = composer.campaign.enrollments.order_by("position", "id").values_list("pk", flat=True)
    return next(iter(composer.readers(list(keys[place - 1 : place]))), None)


def _variants(campaign: Campaign) -> list[Variant]:
    experiment = getattr(campaign, "experiment", None)
    return sorted(experiment.variants.all(), key=lambda each: each.letter) if experiment else []


def _chosen(variants: list[Variant], letter: str, reader: Reader) -> Variant | None:
    by_letter = {variant.letter: variant for variant in variants}
    own = next((each for each in variants if each.pk == reader.variant_id), None)
    return by_letter.get(letter.upper()) or own or next(iter(variants), None)


def _message(campaign: Campaign, reader: Reader, composed: Composed) -> dict[str, Any]:
    ours = organisation()
    mailbox = campaign.mailbox
    return {
        "sender": str(mailbox) if mailbox else "Not known",
        "to": f"{reader.name} <{reader.email}>",
        "subject": marked(composed.subject_parts),
        "html": paragraphs(composed.body_parts) + _signature(mailbox.signature if mailbox else ""),
        "footer": f"Unsubscribe · {ours.name}, {ours.postal_address or 'postal address missing'}",
    }


def _signature(text: str) -> SafeString:
    """Sent below every text, so it stands in the preview too."""
    return format_html("<p>{}</p>", text) if text.strip() else SafeString("")


def marked(rendered: Rendered) -> SafeString:
    """The text with every filled place marked; every value is escaped."""
    return format_html_join("", "{}", ((_part(part),) for part in rendered.parts))


def _part(part: Part) -> SafeString:
    if part.kind == "text":
        return conditional_escape(part.text)
    if part.kind == "missing":
        return format_html('<b class="bad" title="Not known">{}</b>', part.text)
    note = (
        f"{part.name}, from the record" if part.kind == "field" else f"{part.name} is not known, the fallback"
    )
    css = "token" if part.kind == "field" else "token warn"
    return format_html('<span class="{}" title="{}">{}</span>', css, note, part.text)


def paragraphs(rendered: Rendered) -> SafeString:
    """Blank lines part paragraphs; single line ends are kept by the style sheet."""
    pieces = str(marked(rendered)).split("\n\n")
    # Every piece was escaped above; the cut at blank lines never falls inside a tag.
    return mark_safe("".join(f"<p>{piece}</p>" for piece in pieces))  # noqa: S308


def _checks(step: Step, composed: Composed, reader: Reader) -> list[dict[str, Any]]:
    filled = {
        part.name
        for part in (*composed.subject_parts.parts, *composed.body_parts.parts)
        if part.kind == "field"
    }
    checks = [
        {"ok": False, "text": f"{name} is not known, so this mail does not leave"}
        for name in composed.missing
    ]
    if not composed.missing:
        checks.append({"ok": True, "text": f"All {counted(len(filled))} fields filled from records"})
    checks += [{"ok": False, "text": f"Uses the fallback for {name}"} for name in composed.used_fallbacks]
    checks.append({"ok": True, "text": "One-click unsubscribe and the postal address are in every mail"})
    nodes = [source["node"] for source in step.sources if source.get("node") and source["node"] != "signal"]
    if nodes:
        checks.append({"ok": True, "text": f"Says only what the message tree says: {', '.join(nodes)}"})
    if reader.signal is not None:
        on = f"{reader.signal.occurred_on:%-d %b %Y}"
        checks.append({"ok": True, "text": f"Signal: {reader.signal.type}, {reader.signal.source}, {on}"})
    return checks


@login_required
@require_http_methods(["GET", "POST"])
def step_edit(request: HttpRequest, key: UUID, number: int) -> HttpResponse:
    campaign, actor = campaign_or_404(request, key)
    step = campaign.steps.filter(number=number).first()
    if step is None:
        raise Http404("There is no such message.")
    if request.method == "GET":
        context = _form(campaign, step, template=request.GET.get("template", ""))
        return render(request, "outreach/campaigns/_step_dialog.html", context)
    given = {
        "subject": request.POST.get("subject", "")[:MOST_TEXT],
        "body": request.POST.get("body", "")[:MOST_TEXT],
        "offset_days": _number(request.POST.get("offset_days"), step.offset_days),
    }
    try:
        sequences.update_step(
            step, changes={k: v for k, v in given.items() if v != getattr(step, k)}, actor=actor
        )
    except DomainError as error:
        context = _form(campaign, step, given=given, error=error.message)
        return render(request, "outreach/campaigns/_step_dialog.html", context, status=422)
    return answered(request, campaign, actor, f"Message {number} is changed. It has to be approved again")


def _begun_with(key: str, step: Step, offered: Sequence[MailTemplate]) -> dict[str, Any] | None:
    """The words of a template in place of the message's own; nothing is saved by it."""
    found = next((each for each in offered if str(each.pk) == key), None)
    if found is None:
        return None
    return {"subject": found.subject, "body": found.body, "offset_days": step.offset_days, "template": found}


def _form(
    campaign: Campaign,
    step: Step,
    *,
    given: dict[str, Any] | None = None,
    error: str = "",
    template: str = "",
) -> dict[str, Any]:
    offered = list(offered_templates())
    experiment = getattr(campaign, "experiment", None)
    is_tested = step.number == 1 and experiment is not None and experiment.element == "subject"
    present = {"subject": step.subject, "body": step.body, "offset_days": step.offset_days}
    values = given or _begun_with(template, step, offered) or present
    return {
        "campaign": campaign,
        "step": step,
        "values": {**values, "subject": step.subject} if is_tested else values,
        "error": error,
        "templates": offered,
        "fields": [f"{{{name}}}" for name in FIELDS if name != "Variant"],
        "is_tested": is_tested,
    }
