"""An import always comes to an end: values out of range, values the database refuses, workers that die."""

from decimal import Decimal
from threading import Event

import pytest

from crm.models import Company, Deal, ImportBatch
from crm.services.import_tally import renewed_lease
from crm.services.importing import run_import
from crm.tests.import_builders import imported, started
from gtmos.kernel.actors import Actor

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        pytest.param("Employees", "99999999999999999999", id="employees"),
        pytest.param("Employees", "9" * 400, id="beyond any float"),
        pytest.param("Annual Revenue", "9" * 32, id="revenue"),
        pytest.param("Annual Revenue", "-" + "9" * 32, id="loss"),
        pytest.param("Annual Revenue", "2000000 trillion", id="in words"),
        pytest.param("Last Funding Amount", "9" * 21, id="funding"),
    ],
)
def test_a_number_that_no_column_holds_is_noted_and_the_row_imported(
    column: str, cell: str, me: Actor
) -> None:
    raw = f"Company,Website,{column}\nContoso,contoso.example,{cell}\nUsual,usual.example,5\n"

    batch = imported(raw.encode(), me)

    company = Company.objects.get(name="Contoso")
    assert (batch.state, batch.result["rows_with_notes"]) == ("done", 1)
    assert (company.custom[column], company.employee_size, company.revenue_amount) == (cell, None, None)


def test_an_amount_that_no_deal_holds_rejects_its_row_and_not_the_file(me: Actor) -> None:
    raw = f"Deal Name,Amount,Company Name\nHuge,{'9' * 15},Zed\nUsual,10.2551,Zed\n"

    batch = imported(raw.encode(), me, into="deals")

    assert (batch.state, batch.result["rejected"]) == ("done", 1)
    assert [(deal.name, deal.deal_amount) for deal in Deal.objects.all()] == [("Usual", Decimal("10.26"))]


def test_a_value_that_the_database_refuses_fails_the_import_with_a_sentence(
    me: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.intake.text.LARGEST_COUNT", 10**30)

    batch = imported(b"Company,Employees\nContoso,99999999999\n", me)

    assert (batch.state, Company.objects.count()) == ("failed", 0)
    assert batch.error == "A value of the file does not fit into the database, so nothing was changed."


def test_an_import_that_breaks_off_again_and_again_is_given_up(
    me: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = started(b"Company\nContoso\n", me)
    monkeypatch.setattr("crm.services.importing.merge_signals", _dies)

    for _ in range(5):
        with pytest.raises(KeyboardInterrupt):
            run_import(batch.pk)
        ImportBatch.objects.update(lease_until=None)
    given_up = run_import(batch.pk)

    assert (given_up.state, given_up.error.split(" and ")[0]) == ("failed", "The import broke off 5 times")


def _dies(*_: object) -> int:
    raise KeyboardInterrupt


@pytest.mark.django_db(transaction=True)
def test_the_lease_is_renewed_while_a_long_merge_goes_on(me: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = started(b"Company\nContoso\n", me)
    renewed = Event()
    monkeypatch.setattr("crm.services.import_tally.RENEWED_EVERY", _Soon(renewed))

    with renewed_lease(batch):
        renewed.wait(10)

    batch.refresh_from_db()
    assert batch.lease_until is not None


class _Soon:
    """A waiting time of nothing, which says when it is asked for the second time."""

    def __init__(self, renewed: Event) -> None:
        self.renewed, self.times = renewed, 0

    def total_seconds(self) -> float:
        self.times += 1
        if self.times > 1:
            self.renewed.set()
        return 0.001
