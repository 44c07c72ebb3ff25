"""Today is the reader's: a rep in the far east and one in the far west see their own day, not that of the server."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from crm.selectors.accounts import renewals_ahead
from crm.selectors.deal_health import get_deal_with_facts, judgement_for
from crm.tests.builders import a_deal
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ZONES = [
    ("Pacific/Kiritimati", date(2026, 5, 5)),
    ("UTC", date(2026, 5, 4)),
    ("Etc/GMT+12", date(2026, 5, 4)),
]


@pytest.mark.parametrize(("zone", "day"), ZONES)
def test_a_deal_starts_on_the_day_of_who_writes_it(zone: str, day: date, admin: Actor) -> None:
    with timezone.override(zone), clock.as_if_on(NOON):
        deal = a_deal(actor=admin)

    assert deal.deal_start_date == day


@pytest.mark.parametrize(("zone", "day"), ZONES)
def test_a_next_step_is_late_from_the_readers_midnight_on(zone: str, day: date, admin: Actor) -> None:
    with timezone.override(zone), clock.as_if_on(NOON):
        late = {}
        for due in (day - timedelta(days=1), day):
            deal = a_deal(actor=admin, next_step="Call", next_step_due_on=due)
            findings = judgement_for(get_deal_with_facts(deal.pk, actor=admin)).findings
            late[due == day] = [each.blocker for each in findings if each.code == "late_step"]

    assert late == {False: ["The next step is 1 day late."], True: []}


def test_a_contract_that_ends_today_is_a_renewal_ahead_until_the_readers_midnight(admin: Actor) -> None:
    with clock.as_if_on(NOON):
        deal = a_deal(actor=admin)
        type(deal).objects.update(deal_state="won", deal_end_date=date(2026, 5, 4))
        seen = {}
        for zone, _ in ZONES:
            with timezone.override(zone):
                seen[zone] = renewals_ahead(actor=admin).count()

    assert seen == {"Pacific/Kiritimati": 0, "UTC": 1, "Etc/GMT+12": 1}
