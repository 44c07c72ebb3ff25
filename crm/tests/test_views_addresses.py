"""Lists and boards opened by addresses that no page of ours wrote: always an answer, and a sentence where it helps."""

from itertools import product

import pytest
from django.test import Client
from django.urls import reverse

from crm.tests.builders import a_company, a_contact, a_deal, a_task
from gtmos.kernel.actors import Actor

pytestmark = pytest.mark.django_db
PAGES = ("companies", "contacts", "deals", "tasks", "pipeline", "company-board")
PARTS = (
    "q",
    "where",
    "sort",
    "columns",
    "after",
    "saved",
    "state",
    "view",
    "pipeline",
    "stage",
    "custom.x",
    "custom.x__gte",
)
STRANGE = (
    "\x00",
    "-",
    "--name",
    "'; drop table crm_deal; --",
    "%",
    "\\",
    '"',
    "(((((",
    "name:is:" + "x" * 5000,
    "name:is:\x00",
    "deal_amount:is:1e999999",
    "employee_size:above:" + "9" * 400,
    "created_at:is:9999-12-31",
    "created_at:in_last:99999",
    "owner:is:\ud7ff\u202e",
    "company:is:not-a-key",
    "target_list:is:\x00",
    "tags:has:\x00",
    "name:is:a;" * 200 + "b",
    "🦉" * 300,
    "9" * 400,
    "bm90IGEgY3Vyc29y",
)  # fmt: skip -- a list


@pytest.mark.parametrize("page", PAGES)
def test_no_address_is_answered_with_a_fault_of_ours(browser: Client, admin: Actor, page: str) -> None:
    a_deal(actor=admin), a_company(actor=admin), a_contact(actor=admin), a_task(actor=admin)
    path = reverse(f"crm:{page}")

    answers = {
        (part, text[:40]): browser.get(path, {part: text}).status_code
        for part, text in product(PARTS, STRANGE)
    }

    assert {case: status for case, status in answers.items() if status not in {200, 302, 400}} == {}
