"""Reading companies."""

from uuid import UUID

from django.db.models import Q

from crm.models import Company
from crm.selectors.visibility import get_company, one, visible_companies
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, NotFoundError
from gtmos.kernel.fields.services.locks import locks_column
from gtmos.kernel.rights import hidden_fields

__all__ = ["get_company", "get_company_with_locks", "named_company", "visible_companies"]


def get_company_with_locks(key: UUID, *, actor: Actor) -> Company:
    """With its locks as `kept`, for the page, whose statements are counted."""
    return one(visible_companies(actor=actor).annotate(kept=locks_column()), key)


def named_company(words: str, *, actor: Actor) -> Company:
    """By its whole name or domain, among those the actor may see; refused where two are called so."""
    text = words.strip()
    same = Q(name__iexact=text)
    if "domain" not in hidden_fields(Company, actor=actor):
        same |= Q(domain=text.lower())
    found = list(visible_companies(actor=actor).filter(same)[:2])
    if not found:
        raise NotFoundError(f"There is no company called {text}, or you may not see it.", code="not_found")
    if len(found) > 1:
        raise DomainError(f"Several companies are called {text}. Write the domain.", code="ambiguous")
    return found[0]
