"""Secrets at rest."""

import pytest

from gtmos.kernel.exceptions import UnavailableError
from gtmos.kernel.secrets import SealedField, rotate_all, seal, unseal

OLD, NEW = "old " * 10, "new " * 10


def test_a_sealed_secret_is_read_again_and_does_not_hold_it():
    sealed = seal("canary-7fd1")

    assert unseal(sealed) == "canary-7fd1"
    assert "canary" not in sealed


def test_nothing_stays_nothing():
    assert (seal(""), unseal("")) == ("", "")


def test_a_secret_of_a_key_that_is_gone_is_refused_with_a_sentence(settings):
    settings.SECRETS_KEYS = (OLD,)
    sealed = seal("canary")

    settings.SECRETS_KEYS = (NEW,)

    with pytest.raises(UnavailableError):
        unseal(sealed)


def test_a_column_for_secrets_refuses_an_unsealed_one():
    with pytest.raises(ValueError, match="sealed text only"):
        _column().get_prep_value("canary")


def _column() -> SealedField:
    column = SealedField()
    column.model, column.name = type(column), "secret"
    return column


@pytest.mark.django_db
def test_rotating_seals_nothing_where_nothing_is_kept():
    assert rotate_all() == 0
