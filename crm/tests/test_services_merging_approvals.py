"""Requests that wait about two deals go on when the deals turn out to be one."""

import pytest

from crm.services.merging import merge_deals
from crm.services.unmerging import undo_merge
from crm.tests.approval_builders import a_priced_deal, a_seller_and_a_manager, asked
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.approvals.models import Approval
from gtmos.kernel.approvals.tests.builders import a_policy

pytestmark = pytest.mark.django_db


def standing() -> dict[object, tuple[object, str, str]]:
    return {each.pk: (each.subject_id, each.key, each.state) for each in Approval.objects.all()}


def test_two_that_ask_for_the_same_both_wait_on_and_part_again() -> None:
    seller, _ = a_seller_and_a_manager()
    a_policy()
    keep, other = a_priced_deal(seller), a_priced_deal(seller)
    mine, theirs = asked(keep, seller), asked(other, seller)
    before = standing()

    merge = merge_deals(keep, other, choices={}, actor=SYSTEM)

    merged = standing()
    assert {subject for subject, _, _ in merged.values()} == {keep.pk}
    assert {state for _, _, state in merged.values()} == {"requested"}
    assert merged[mine.pk] == before[mine.pk]
    assert merged[theirs.pk][1] != before[theirs.pk][1]

    undo_merge(merge, actor=SYSTEM)

    assert standing() == before
