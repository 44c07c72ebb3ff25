"""Finding what dead workers left behind. Any worker may do it at any time."""

from collections import Counter

from outreach.engine import statements
from outreach.engine.downtime import note_life
from outreach.engine.ledger import run
from outreach.engine.terms import PRODUCTION, Terms


def reap(*, terms: Terms = PRODUCTION, limit: int = 500) -> Counter[str]:
    """A claim past its lease is scheduled again; a hand-over past its lease is in doubt, never retried blindly."""
    note_life(terms)
    rows = run(statements.REAP, margin=terms.margin, limit=limit)
    return Counter(result for (result,) in rows)
