"""What was approved for each person, and whether a mail is exactly that."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from outreach.enums import EnrollmentState, TouchState
from outreach.models import ApprovedContent, Campaign, Step
from outreach.selectors.messages import Composer, Reader

CHUNK = 2000
DIGEST_LETTERS = 32
WAITS = "What is known about this person changed after the approval. The mail waits for a new one."


def digest_of(step_no: int, content_hash: str) -> str:
    return f"{step_no}:{content_hash[:DIGEST_LETTERS]}"


def content_digests(campaign: Campaign) -> Iterator[tuple[UUID, str]]:
    """Enrolment and digests of everybody who may still be written to, as their mails read now."""
    composer = Composer(campaign)
    open_people = campaign.enrollments.exclude(state=EnrollmentState.FINISHED)
    people = list(open_people.order_by("position", "pk").values_list("pk", flat=True))
    for start in range(0, len(people), CHUNK):
        for reader in composer.readers(people[start : start + CHUNK]):
            yield reader.enrollment_id, " ".join(_digests(composer, reader))


def _digests(composer: Composer, reader: Reader) -> Iterator[str]:
    for step in composer.steps:
        for variant in _variants(composer, step):
            composed = composer.compose(reader, step, variant_id=variant)
            if not composed.missing:
                yield digest_of(step.number, composed.content_hash)


def _variants(composer: Composer, step: Step) -> tuple[UUID | None, ...]:
    """All variants of what is tested: whoever approves a test approves that anybody gets any of them."""
    is_tested = (
        composer.element == "subject" and step.number == 1
    ) or "{Variant}" in step.subject + step.body
    return tuple(composer.variants) if is_tested and composer.variants else (None,)


def approved_digests(enrollments: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    rows = ApprovedContent.objects.filter(pk__in=set(enrollments)).values_list("pk", "digests")
    return {key: frozenset(digests.split()) for key, digests in rows}


def waiting_for_approval(campaign: Campaign) -> int:
    """Mails that nobody may send before a new approval."""
    return campaign.touches.filter(state=TouchState.SCHEDULED, approved_hash="").count()
