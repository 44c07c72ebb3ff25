"""Every way between the states of a campaign, the allowed and the forbidden ones."""

import itertools

import pytest

from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.fsm import move
from outreach.enums import CampaignState
from outreach.models import Campaign

S = CampaignState
ALLOWED = {
    ("make_ready", S.DRAFT): S.READY,
    ("reopen", S.READY): S.DRAFT,
    ("activate", S.READY): S.ACTIVE,
    ("run", S.ACTIVE): S.RUNNING,
    ("cancel_start", S.ACTIVE): S.READY,
    ("pause", S.ACTIVE): S.PAUSED,
    ("pause", S.RUNNING): S.PAUSED,
    ("resume_to_active", S.PAUSED): S.ACTIVE,
    ("resume_to_running", S.PAUSED): S.RUNNING,
    ("complete", S.RUNNING): S.COMPLETED,
    ("complete", S.PAUSED): S.COMPLETED,
    ("archive", S.DRAFT): S.ARCHIVED,
    ("archive", S.READY): S.ARCHIVED,
    ("archive", S.COMPLETED): S.ARCHIVED,
}
VERBS = sorted({verb for verb, _ in ALLOWED})


@pytest.mark.parametrize(("verb", "state"), list(itertools.product(VERBS, S.values)))
def test_a_transition_leads_where_the_table_says_or_is_refused(verb, state):
    campaign = Campaign(name="Spring", state=state)
    target = ALLOWED.get((verb, S(state)))

    if target is None:
        with pytest.raises(DomainError) as refusal:
            move(getattr(campaign, verb), refusal="No.")
        assert (refusal.value.code, campaign.state) == ("wrong_state", state)
    else:
        move(getattr(campaign, verb), refusal="No.")
        assert campaign.state == target
