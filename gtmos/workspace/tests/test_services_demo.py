"""The demo organisation: what a newcomer finds on the first morning."""

from collections import Counter

import pytest

from agents.selectors.recommendations import KINDS, advice
from crm.models import Company, Deal, Meeting, Task, UsageEvent
from gtmos.kernel.actors import Actor
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import Role, User
from gtmos.workspace.services.demo_organisation import DemoSize, make_demo

pytestmark = pytest.mark.django_db
SMALL = DemoSize(listed=5, chiefs_in_new_york=18, start_ups_elsewhere=10)


@pytest.fixture
def demo(db: None) -> User:
    return make_demo(password="only-for-this-test", size=SMALL)


def test_each_role_finds_work_of_its_own(demo: User) -> None:
    owners = Counter(Deal.objects.values_list("owner__role", flat=True))
    states = Counter(Deal.objects.values_list("deal_state", flat=True))

    assert set(User.objects.values_list("role", flat=True)) == {
        *(Role.ADMIN, Role.REVOPS, Role.AE, Role.MARKETING, Role.CSM, Role.EXECUTIVE)
    }
    assert (set(owners), set(states)) == ({Role.ADMIN, Role.AE}, {"open", "won", "lost"})
    assert min(states.values()) >= 3
    assert Company.objects.filter(customer_state="using", owner__role=Role.CSM).count() == states["won"]
    assert UsageEvent.objects.count() > 40 * (states["won"] - 1)
    assert set(Task.objects.values_list("owner__role", flat=True)) == {Role.ADMIN, Role.AE, Role.CSM}
    assert Meeting.objects.filter(state="planned").count() == 4


def test_its_past_lies_in_the_past(demo: User) -> None:
    moved = Change.objects.filter(subject_type="crm.deal").order_by("timestamp")
    first, last = moved[0].timestamp, moved.last().timestamp  # type: ignore[union-attr]

    assert 90 < (last - first).days < 120
    assert last < demo.created_at


def test_all_four_kinds_of_recommendations_appear_on_its_accounts(demo: User) -> None:
    found = {
        each.kind
        for company in Company.objects.filter(deals__deal_state="open").distinct()
        for each in advice(company, actor=Actor.of(demo)).recommendations
        if each.reason
    }

    assert found == set(KINDS)
