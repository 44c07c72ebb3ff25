"""How clean the records are: each finding with its count, of how many, and its rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F, Model, Q, QuerySet

from crm.models import Company, Contact, Deal
from crm.selectors.duplicates import open_pairs
from crm.selectors.report_scope import ME, Scope
from crm.selectors.visibility import visible_companies, visible_contacts, visible_deals
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.rights import hidden_fields

STALE_AFTER = timedelta(days=365)
QUIET_AFTER = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Check:
    """`kind` is whose rows it finds; `rule` gives the condition."""

    key: str
    kind: str
    group: str
    title: str
    rule: Callable[[], Q]
    column: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    check: Check
    count: int
    base: int


def _nobody() -> Q:
    return Q(owner__isnull=True, team__isnull=True)


CHECKS = {
    check.key: check
    for check in (
        Check("companies-without-owner", "company", "missing", "Companies without an owner", _nobody),
        Check(
            "companies-without-domain",
            "company",
            "missing",
            "Companies without a domain",
            lambda: Q(domain=""),
        ),
        Check(
            "companies-without-industry",
            "company",
            "missing",
            "Companies without an industry",
            lambda: Q(industry_vertical=""),
        ),
        Check("contacts-without-owner", "contact", "missing", "Contacts without an owner", _nobody),
        Check(
            "contacts-without-email", "contact", "missing", "Contacts without an address", lambda: Q(email="")
        ),
        Check(
            "contacts-without-company",
            "contact",
            "missing",
            "Contacts without a company",
            lambda: Q(company__isnull=True),
        ),
        Check(
            "deals-without-owner",
            "deal",
            "missing",
            "Open deals without an owner",
            lambda: _open() & _nobody(),
        ),
        Check(
            "deals-without-amount",
            "deal",
            "missing",
            "Open deals without an amount",
            lambda: _open() & Q(deal_amount__isnull=True),
            "deal_amount",
        ),
        Check(
            "companies-stale",
            "company",
            "stale",
            "Companies unchanged for a year",
            lambda: Q(updated_at__lt=clock.now() - STALE_AFTER),
        ),
        Check(
            "contacts-bounced",
            "contact",
            "stale",
            "Contacts whose address bounced",
            lambda: Q(email_status="bounced"),
        ),
        Check(
            "deals-quiet",
            "deal",
            "stale",
            "Open deals unchanged for 90 days",
            lambda: _open() & Q(updated_at__lt=clock.now() - QUIET_AFTER),
        ),
        Check(
            "deals-overdue",
            "deal",
            "conflicting",
            "Open deals whose signing day is past",
            lambda: _open() & Q(deal_expected_signing_date__lt=clock.today()),
        ),
        Check(
            "companies-own-parent-domain",
            "company",
            "conflicting",
            "Companies with the domain of the company above them",
            lambda: ~Q(domain="") & Q(parent__domain=F("domain")),
        ),
        Check(
            "customers-without-won-deal",
            "company",
            "conflicting",
            "Customers without a deal that was won",
            lambda: (
                Q(customer_state="using") & ~Q(pk__in=Deal.objects.filter(deal_state="won").values("company"))
            ),
        ),
        Check(
            "deal-contact-elsewhere",
            "deal",
            "conflicting",
            "Deals whose contact belongs to another company",
            lambda: Q(contact__company__isnull=False) & ~Q(contact__company=F("company")),
        ),
    )
}


def _open() -> Q:
    return Q(deal_state="open")


VISIBLE: dict[str, Callable[..., QuerySet[Any]]] = {
    "company": visible_companies,
    "contact": visible_contacts,
    "deal": visible_deals,
}
MODELS: dict[str, type[Model]] = {"company": Company, "contact": Contact, "deal": Deal}


def rows_of(check: Check, *, actor: Actor, scope: Scope | None = None) -> QuerySet[Any]:
    if check.column in hidden_fields(MODELS[check.kind], actor=actor):
        return MODELS[check.kind]._default_manager.none()
    return _whose(VISIBLE[check.kind](actor=actor), scope, actor).filter(check.rule())


def findings(*, actor: Actor, scope: Scope | None = None) -> list[Finding]:
    """Of what this actor sees, and of it what one person or one team owns; a statement for each check and kind."""
    found: list[Finding] = []
    for kind, visible in VISIBLE.items():
        hidden = hidden_fields(MODELS[kind], actor=actor)
        checks = [each for each in CHECKS.values() if each.kind == kind and each.column not in hidden]
        rows = _whose(visible(actor=actor).select_related(None).order_by(), scope, actor)
        base = rows.count()
        found += [Finding(check, rows.filter(check.rule()).count(), base) for check in checks]
    return found


def _whose(rows: QuerySet[Any], scope: Scope | None, actor: Actor) -> QuerySet[Any]:
    if scope is None:
        return rows
    asked = {"owner": actor.user if scope.owner == ME else scope.owner, "team": scope.team}
    return rows.filter(**{name: value for name, value in asked.items() if value})


def duplicates_found(*, actor: Actor) -> dict[str, int]:
    return {kind: open_pairs(kind, actor=actor).count() for kind in ("company", "contact")}
