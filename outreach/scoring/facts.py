"""What is known of a company, a person or a signal when it is judged. Empty means not known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from outreach.scoring.places import Spot


@dataclass(frozen=True, slots=True)
class SignalFact:
    type: str
    detail: str
    source: str
    url: str
    occurred_on: date

    def as_dict(self) -> dict[str, str]:
        return {
            "type": self.type,
            "detail": self.detail,
            "source": self.source,
            "url": self.url,
            "occurred_on": self.occurred_on.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class CompanyFacts:
    name: str
    industry: str = ""
    sub_industry: str = ""
    tags: Sequence[str] = ()
    technologies: Sequence[str] = ()
    spots: Sequence[Spot] = ()
    funding_stage: str = ""
    dated_on: date | None = None
    employee_size: int | None = None
    revenue_amount: Decimal | None = None
    revenue_currency: str = ""


@dataclass(frozen=True, slots=True)
class PersonFacts:
    title: str
    department: str
    seniority: str
    email_status: str = "unknown"
    influence_role: str = "unknown"
