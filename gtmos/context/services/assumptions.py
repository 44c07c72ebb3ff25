"""Beliefs about the market, moved by evidence and by nothing else."""

from uuid import UUID

from django.db import connection, models, transaction

from gtmos.context.enums import AssumptionStatus
from gtmos.context.events import AssumptionMoved
from gtmos.context.models import Assumption, Evidence
from gtmos.context.scoring import Belief, belief
from gtmos.kernel import events, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes

EVEN = 0.5
CODES_LOCK = 704_211


@transaction.atomic
def create_assumption(
    statement: str, *, actor: Actor, code: str = "", prior_weight: float = 2.0, canvas_section: str = ""
) -> Assumption:
    """Note a belief; the one with the same statement is returned when it is there."""
    require(actor, "context.edit_assumption")
    statement = " ".join(statement.split())[:300]
    if not statement or prior_weight <= 0:
        raise InvalidInputError(
            "An assumption needs a statement and a prior weight above zero.", code="bad_assumption"
        )
    _one_at_a_time()
    known = Assumption.objects.filter(statement=statement).first()
    if known is not None:
        return known
    start = belief(0, 0, prior_weight=prior_weight)
    assumption = Assumption(code=code or _next_code(), statement=statement, prior_weight=prior_weight)
    assumption.canvas_section = canvas_section or assumption.canvas_section
    _set(assumption, start)
    assumption.save(force_insert=True)
    history.record_creation(assumption, actor=actor)
    return assumption


@transaction.atomic
def add_evidence(
    assumption: Assumption,
    *,
    text: str,
    supports: bool,
    actor: Actor,
    weight: float = 1.0,
    source: models.Model | None = None,
    thread_id: UUID | None = None,
) -> Evidence:
    """Move a belief by one finding; the same source moves it once only, whatever it says later."""
    require(actor, "context.edit_assumption", assumption)
    if not weight > 0 or not text.strip():
        raise InvalidInputError("Evidence needs words and a weight above zero.", code="bad_evidence")
    assumption = Assumption.objects.select_for_update().get(pk=assumption.pk)
    known = _from_source(assumption, source)
    if known is not None:
        return known
    before = {"confidence": assumption.confidence, "status": assumption.status}
    _weigh(assumption, supports=supports, weight=weight)
    evidence = Evidence.objects.create(
        assumption=assumption,
        text=text.strip()[:500],
        supports=supports,
        weight=weight,
        confidence_before=before["confidence"],
        confidence_after=assumption.confidence,
        source_type=source._meta.label_lower if source else "",
        source_id=source.pk if source else None,
        thread_id=thread_id,
    )
    _note(assumption, before, evidence, actor)
    return evidence


def _from_source(assumption: Assumption, source: models.Model | None) -> Evidence | None:
    if source is None:
        return None
    return assumption.evidence.filter(source_type=source._meta.label_lower, source_id=source.pk).first()


def _weigh(assumption: Assumption, *, supports: bool, weight: float) -> None:
    if supports:
        assumption.evidence_for += weight
    else:
        assumption.evidence_against += weight
    _set(
        assumption,
        belief(assumption.evidence_for, assumption.evidence_against, prior_weight=assumption.prior_weight),
    )
    _apply_status(assumption)
    save_changes(
        assumption,
        "evidence_for",
        "evidence_against",
        "confidence",
        "confidence_low",
        "confidence_high",
        "status",
    )


def _set(assumption: Assumption, now: Belief) -> None:
    assumption.confidence, assumption.confidence_low, assumption.confidence_high = now


def status_for(low: float, high: float) -> AssumptionStatus:
    """Decided only when the whole interval lies on one side of even."""
    if low > EVEN:
        return AssumptionStatus.VALIDATED
    if high < EVEN:
        return AssumptionStatus.INVALIDATED
    return AssumptionStatus.PARTIALLY_VALIDATED


def _apply_status(assumption: Assumption) -> None:
    wanted = status_for(assumption.confidence_low, assumption.confidence_high)
    if wanted == assumption.status:
        return
    {
        AssumptionStatus.VALIDATED: assumption.validate,
        AssumptionStatus.INVALIDATED: assumption.invalidate,
        AssumptionStatus.PARTIALLY_VALIDATED: assumption.validate_partially,
    }[wanted]()


def _note(assumption: Assumption, before: dict[str, object], evidence: Evidence, actor: Actor) -> None:
    history.record(
        assumption,
        before=before,
        after={"confidence": assumption.confidence, "status": assumption.status},
        actor=actor,
        category="ASSUMPTION",
        summary=f"{evidence.text} Confidence {evidence.confidence_before:.2f} to {evidence.confidence_after:.2f}",
        cause_id=evidence.pk,
    )
    events.publish(
        AssumptionMoved(
            assumption_id=assumption.pk,
            code=assumption.code,
            confidence_before=evidence.confidence_before,
            confidence_after=evidence.confidence_after,
            status=assumption.status,
        ),
        subject=assumption,
        actor=actor,
    )


def _one_at_a_time() -> None:
    """Two sessions must not take the same code or note the same statement twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CODES_LOCK])


def _next_code() -> str:
    codes = Assumption.objects.values_list("code", flat=True)
    numbers = [int(code[1:]) for code in codes if code[:1] == "A" and code[1:].isdigit()]
    return f"A{max(numbers, default=0) + 1}"
