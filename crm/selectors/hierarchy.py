"""A company with everything below it, and what all their deals are worth together."""

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from crm.models import Company, Deal
from crm.selectors.currencies import CENT, Total, organisation_currency
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.records import visible_condition
from gtmos.kernel.rights import hidden_fields

MOST_ABOVE = 20
# The companies above, from the nearest on; a circle, or one that the reader may not see, ends the line.
UPWARDS = """
WITH RECURSIVE above AS (
    SELECT c.id, c.name, c.parent_id, 0 AS depth, ARRAY[c.id] AS path FROM crm_company c WHERE c.id = %(top)s
    UNION ALL
    SELECT c.id, c.name, c.parent_id, a.depth - 1, a.path || c.id
    FROM crm_company c JOIN above a ON c.id = a.parent_id
    WHERE c.id <> ALL (a.path) AND a.depth > -%(most)s AND {company}
)"""
# One statement: the line upwards, the tree downwards (a circle ends the walk), then each deal at the rate of its
# day: the day of signing for what is won, today for what is open.
DOWNWARDS = """, tree AS (
    SELECT c.id, c.name, c.parent_id, 0 AS depth, ARRAY[c.id] AS path, ARRAY[c.name::text] AS line
    FROM crm_company c WHERE c.id = %(top)s
    UNION ALL
    SELECT c.id, c.name, c.parent_id, t.depth + 1, t.path || c.id, t.line || c.name::text
    FROM crm_company c JOIN tree t ON c.parent_id = t.id WHERE c.id <> ALL (t.path) AND {company}
), sold AS (
    SELECT d.company_id, d.deal_state, d.deal_amount_currency AS currency, d.deal_amount AS amount, r.rate,
        CASE WHEN d.deal_amount_currency <> %(currency)s THEN r.dated_on END AS dated_on
    FROM crm_deal d JOIN tree ON tree.id = d.company_id
    LEFT JOIN LATERAL crm_rate(d.deal_amount_currency, %(currency)s,
        CASE WHEN d.deal_state = 'won' THEN coalesce(d.deal_signing_date, %(today)s) ELSE %(today)s END) r ON TRUE
    WHERE d.deal_state IN ('open', 'won') AND {deal}
)
SELECT tree.id, tree.name, tree.depth, s.deal_state, s.currency, count(s.company_id), sum(s.amount),
    sum(s.amount * s.rate), min(s.dated_on), max(s.dated_on), tree.line
FROM tree LEFT JOIN sold s ON s.company_id = tree.id
GROUP BY tree.id, tree.name, tree.depth, tree.line, s.deal_state, s.currency
UNION ALL
SELECT id, name, depth, NULL, NULL, 0, NULL, NULL, NULL, NULL, ARRAY[]::text[] FROM above WHERE depth < 0
ORDER BY line, depth"""
LINE = " SELECT id, name FROM above WHERE depth < 0 ORDER BY depth"
TREE, ANCESTORS = f"{UPWARDS}{DOWNWARDS}", f"{UPWARDS}{LINE}"


@dataclass(slots=True)
class Sum:
    """Deals of one state; `left` are amounts without a rate."""

    count: int = 0
    amount: Decimal = Decimal(0)
    days: list[date] = field(default_factory=list)
    left: dict[str, Decimal] = field(default_factory=dict)

    def add(
        self, count: int, currency: str, stated: Decimal | None, worth: Decimal | None, days: Any
    ) -> None:
        self.count += count
        self.days += [day for day in days if day is not None]
        if worth is not None:
            self.amount += worth
        elif stated is not None:
            self.left[currency] = self.left.get(currency, Decimal(0)) + stated

    def total(self, currency: str) -> Total:
        return Total(
            self.amount.quantize(CENT, ROUND_HALF_EVEN),
            currency,
            min(self.days, default=None),
            max(self.days, default=None),
            tuple(sorted(self.left.items())),
        )


@dataclass(frozen=True, slots=True)
class Member:
    """One company of the tree with its own open and won deals."""

    id: UUID
    name: str
    depth: int
    open_count: int
    open_total: Total | None
    won_count: int
    won_total: Total | None


@dataclass(frozen=True, slots=True)
class Above:
    """A company that another belongs to."""

    id: UUID
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Family:
    """The company first, then all below it in order; the totals are of all of them, and none where amounts are hidden.

    `above` are those it belongs to, the topmost first.
    """

    members: list[Member]
    open_count: int
    open_total: Total | None
    won_count: int
    won_total: Total | None
    above: list[Above]

    @property
    def has_children(self) -> bool:
        return len(self.members) > 1


def family(company: Company, *, actor: Actor) -> Family:
    """What the actor may not see is in neither the tree nor the sums."""
    currency = organisation_currency()
    found = _rows(company, currency, actor)
    above, rows = [row for row in found if row[2] < 0], [row for row in found if row[2] >= 0]
    names: dict[UUID, tuple[str, int]] = {row[0]: (row[1], row[2]) for row in rows}
    sums: dict[tuple[UUID, str], Sum] = {}
    whole = {"open": Sum(), "won": Sum()}
    for key, _, _, state, code, count, stated, worth, first, last, _ in rows:
        if state is not None:
            for each in (sums.setdefault((key, state), Sum()), whole[state]):
                each.add(count, code, stated, worth, (first, last))
    shown = "" if "deal_amount" in hidden_fields(Deal, actor=actor) else currency
    members = [
        Member(key, name, depth, *_pair(sums, key, "open", shown), *_pair(sums, key, "won", shown))
        for key, (name, depth) in names.items()
    ]
    line = [Above(row[0], row[1]) for row in above]
    return Family(members, *_counted(whole["open"], shown), *_counted(whole["won"], shown), line)


def ancestors(company: Company, *, actor: Actor) -> list[Above]:
    """The companies above, the topmost first; one that the actor may not see ends the line."""
    if company.parent_id is None:
        return []
    seen, values = visible_condition(actor, "c", Company)
    with connection.cursor() as cursor:
        cursor.execute(ANCESTORS.format(company=seen), {"top": company.pk, "most": MOST_ABOVE, **values})
        return [Above(*row) for row in cursor.fetchall()]


def _pair(
    sums: dict[tuple[UUID, str], Sum], key: UUID, state: str, currency: str
) -> tuple[int, Total | None]:
    return _counted(sums.get((key, state), Sum()), currency)


def _counted(found: Sum, currency: str) -> tuple[int, Total | None]:
    """Without a currency the reader must not see amounts."""
    return found.count, found.total(currency) if currency else None


def _rows(company: Company, currency: str, actor: Actor) -> list[tuple[Any, ...]]:
    seen_company, values = visible_condition(actor, "c", Company)
    seen_deal, more = visible_condition(actor, "d", Deal)
    statement = TREE.format(company=seen_company, deal=seen_deal)
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "top": company.pk,
                "most": MOST_ABOVE,
                "currency": currency,
                "today": clock.today(),
                **values,
                **more,
            },
        )
        return list(cursor.fetchall())
