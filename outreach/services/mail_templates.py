"""Templates of mails: written, tried on people who are there, then offered to those who write campaigns."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from crm.services.changing import check
from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from gtmos.kernel.rules.services.switching import switch
from outreach.models import MailTemplate
from outreach.services.sequences import written

DEFINED = ("name", "purpose", "subject", "body")
RIGHT = "outreach.configure_templates"
CATEGORY = "MAIL_TEMPLATE"


@transaction.atomic
def create_template(name: str, *, subject: str, body: str, actor: Actor, purpose: str = "") -> MailTemplate:
    """Nobody is offered it yet."""
    require(actor, RIGHT)
    values = _checked({"name": name, "purpose": purpose, "subject": subject, "body": body})
    template = MailTemplate(**values)
    check(template, values)
    _save(template, new=True)
    history.record_creation(template, actor=actor, values=values)
    return template


@transaction.atomic
def update_template(template: MailTemplate, *, changes: Mapping[str, Any], actor: Actor) -> MailTemplate:
    """Campaigns that took the text keep theirs."""
    require(actor, RIGHT, template)
    template = _held(template)
    values = _checked(changes)
    before = history.changed_values(template, values)
    for name, value in values.items():
        setattr(template, name, value)
    check(template, values)
    if history.record(template, before=before, after=values, actor=actor, category=CATEGORY):
        _save(template)
    return template


@transaction.atomic
def offer_template(template: MailTemplate, *, actor: Actor) -> MailTemplate:
    """From now on whoever writes a message may begin with it."""
    return switch(template, on=True, right=RIGHT, category=CATEGORY, actor=actor)


@transaction.atomic
def withdraw_template(template: MailTemplate, *, actor: Actor) -> MailTemplate:
    return switch(template, on=False, right=RIGHT, category=CATEGORY, actor=actor)


@transaction.atomic
def delete_template(template: MailTemplate, *, actor: Actor) -> None:
    require(actor, RIGHT, template)
    template = _held(template)
    before = {name: getattr(template, name) for name in DEFINED}
    after = dict.fromkeys(DEFINED)
    history.record(
        template, before=before, after=after, actor=actor, category="DELETED", summary=f"Deleted {template}"
    )
    template.delete()


def _held(template: MailTemplate) -> MailTemplate:
    return MailTemplate.objects.select_for_update().get(pk=template.pk)


def _checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The words as a campaign's message would keep them."""
    strange = sorted(set(changes) - set(DEFINED))
    if strange:
        raise InvalidInputError(f"{strange[0]} cannot be changed.", code="unknown_field")
    values = {name: " ".join(changes[name].split()) for name in ("name", "purpose") if name in changes}
    if values.get("name") == "":
        raise InvalidInputError("Give the template a name.", code="name_missing")
    values |= written({name: changes[name] for name in ("subject", "body") if name in changes})
    if any("{Variant}" in text for text in values.values()):
        raise InvalidInputError(
            "{Variant} is the place of what a test compares: a campaign sets it, a template has none.",
            code="variant_in_template",
        )
    return values


def _save(template: MailTemplate, *, new: bool = False) -> None:
    try:
        with transaction.atomic():
            template.save(force_insert=True) if new else save_changes(template, *DEFINED)
    except IntegrityError as error:
        raise DomainError(f"Another template is called {template.name}.", code="name_taken") from error
