"""Why a deal was lost, read from somebody's own words."""

import pytest

from crm.enums import LossReason
from crm.intake.reasons import KNOWN, loss_reason_of


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("no budget", "no_budget"),
        ("Too expensive", "price"),
        ("went with a competitor", "competitor"),
        ("Not now, next year", "timing"),
        ("They went silent", "no_answer"),
        ("missing SSO integration", "missing_feature"),
        ("no decision", "no_decision"),
        ("their cat", "other"),
        ("  ", ""),
    ],
)
def test_words_become_one_of_the_known_reasons(said: str, reason: str) -> None:
    assert loss_reason_of(said) == reason


def test_every_reason_can_be_read() -> None:
    assert set(LossReason.values) == KNOWN
