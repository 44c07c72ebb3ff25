"""Telling what is worth knowing at once, once for each fact, and seeing to it."""

from typing import Any

from django.db import transaction

from crm.enums import AlertKind, AlertState
from crm.events import AlertDecided, AlertRaised
from crm.models import Activity, Alert, AlertRule, Company, Contact, Deal
from crm.selectors.alerts import owner_for
from crm.services.changing import apply_changes, locked
from crm.services.notifying import tell_of_alert
from gtmos.kernel import clock, events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes

WATCH = Actor.system("alerts")
THRESHOLDS = frozenset({"is_active", "days", "quiet_days", "percent", "least", "nps_at_most", "csat_at_most"})
MOST_PERCENT = 100
DEFAULTS: dict[str, dict[str, int]] = {
    AlertKind.USAGE: {"days": 14},
    AlertKind.RENEWAL: {"days": 60},
}


def rule_of(kind: str) -> AlertRule:
    """Each kind has one; it is there from the first time it is asked for."""
    rule, _ = AlertRule.objects.get_or_create(kind=kind, defaults=DEFAULTS.get(kind, {}))
    return rule


def ensure_rules() -> list[AlertRule]:
    return [rule_of(kind) for kind in AlertKind.values]


@transaction.atomic
def set_alert_rule(rule: AlertRule, *, changes: dict[str, Any], actor: Actor) -> AlertRule:
    require(actor, "crm.configure_alerts")
    if not 1 <= changes.get("percent", MOST_PERCENT) <= MOST_PERCENT:
        raise InvalidInputError("Usage falls by 1 to 100 percent.", code="bad_percent")
    rule = locked(rule)
    apply_changes(rule, changes, allowed=THRESHOLDS, actor=actor, category="ALERT_RULE")
    return rule


@transaction.atomic
def raise_alert(
    kind: str,
    *,
    fact_key: str,
    company: Company,
    what: str,
    why: str,
    contact: Contact | None = None,
    deal: Deal | None = None,
    activity: Activity | None = None,
) -> Alert | None:
    """None where the rule is off or the fact was told before."""
    if not rule_of(kind).is_active:
        return None
    alert = Alert(
        kind=kind,
        fact_key=fact_key[:120],
        company=company,
        contact=contact,
        deal=deal,
        activity=activity,
        what=what[:300],
        why=why[:500],
        owner=owner_for(company, deal),
    )
    # Of two that tell the same fact side by side, one waits here and finds it told.
    Alert.objects.bulk_create([alert], ignore_conflicts=True)
    if not Alert.objects.filter(pk=alert.pk).exists():
        return None
    history.record_creation(alert, actor=WATCH)
    raised = AlertRaised(alert_id=alert.pk, kind=kind, company_id=company.pk, owner_id=alert.owner_id)
    events.publish(raised, subject=alert, actor=WATCH)
    tell_of_alert(alert, actor=WATCH)
    _show(alert)
    return alert


def acknowledge_alert(alert: Alert, *, actor: Actor) -> Alert:
    """Somebody sees to it."""
    return _decide(alert, AlertState.ACKNOWLEDGED, actor)


def finish_alert(alert: Alert, *, actor: Actor) -> Alert:
    return _decide(alert, AlertState.DONE, actor)


def reopen_alert(alert: Alert, *, actor: Actor) -> Alert:
    return _decide(alert, AlertState.OPEN, actor)


@transaction.atomic
def _decide(alert: Alert, state: str, actor: Actor) -> Alert:
    require(actor, "crm.decide_alerts", alert.company)
    alert = locked(alert)
    before = alert.state
    if before == state:
        return alert
    alert.state, alert.decided_by, alert.decided_at = state, actor.user, clock.now()
    save_changes(alert, "state", "decided_by", "decided_at")
    history.record(alert, before={"state": before}, after={"state": state}, actor=actor, category="ALERT")
    events.publish(AlertDecided(alert_id=alert.pk, state=state), subject=alert, actor=actor)
    _show(alert)
    return alert


def _show(alert: Alert) -> None:
    live.push(f"company:{alert.company_id}")
    if alert.owner_id:
        live.push(f"user:{alert.owner_id}")
