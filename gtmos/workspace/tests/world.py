"""One record of each kind, and requests that fit the API's own description of itself."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.test import Client
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator

from agents.tests.builders import a_run
from crm.models import BulkEdit, Company, Contact, Deal, DuplicatePair
from crm.services.bulk_edits import start_bulk_edit
from crm.services.companies import update_company
from crm.services.objections import record_objection
from crm.tests.approval_builders import an_approval
from crm.tests.builders import a_company, a_contact, a_deal, a_meeting, a_task
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.approvals.models import Approval, ApprovalPolicy, Delegation
from gtmos.kernel.approvals.services.delegations import delegate
from gtmos.kernel.fields.services.relations import create_relation
from gtmos.kernel.history.models import Change
from gtmos.kernel.lists.models import SavedView
from gtmos.kernel.lists.services.views import create_view
from gtmos.kernel.people.models import Role
from gtmos.kernel.people.services import issue_token
from gtmos.kernel.tests.builders import a_team, a_user
from gtmos.kernel.webhooks.services import create_webhook
from gtmos.kernel.workflows.models import Workflow, WorkflowVersion
from gtmos.kernel.workflows.services.workflows import create_workflow
from gtmos.workspace.tests.test_privacy import OURS, a_pair
from gtmos.workspace.tests.test_privacy import Rows as RowMaker
from outreach.models import Campaign, Experiment, Step
from outreach.tests.campaign_builders import a_campaign

NOBODY = "deadbeef-dead-4ead-8ead-deadbeefdead"


@dataclass
class Operation:
    """One address with one method, and what it says it reads."""

    method: str
    path: str
    schema: dict[str, Any] | None
    shapes: dict[str, Any] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def noun(self) -> str:
        return self.path.split("/")[3]

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema or "allOf" in schema or "oneOf" in schema:
            inner = schema.get("allOf") or schema.get("oneOf")
            schema = inner[0] if inner else self.shapes[schema["$ref"].rsplit("/", 1)[1]]
        return schema


def operations() -> Iterator[Operation]:
    described = SchemaGenerator().get_schema(request=None, public=True)
    for path, by_method in described["paths"].items():
        for method, operation in by_method.items():
            if method in {"post", "put", "patch", "delete"}:
                content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
                yield Operation(method, path, content.get("schema"), described["components"]["schemas"])


# What a value has to be beside its type.
FITTING: dict[str, Any] = {
    "action": "crm.discount_deal",
    "steps": [{"do": "create_task", "with": {"title": "Look at it", "due_days": 1}}],
    "conditions": {},
    "definition": {"branches": [{"name": "All", "steps": [{"approvers": ["role:executive"]}]}]},
    "text": "Call Bill tomorrow",
    "currency": "EUR",
    "revenue_currency": "EUR",
    "last_funding_currency": "EUR",
    "country_hq": "DE",
    "country": "DE",
    "domain": "fabrikam.example",
    "website_url": "https://fabrikam.example/",
    "email": "bill@fabrikam.example",
    "url": "https://hooks.fabrikam.example/",
    "event_names": ["crm.company_created"],
    "event": "crm.company_created",
    "event_name": "crm.company_created",
    "event_type": "crm.company_created",
    "reason": "other",
    "fields": ["name"],
    "relation": "knows",
    "letter": "B",
    "rate": "1.10",
}


# What an address asks for that cannot be guessed from its description.
BODIES: dict[str, dict[str, Any]] = {
    "post bulk-edits/": {"noun": "company", "field": "city", "value": "Ulm", "where": "name:is:Contoso"},
    "patch saved-views/{id}/": {"name": "Theirs"},
    "patch exchange-rates/{id}/": {"rate": "1.20"},
    "post research-jobs/": {"criteria": {"titles": ["CMO"]}},
    "post research-jobs/{id}/refine/": {"op": "narrow", "changes": {"titles": ["CMO"]}},
}
FIRST = {"patch account-team-members/{id}/": "role", "patch workflows/{id}/": "note"}
# The state in which the address can do something.
STATES: dict[str, dict[str, Any]] = {
    "alerts/{id}/reopen/": {"state": "done"},
    "campaigns/{id}/cancel-start/": {"state": "active", "starts_at": "2100-01-01T00:00:00Z"},
    "campaigns/{id}/complete/": {"state": "running"},
    "campaigns/{id}/archive/": {"state": "completed"},
    "campaigns/{id}/pause/": {"state": "running"},
    "campaigns/{id}/resume/": {"state": "paused"},
    "deals/{id}/reopen/": {"deal_state": "lost"},
    "deals/{id}/resume/": {"deal_state": "on_hold"},
    "saved-searches/{id}/run/": {"criteria": {"titles": ["CMO"]}},
    "touches/{id}/resolve/": {"state": "in_doubt"},
    "webhooks/{id}/resume/": {"state": "paused"},
    "workflows/{id}/deactivate/": {"is_active": True},
    "approvals/{id}/confirm/": {"state": "waiting", "plan": {"fingerprint": "Some fingerprint"}},
    "approvals/{id}/reject/": {"state": "waiting"},
    "prospects/{id}/select/": {"blocked_reason": ""},
}


def _model_called(noun: str) -> type[models.Model] | None:
    ours = (model for model in apps.get_models() if model._meta.app_label in OURS)
    return next((each for each in ours if each._meta.model_name == re.sub(r"[_-]", "", noun)), None)


# Addresses whose last part is a name.
NAMED = {"exports": "companies", "event-types": "crm.contact_created"}


class World:
    """One record of each kind, known by the first word of its address, and who asks."""

    def __init__(self, role: Role) -> None:
        self.user = a_user(role=role, team=a_team())
        self.stranger = a_user(name="Stranger", team=a_team())
        actor = Actor.of(self.user)
        self.company = a_company(actor=actor, name="Contoso", domain="contoso.example")
        self.person = a_contact(actor=actor, company=self.company, name="Ann Contoso")
        self.rows = RowMaker(self.person)
        self.deal = a_deal(actor=actor, company=self.company)
        made = self.rows.made
        for record in (self.company, self.deal, self.user, a_task(actor=actor), a_meeting(actor=actor)):
            made[type(record)] = record
        objection = record_objection(category="price", text="Dear", deal=self.deal, actor=actor)
        made[type(objection)] = objection
        webhook, _ = create_webhook(
            "CRM", url="https://hooks.contoso.example/", event_names=["*"], actor=Actor.system("test")
        )
        made[type(webhook)] = webhook
        run = a_run(("task.create", {"title": "Call"}), actor=actor)
        made[type(run)] = run
        made[DuplicatePair] = a_pair(self.person, a_contact(actor=actor))
        approval, now = an_approval(actor), clock.now()
        made |= {Approval: approval, ApprovalPolicy: approval.policy_version.policy}
        made[Delegation] = delegate(
            self.user, deputy=a_user(), starts_at=now, ends_at=now + timedelta(days=1), actor=actor
        )
        workflow = create_workflow(
            "New companies",
            event_name="crm.company_created",
            steps=FITTING["steps"],
            owner=self.user,
            actor=SYSTEM,
        )
        made |= {Workflow: workflow, WorkflowVersion: workflow.versions.get()}
        ours = Company.objects.filter(pk=self.company.pk)
        made[SavedView] = create_view("company", "Mine", actor=actor)
        made[BulkEdit] = start_bulk_edit("company", ours, field="city", value="Ulm", actor=actor)
        campaign = a_campaign(people=1, actor=actor, ab_element="subject", ab_variants=("a", "b"))
        made |= {Campaign: campaign, Step: campaign.steps.get(number=1), Experiment: campaign.experiment}
        self.second = {
            Company: a_company(actor=actor),
            Contact: a_contact(actor=actor),
            Deal: a_deal(actor=actor, company=self.company),
        }
        create_relation(
            "Knows", reverse_label="is known by", from_type="company", to_type="company", actor=SYSTEM
        )
        update_company(self.company, changes={"city": "Bonn"}, actor=actor)
        self.change_id = Change.objects.get(subject_id=self.company.pk, summary__contains="city").pk
        scopes = ["read", "write", "send", *(["admin"] if role == Role.REVOPS else [])]
        self.key = issue_token(self.user, scopes=scopes, actor=actor)
        self.client = Client()
        self.client.get(
            "/api/v1/tasks/", headers={"Authorization": f"Bearer {self.key}"}
        )  # the key was used now

    def record_of(self, model: type[models.Model]) -> models.Model:
        """Theirs, so that only what is asked for can be refused."""
        is_new = model not in self.rows.made
        record = self.rows.of(model)
        names = {column.name for column in model._meta.concrete_fields}
        if is_new and "owner" in names:
            model._default_manager.filter(pk=record.pk).update(owner=self.user)
        return record

    def address(self, operation: Operation) -> str:
        if "{" not in operation.path:
            return operation.path
        start, _, end = operation.path.partition("{")
        if operation.noun in NAMED:
            return f"{start}{NAMED[operation.noun]}{end.partition('}')[2]}"
        record = self.record_of(self.model_of(operation))
        return f"{start}{record.pk}{end.partition('}')[2]}"

    def model_of(self, operation: Operation) -> type[models.Model]:
        tried_keys = (resolve(re.sub(r"{\w+}", key, operation.path)).func for key in (NOBODY, "1"))
        view = next(found.cls for found in tried_keys if hasattr(found, "cls"))  # the rest say "nothing here"
        model = getattr(getattr(view.serializer_class, "Meta", None), "model", None)
        if model is None and view.queryset is None:
            model = _model_called(operation.noun.removesuffix("s"))
        return model or view.queryset.model

    @contextmanager
    def prepared(self, operation: Operation) -> Iterator[None]:
        """In the state in which it can do something."""
        with transaction.atomic():
            state = STATES.get(operation.path.removeprefix("/api/v1/"))
            if state:
                model = self.model_of(operation)
                model._default_manager.filter(pk=self.record_of(model).pk).update(**state)
            yield
            transaction.set_rollback(True)

    def ask(self, operation: Operation, url: str, body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.key}", "If-Match": "*"}
        call = getattr(self.client, operation.method)
        return call(url, data=body, content_type="application/json", headers=headers)

    def body(self, operation: Operation) -> Any:
        given = BODIES.get(f"{operation.method} {operation.path.removeprefix('/api/v1/')}")
        if given is not None:
            return given
        first = FIRST.get(f"{operation.method} {operation.path.removeprefix('/api/v1/')}")
        if first and operation.schema:
            return {
                first: self.sample(operation, operation.resolved(operation.schema)["properties"][first], "")
            }
        return self.sample(operation, operation.schema, "") if operation.schema else {}

    def sample(self, operation: Operation, schema: dict[str, Any], name: str) -> Any:
        if name == "change_id":
            return self.change_id
        if name in FITTING:
            return FITTING[name]
        schema = operation.resolved(schema)
        if schema.get("enum"):
            return next(each for each in schema["enum"] if each)
        kinds = schema.get("type", "string")
        kind = kinds if isinstance(kinds, str) else kinds[0]
        if kind == "object" and "properties" in schema:
            known = schema["properties"]
            wanted = {*schema.get("required", ()), *({"name", "title", "text"} & set(known))} or [*known][:1]
            return {each: self.sample(operation, schema["properties"][each], each) for each in sorted(wanted)}
        if kind == "array":
            return [self.sample(operation, schema.get("items", {}), name.removesuffix("s"))]
        plain: dict[str, Any] = {"integer": 1, "number": 1, "boolean": True, "object": {}}
        return plain[kind] if kind in plain else self._text(operation, schema, name)

    def _text(self, operation: Operation, schema: dict[str, Any], name: str) -> str:
        if name == "other_id":
            return str(self.second[self.model_of(operation)].pk)
        if schema.get("format") == "uuid":
            return str(self._key(name.removesuffix("_id")))
        texts = {"date": "2026-12-01", "date-time": "2026-12-01T10:00:00Z", "decimal": "12.50"}
        return texts.get(schema.get("format", ""), f"Some {name}"[: schema.get("maxLength", 40)])

    def _key(self, noun: str) -> Any:
        noun = {"parent": "company", "research": "researchjob"}.get(noun, noun)
        model = _model_called(noun)
        return self.record_of(model).pk if model else self.user.pk
