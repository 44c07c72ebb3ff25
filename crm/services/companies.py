"""What can be done to a company."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from crm.enums import CustomerState
from crm.events import CompanyChanged, CompanyCreated, CustomerStateChanged
from crm.models import Company
from crm.services.assigning import OWNED, assign, says_whose
from crm.services.changing import apply_changes, check, locked, refuse_unknown, stated, with_custom
from crm.services.identity import fill_company_keys
from crm.services.notifying import tell_new_owner
from crm.services.territories import PLACED_BY, place_company
from crm.services.waiting import tie_what_waited
from gtmos.kernel import events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.fsm import move
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from gtmos.kernel.rights import refuse_fixed
from gtmos.kernel.rules.checking import refuse_broken

EDITABLE = frozenset(
    {
        "name",
        "domain",
        "external_id",
        "description",
        "industry_vertical",
        "sub_industry",
        "tags",
        "technologies",
        "b2b_or_b2c",
        "size",
        "website_url",
        "country_hq",
        "other_countries",
        "region",
        "city",
        "revenue_amount",
        "revenue_currency",
        "employee_size",
        "parent",
        "customer_segment_label",
        "decision_country",
        "company_address",
        "company_legal_entity",
        "funding_stage",
        "funded_on",
        "last_funding_amount",
        "last_funding_currency",
        "source",
        "dated_on",
        "custom",
        "owner",
        "team",
        "product_fit_score",
    }
)  # fmt: skip -- a table of names reads better in lines
CALLED_BY = frozenset({"name", "external_id"})  # by these files name it
TRANSITIONS = {
    CustomerState.EXPLORING: "explore",
    CustomerState.BUYING: "buy",
    CustomerState.USING: "use",
    CustomerState.CHURNED: "churn",
    CustomerState.DORMANT: "fall_dormant",
}


@transaction.atomic
def create_company(
    name: str, *, actor: Actor, cause_id: UUID | None = None, external_source: str = "", **fields: Any
) -> Company:
    """Add a company; refused when its domain already belongs to one. `external_source` is the system of its key."""
    require(actor, "crm.create_company")
    fields = with_custom(Company(), fields, actor=actor)
    company = Company(name=name.strip(), external_source=external_source, **_with_owner(fields, actor))
    refuse_unknown(company, fields, EDITABLE)
    refuse_fixed(Company, stated(fields), actor=actor)
    if not company.name:
        raise InvalidInputError("A company needs a name.", code="name_missing")
    derived = fill_company_keys(company)
    check(company, ["name", *fields, *derived])
    refuse_broken(company)
    _save_new(company)
    history.record_creation(company, actor=actor, cause_id=cause_id)
    place_company(company, actor=actor, cause_id=cause_id)
    if not says_whose(fields):
        _route(company, actor=actor, cause_id=cause_id)
    events.publish(CompanyCreated(company_id=company.pk), subject=company, actor=actor)
    live.push(f"company:{company.pk}")
    tie_what_waited([company], actor=actor, cause_id=cause_id)
    return company


@transaction.atomic
def retag_company(company: Company, *, add: str = "", remove: str = "", actor: Actor) -> Company:
    """One tag more, or one less, of those that are there by now."""
    company = locked(company)
    kept = [each for each in company.tags if each not in {remove, add}]
    return update_company(company, changes={"tags": [*kept, add] if add else kept}, actor=actor)


@transaction.atomic
def update_company(
    company: Company, *, changes: dict[str, Any], actor: Actor, cause_id: UUID | None = None
) -> Company:
    """Change the named fields; history keeps what they were."""
    require(actor, "crm.edit_company", company)
    company = locked(company)
    if "parent" in changes:
        _refuse_circle(company, changes["parent"])
    try:
        with transaction.atomic():
            changed = apply_changes(
                company,
                changes,
                allowed=EDITABLE,
                actor=actor,
                category="COMPANY_CLASSIFICATION",
                derive=fill_company_keys,
                cause_id=cause_id,
            )
    except IntegrityError as error:
        raise _taken(company.domain) from error
    if PLACED_BY & set(changed) and place_company(company, actor=actor, cause_id=cause_id):
        changed = (*changed, "territory")
    if changed:
        events.publish(CompanyChanged(company_id=company.pk, fields=changed), subject=company, actor=actor)
        live.push(f"company:{company.pk}")
    if "owner" in changed:
        tell_new_owner(company, actor=actor)
    if CALLED_BY & set(changed):
        tie_what_waited([company], actor=actor, cause_id=cause_id)
    return company


@transaction.atomic
def change_state(
    company: Company, to: str, *, actor: Actor, reason: str = "", cause_id: UUID | None = None
) -> Company:
    """Move the customer state along its lifecycle; asking for the present state changes nothing."""
    require(actor, "crm.edit_company", company)
    company = locked(company)
    before = company.customer_state
    if before == to:
        return company
    refuse_fixed(Company, ["customer_state"], actor=actor)
    target = CustomerState(to)
    move(
        getattr(company, TRANSITIONS[target]),
        refusal=f"{company} is {before} and cannot become {target.label}.",
    )
    save_changes(company, "customer_state")
    refuse_broken(company, {"customer_state"})
    history.record(
        company,
        before={"customer_state": before},
        after={"customer_state": to},
        actor=actor,
        category="CUSTOMER_STATE",
        summary=f"Customer state from {before} to {to}" + (f": {reason}" if reason else ""),
        cause_id=cause_id,
    )
    events.publish(
        CustomerStateChanged(company_id=company.pk, before=before, after=to), subject=company, actor=actor
    )
    live.push(f"company:{company.pk}")
    return company


def _route(company: Company, *, actor: Actor, cause_id: UUID | None) -> None:
    """After the territory is known, since a rule may ask for it."""
    for _, change in assign([company], actor=actor, cause_id=cause_id):
        if change is not None:
            save_changes(company, *OWNED)
            change.version = company.version
            change.save(force_insert=True)


def _with_owner(fields: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """What a person makes is theirs and their team's, unless they say otherwise."""
    return {**ownership(actor), **fields}


def ownership(actor: Actor) -> dict[str, Any]:
    if actor.user is None:
        return {}
    return {"owner": actor.user, "team_id": next(iter(actor.user.team_ids), None)}


def _save_new(company: Company) -> None:
    """Nothing is asked of the database between a refusal and the end of the verb, so no savepoint is needed."""
    try:
        company.save(force_insert=True)
    except IntegrityError as error:
        raise _taken(company.domain) from error


def _taken(domain: str) -> DomainError:
    return DomainError(
        f"{domain} already belongs to a company here. Open that one instead.", code="domain_taken"
    )


def _refuse_circle(company: Company, parent: Company | None) -> None:
    """Asked of the database, one change of the hierarchy at a time; a circle that is already there ends the walk."""
    lock_hierarchy()
    above = parent.pk if parent else None
    passed: set[UUID] = set()
    while above is not None and above not in passed:
        if above == company.pk:
            raise DomainError(f"{company} cannot stand below itself.", code="hierarchy_circle")
        passed.add(above)
        above = Company.objects.values_list("parent_id", flat=True).filter(pk=above).first()


def lock_hierarchy() -> None:
    """Two changes side by side could close a circle that neither of them sees."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('crm.company_hierarchy'))")
