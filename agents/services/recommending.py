"""Recommendations that are kept: proposed once to whoever answers for the company, or decided on by whoever sees them."""

from agents.models import Suggestion
from agents.selectors.recommendations import Recommendation, advice, key_of
from agents.services.suggestions import suggest
from crm.models import Company
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotFoundError


def keep_recommendation(company: Company, recommendation: Recommendation, *, actor: Actor) -> Suggestion:
    """As this person's own suggestion, once; running and dismissing it is deciding on that."""
    return _kept(company, recommendation, owner=actor, actor=actor)


def find_recommendation(company: Company, key: str, *, actor: Actor) -> Recommendation:
    """As its facts are now; what no longer holds is no longer recommended."""
    found = next((each for each in advice(company, actor=actor).recommendations if each.key == key), None)
    if found is None:
        raise NotFoundError("This no longer holds, or was decided on.", code="not_found")
    return found


def recommend_to_owner(company: Company, *, actor: Actor) -> int:
    """Whatever is new goes to the owner's suggestions; returns how many were looked at."""
    if company.owner is None or not company.owner.is_active:
        return 0
    mine = Actor.of(company.owner, source="task")
    found = advice(company, actor=mine).recommendations
    for each in found:
        _kept(company, each, owner=mine, actor=actor)
    return len(found)


def _kept(company: Company, recommendation: Recommendation, *, owner: Actor, actor: Actor) -> Suggestion:
    return suggest(
        key=key_of(company, recommendation, owner),
        owner=owner.user,
        kind=f"recommend.{recommendation.kind}",
        title=recommendation.title,
        reason=recommendation.reason,
        command=recommendation.command,
        subject=recommendation.subject,
        actor=actor,
        about=company,
    )
