"""Templates of mails at the desk: written, tried on people who are there, then offered."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse

from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk, actor_of, switched
from outreach.models import MailTemplate
from outreach.rendering.fields import FALLBACKS, FIELDS
from outreach.selectors.mail_templates import tried
from outreach.services import mail_templates

PLACES = ", ".join(f"{{{name}}}" for name in FIELDS if name != "Variant")


@admin.register(MailTemplate)
class MailTemplateAdmin(Desk):
    says = "Texts that whoever writes a message of a campaign may begin with. Write one, test it on people who are there, then offer it. A campaign takes a copy, so a change here rewrites none."
    helps: ClassVar = {
        "body": f"Fields: {PLACES}. {' and '.join(FALLBACKS)} have a sentence for when nothing is known; any other unknown one stops the mail.",
    }
    told_apart_by = ("name",)
    file_place = 70
    columns = ("name", "purpose", "subject", "body", "is_active")
    list_display = ("name", "purpose", "subject", "is_active", "updated_at")
    list_filter = ("is_active",)
    search_fields = ("name", "subject", "purpose")
    fields = ("name", "purpose", "subject", "body")
    actions = ("offer", "withdraw")

    def create(self, values: dict[str, Any], *, actor: Actor) -> MailTemplate:
        on = values.pop("is_active", None)
        template = mail_templates.create_template(
            values.pop("name", ""),
            subject=values.pop("subject", ""),
            body=values.pop("body", ""),
            actor=actor,
            **values,
        )
        return self._switched(template, on, actor)

    def change(self, record: MailTemplate, changes: dict[str, Any], *, actor: Actor) -> MailTemplate:
        on = changes.pop("is_active", None)
        if changes:
            record = mail_templates.update_template(record, changes=changes, actor=actor)
        return self._switched(record, on, actor)

    def _switched(self, template: MailTemplate, on: bool | None, actor: Actor) -> MailTemplate:  # noqa: FBT001 -- a value of the row
        verbs = (mail_templates.offer_template, mail_templates.withdraw_template)
        found: MailTemplate = switched(template, on, verbs, actor=actor)
        return found

    def remove(self, record: MailTemplate, *, actor: Actor) -> None:
        mail_templates.delete_template(record, actor=actor)

    def ways_on(self, record: MailTemplate) -> list[tuple[str, str]]:
        return [
            ("Test on people who are there", reverse("admin:outreach_mailtemplate_trial", args=[record.pk]))
        ]

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.trial_view)
        one = path("<uuid:object_id>/trial/", page, name="outreach_mailtemplate_trial")
        return [one, *super().get_urls()]

    def trial_view(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        template = self._one(request, str(object_id))
        assert isinstance(template, MailTemplate)
        shown = {"title": f"Test: {template}", "trial": tried(template, actor=actor_of(request))}
        return self._about(request, template, "desk/template_trial.html", shown)

    @admin.action(description="Offer to those who write")
    def offer(self, request: HttpRequest, queryset: QuerySet[MailTemplate]) -> None:
        self.for_each(request, queryset, mail_templates.offer_template, done="Templates offered")

    @admin.action(description="Offer no longer")
    def withdraw(self, request: HttpRequest, queryset: QuerySet[MailTemplate]) -> None:
        self.for_each(request, queryset, mail_templates.withdraw_template, done="Templates withdrawn")
