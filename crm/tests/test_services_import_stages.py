"""Deals of a file stand where their stage lets them in; none is lost, and the import says which stand elsewhere."""

import threading

import pytest
from django.db import connection

from crm.models import Deal
from crm.selectors.deals import default_pipeline
from crm.services.pipelines import add_criterion, ensure_default_pipeline, ensure_stage
from crm.tests.import_builders import imported
from gtmos.kernel.actors import SYSTEM, Actor

pytestmark = pytest.mark.django_db
HEADER = "Deal ID,Deal Name,Deal Stage,Amount,Company Name\n"


@pytest.fixture
def asking() -> None:
    stages = default_pipeline().stages
    add_criterion(stages.get(key="proposal"), moment="entry", kind="field", field="deal_amount", actor=SYSTEM)
    add_criterion(stages.get(key="closed_won"), moment="entry", kind="field", field="contact", actor=SYSTEM)


def standing() -> list[tuple[str, str]]:
    return [(deal.name, deal.stage.key) for deal in Deal.objects.order_by("name")]


def test_a_new_deal_that_its_stage_does_not_let_in_stands_in_the_one_before(me: Actor, asking: None) -> None:
    batch = imported(f"{HEADER}1,Bare,Proposal,,Zed\n2,Full,Proposal,10,Zed\n".encode(), me, into="deals")

    assert standing() == [("Bare", "discovery"), ("Full", "proposal")]
    assert [each["finding"] for each in batch.result["findings"]] == [
        "Bare cannot enter Proposal: amount is missing. It stands in Discovery."
    ]
    assert (batch.result["rejected"], batch.result["findings_total"]) == (0, 1)


def test_a_sale_that_ended_is_written_down_whatever_its_stage_asks(me: Actor, asking: None) -> None:
    batch = imported(f"{HEADER}1,Old,Closed Won,10,Zed\n".encode(), me, into="deals")

    assert (standing(), batch.result["findings"]) == ([("Old", "closed_won")], [])


def test_a_line_that_moves_a_deal_is_refused_like_any_move_and_kept_with_its_reason(
    me: Actor, asking: None
) -> None:
    imported(f"{HEADER}1,Bare,Discovery,,Zed\n".encode(), me, into="deals")

    batch = imported(f"{HEADER}1,Bare,Proposal,,Zed\n".encode(), me, into="deals")

    assert (standing(), batch.result["rejected"]) == ([("Bare", "discovery")], 1)


def test_a_line_that_was_mended_moves_the_deal(me: Actor, asking: None) -> None:
    imported(f"{HEADER}1,Bare,Proposal,,Zed\n".encode(), me, into="deals")

    imported(f"{HEADER}1,Bare,Proposal,10,Zed\n".encode(), me, into="deals")

    assert standing() == [("Bare", "proposal")]


def test_a_stage_of_the_file_that_is_not_there_comes_after_the_last_open_one_and_is_told(me: Actor) -> None:
    before = [each.key for each in default_pipeline().stages.order_by("position")]

    batch = imported(f"{HEADER}1,Piloted,Pilot,10,Zed\n2,Other,Pilot,10,Zed\n".encode(), me, into="deals")

    after = [each.key for each in default_pipeline().stages.order_by("position")]
    assert batch.result["new_stages"] == ["Pilot"]
    assert after == [*before[:-2], "pilot", *before[-2:]]
    assert standing() == [("Other", "pilot"), ("Piloted", "pilot")]


@pytest.mark.django_db(transaction=True)
def test_a_stage_that_several_files_bring_at_once_is_there_once_and_no_place_is_left_out() -> None:
    """Each over a connection of its own."""
    pipeline, keys = ensure_default_pipeline(actor=SYSTEM), [f"pilot_{number}" for number in range(5)]
    before = [each.key for each in pipeline.stages.order_by("position")]
    together = threading.Barrier(4, timeout=30)

    def bring() -> None:
        try:
            for key in keys:
                together.wait()
                ensure_stage(pipeline, key=key, name=key, kind="open", actor=SYSTEM)
        finally:
            connection.close()

    threads = [threading.Thread(target=bring) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    after = list(pipeline.stages.order_by("position").values_list("key", "position"))
    assert after == [(key, place) for place, key in enumerate([*before[:-2], *keys, *before[-2:]])]
