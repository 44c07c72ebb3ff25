"""How a customer does, from four facts: open alerts, usage, silence, and the renewal ahead."""

from dataclasses import dataclass

from crm.scoring.words import many

QUIET_DAYS = 30
RENEWS_WITHIN_DAYS = 90
LEAST_EVENTS = 20
FALL = 0.5


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """`quiet_days` is None where nothing ever happened; usage is of 30 days and of the 30 before."""

    alerts: int
    quiet_days: int | None
    usage: int
    usage_before: int
    renews_in_days: int | None


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """`tone` is "bad", "warn" or "good"; the reasons stand in words beside it."""

    tone: str
    reasons: tuple[str, ...]


def account_health(facts: AccountFacts) -> AccountHealth:
    """Bad with an open alert, usage that halves, or a renewal nobody prepares; warn with silence; else good."""
    grave: list[str] = []
    light: list[str] = []
    if facts.alerts:
        grave.append(f"{facts.alerts} open alert{'s' if facts.alerts > 1 else ''}")
    fall = usage_fall(facts.usage, facts.usage_before)
    if fall is not None and fall >= FALL:
        grave.append(f"usage fell from {facts.usage_before:,} to {facts.usage:,} events")
    is_quiet = facts.quiet_days is None or facts.quiet_days > QUIET_DAYS
    if is_quiet:
        said = "no activity yet" if facts.quiet_days is None else f"quiet for {many(facts.quiet_days, 'day')}"
        renews = facts.renews_in_days
        if renews is not None and renews <= RENEWS_WITHIN_DAYS:
            grave.append(f"{said}, renews in {many(renews, 'day')}")
        else:
            light.append(said)
    tone = "bad" if grave else "warn" if light else "good"
    return AccountHealth(tone, tuple(grave + light))


def usage_fall(now: int, before: int) -> float | None:
    """As a part of what it was; None where there was too little to say."""
    return (before - now) / before if before >= LEAST_EVENTS else None
