"""Looking for what alerts tell: changes of people, words of customers, deals, usage and renewals."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from crm.enums import AlertKind, CustomerState, DealState, EmailStatus
from crm.models import Activity, Alert, Company, Contact, Deal, Stage, UsageEvent
from crm.scoring.surveys import score_in
from crm.selectors.alerts import is_weighty, matters
from crm.services.alerts import ensure_rules, raise_alert, rule_of
from gtmos.kernel import clock
from gtmos.kernel.history.models import Change
from gtmos.kernel.wording import plural

AGAIN = timedelta(
    hours=48
)  # what a subscriber missed, such as a list that changed people, is found by the sweep
WATCHED = ("company", "title", "email_status")


def watch_accounts() -> int:
    """The sweep; returns how many alerts it raised."""
    ensure_rules()
    return watch_people() + watch_usage() + watch_renewals()


def watch_people(*, contact_id: UUID | str | None = None) -> int:
    """Changes of champions and decision makers, by whatever door they came."""
    changed = Q()
    for name in WATCHED:
        changed |= Q(changed_fields__contains=name)
    rows = Change.objects.filter(
        changed, subject_type="crm.contact", timestamp__gte=clock.now() - AGAIN
    ).exclude(change_category="CREATED")
    if contact_id is not None:
        rows = rows.filter(subject_id=contact_id)
    people = {
        each.pk: each
        for each in Contact.objects.filter(
            pk__in=rows.values("subject_id"), erased_at__isnull=True
        ).select_related("company")
        if is_weighty(each)
    }
    found = [
        tell_of_change(people[row.subject_id], row) for row in rows.order_by("pk") if row.subject_id in people
    ]
    return sum(found)


def tell_of_change(contact: Contact, change: Change) -> int:
    before, after = change.previous_values, change.new_values
    account = contact.company
    if "company" in change.changed_fields:
        left = _company_of(before.get("company"))
        if left is not None:
            return _left(contact, left, f"Their company is now {_name(after.get('company')) or 'not known'}.")
    if account is None:
        return 0
    if "email_status" in change.changed_fields and after.get("email_status") == EmailStatus.BOUNCED:
        return _left(contact, account, f"Mail to {contact.email} comes back: the address does not exist.")
    if "title" in change.changed_fields and before.get("title"):
        return _changed_title(contact, account, change)
    return 0


def _company_of(value: Any) -> Company | None:
    key = value.get("id") if isinstance(value, dict) else value
    return Company.objects.select_related("owner").filter(pk=key).first() if key else None


def _name(value: Any) -> str:
    return str(value.get("name") or "") if isinstance(value, dict) else str(value or "")


def tell_left(contact: Contact, *, why: str) -> int:
    """Somebody, or their mail program, says that they have left."""
    if contact.company is None or not is_weighty(contact):
        return 0
    return _left(contact, contact.company, why)


def _left(contact: Contact, company: Company, why: str) -> int:
    # However many signs there are that somebody left, it is one fact.
    key, what = f"left:{contact.pk}:{company.pk}", f"{contact} may have left {company}"
    return _of_champion(contact, company, key, what=what, why=why)


def _changed_title(contact: Contact, company: Company, change: Change) -> int:
    before, after = change.previous_values.get("title"), change.new_values.get("title")
    what, why = (
        f"{contact} has another title at {company}",
        f"It was {before}, now it is {after or 'not known'}.",
    )
    return _of_champion(contact, company, f"title:{change.pk}", what=what, why=why)


def _of_champion(contact: Contact, company: Company, fact_key: str, *, what: str, why: str) -> int:
    if not matters(company):
        return 0
    alert = raise_alert(
        AlertKind.CHAMPION,
        fact_key=fact_key,
        company=company,
        contact=contact,
        what=what,
        why=f"{contact} is a {contact.get_influence_role_display()}. {why}",
    )
    return int(alert is not None)


def tell_of_refusal(activity: Activity) -> int:
    """A customer, or somebody at a company with an open deal, answered with a no."""
    company = activity.company
    if company is None or activity.outcome != "negative" or not matters(company):
        return 0
    alert = raise_alert(
        AlertKind.DETRACTOR,
        fact_key=str(activity.pk),
        company=company,
        contact=activity.contact,
        activity=activity,
        what=f"{activity.contact or company} says no",
        why=f"{activity.get_type_display().capitalize()} of {activity.happened_at:%-d %b %Y}, taken as negative.",
    )
    return int(alert is not None)


def tell_of_score(given: UsageEvent) -> int:
    """A customer answered a survey with so little as the rule says, or less."""
    score, company = score_in(given.name, given.properties), given.company
    if score is None or company is None or not matters(company):
        return 0
    rule = rule_of(AlertKind.SCORE)
    if not score.is_low(at_most=rule.nps_at_most if score.kind == "nps" else rule.csat_at_most):
        return 0
    words = f' "{score.comment}"' if score.comment else " There is no comment."
    alert = raise_alert(
        AlertKind.SCORE,
        fact_key=f"{given.source}:{given.external_id}",
        company=company,
        contact=given.contact,
        what=f"{given.contact or company} gives {score.words}",
        why=f"{given.source}, {given.occurred_at:%-d %b %Y}.{words}",
    )
    return int(alert is not None)


def tell_of_setback(deal: Deal, *, before: str, after: str, fact_key: str) -> int:
    """An open deal moved to an earlier stage of its pipeline."""
    stages = {each.key: each for each in Stage.objects.filter(pipeline=deal.stage.pipeline_id)}
    was, now = stages.get(before), stages.get(after)
    if deal.company is None or was is None or now is None or deal.deal_state != DealState.OPEN:
        return 0
    if now.position >= was.position:
        return 0
    alert = raise_alert(
        AlertKind.SETBACK,
        fact_key=fact_key,
        company=deal.company,
        deal=deal,
        what=f"{deal} went back to {now.name}",
        why=f"It stood at {was.name} before.",
    )
    return int(alert is not None)


def watch_usage() -> int:
    """Customers whose events of the last days are fewer by the share of the rule than in as many days before."""
    rule = rule_of(AlertKind.USAGE)
    if not rule.is_active or not rule.days:
        return 0
    now, span = clock.now(), timedelta(days=rule.days)
    customers = _with_usage(now, span).filter(before__gte=max(rule.least, 1))
    told = Alert.objects.filter(company=OuterRef("pk"), kind=AlertKind.USAGE, created_at__gte=now - span)
    found = 0
    for company in customers.filter(~Exists(told)):
        before, lately = company.before, company.lately
        fall = (before - lately) * 100
        if fall >= rule.percent * before:
            alert = raise_alert(
                AlertKind.USAGE,
                fact_key=f"{company.pk}:{now:%Y-%m-%d}",
                company=company,
                what=f"Usage at {company} falls by {round(fall / before)} %",
                why=f"{plural(lately, 'event')} in the last {plural(rule.days, 'day')}, {before} in the {plural(rule.days, 'day')} before.",
            )
            found += alert is not None
    return found


def _with_usage(now: datetime, span: timedelta) -> QuerySet[Any]:
    times = "usage_events__occurred_at"
    lately = Q(**{f"{times}__gte": now - span, f"{times}__lt": now})
    before = Q(**{f"{times}__gte": now - 2 * span, f"{times}__lt": now - span})
    return (
        Company.objects.filter(customer_state=CustomerState.USING)
        .annotate(lately=Count("usage_events", filter=lately), before=Count("usage_events", filter=before))
        .select_related("owner")
    )


def watch_renewals() -> int:
    """Contracts that end soon at companies with which nobody spoke lately."""
    rule = rule_of(AlertKind.RENEWAL)
    if not rule.is_active:
        return 0
    now = clock.now()
    today = timezone.localdate(now)
    quiet_since = now - timedelta(days=rule.quiet_days)
    ending = Deal.objects.filter(
        deal_state=DealState.WON,
        company__isnull=False,
        deal_end_date__range=(today, today + timedelta(days=rule.days)),
    ).select_related("company__owner", "owner")
    ending = ending.annotate(spoke_at=Max("company__activities__happened_at"))
    quiet = ending.filter(Q(spoke_at__isnull=True) | Q(spoke_at__lt=quiet_since))
    return sum(_tell_of_renewal(deal, today) for deal in quiet)


def _tell_of_renewal(deal: Deal, today: Any) -> int:
    assert deal.company is not None
    assert deal.deal_end_date is not None
    spoke_at = deal.spoke_at  # type: ignore[attr-defined]  # read beside the row
    days = (deal.deal_end_date - today).days
    when = f"in {plural(days, 'day')}" if days else "today"
    last = f"The last activity was on {spoke_at:%-d %b %Y}." if spoke_at else "There is no activity at all."
    alert = raise_alert(
        AlertKind.RENEWAL,
        fact_key=f"{deal.pk}:{deal.deal_end_date}",
        company=deal.company,
        deal=deal,
        what=f"{deal.company} renews {when} and nobody speaks with them",
        why=f"{deal} ends on {deal.deal_end_date:%-d %b %Y}. {last}",
    )
    return int(alert is not None)
