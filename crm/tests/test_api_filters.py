"""Filters of the customer record's API that take one of a few values."""

import pytest

from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("plural", "name", "allowed"),
    [
        ("companies", "customer_state", "dormant"),
        ("contacts", "email_status", "bounced"),
        ("contacts", "seniority", "c_level"),
        ("contacts", "lifecycle", "prospect"),
        ("deals", "deal_state", "on_hold"),
        ("deals", "deal_health", "green"),
        ("activities", "type", "call"),
        ("signals", "type", "funding"),
    ],
)
def test_a_filter_refuses_what_is_none_of_its_values_and_names_them(
    plural: str, name: str, allowed: str
) -> None:
    api = Api.of(a_user())

    known, unknown = api.get(plural, **{name: allowed}), api.get(plural, **{name: "Purple"})

    assert (known.status_code, unknown.status_code) == (200, 400)
    assert "'Purple' cannot be used here. One of " in unknown.content.decode()
    assert allowed in unknown.content.decode()
