"""One box over companies, people and deals."""

from dataclasses import dataclass
from uuid import UUID

from crm.selectors.lists import companies_matching, contacts_matching, deals_matching
from gtmos.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Hit:
    """`kind` is company, contact or deal."""

    kind: str
    key: UUID
    name: str
    detail: str


def search_records(text: str, *, actor: Actor, limit: int = 5) -> list[Hit]:
    """The best few of each kind that the actor may see; nothing for an empty text."""
    if not text.strip():
        return []
    companies = companies_matching(text, actor=actor)[:limit]
    contacts = contacts_matching(text, actor=actor)[:limit]
    deals = deals_matching(text, actor=actor)[:limit]
    return [
        *(
            Hit("company", each.pk, each.name, ", ".join(filter(None, [each.industry_vertical, each.city])))
            for each in companies
        ),
        *(
            Hit("contact", each.pk, str(each), ", ".join(filter(None, [each.title, str(each.company or "")])))
            for each in contacts
        ),
        *(Hit("deal", each.pk, each.name, f"{each.stage}, {each.company or 'no company'}") for each in deals),
    ]
