"""RevOps chooses stages by their names, looks at what changed between versions, and brings one back at the desk."""

from collections.abc import Callable
from typing import Any

from tests.boards import fresh

HOME = "/settings/events/workflows/"


def a_step(title: str) -> dict[str, Any]:
    return {"do": "create_task", "with": {"title": title, "due_days": 1}}


def a_workflow_in_two_versions(revops: Any, name: str) -> Any:
    """Off, so that it starts nothing for the deals of others."""
    written = {"name": name, "event_name": "crm.deal_won"}
    made = revops.make("workflows", {**written, "steps": [a_step("Old title")]})
    address = f"/api/v1/workflows/{made['id']}/"
    return revops.ask("PATCH", address, {"steps": [a_step("New title")]})


def test_a_stage_is_chosen_by_its_name_in_conditions_and_steps_of_a_workflow(
    seat: Callable[..., Any],
) -> None:
    revops, name = seat("revops"), fresh("Staged")
    page = revops.page
    revops.open(f"{HOME}new/")
    page.fill("[name=name]", name)
    page.select_option("[name=event_name]", "crm.deal_stage_changed")
    page.select_option("[name=conditions-0-field]", "after")
    page.select_option("[name=conditions-0-operator]", "is")
    page.select_option("[name=conditions-0-value]", label="Proposal")
    page.select_option("[name=steps-0-do]", "set_field")
    page.select_option("[name=steps-0-set_field-field]", "deal.stage")
    page.select_option("[name=steps-0-set_field-value]", label="Negotiation")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_selector("#workflow")
    said = page.locator("#workflow").inner_text()
    page.goto(f"{page.url}edit/")

    assert "Only where Event: after is Proposal" in said
    assert "Set Deal: stage to “Negotiation”" in said
    assert page.input_value("select[name=conditions-0-value]") == "proposal"
    assert page.input_value("select[name=steps-0-set_field-value]") == "negotiation"


def test_another_field_of_a_condition_takes_a_typed_value_again(seat: Callable[..., Any]) -> None:
    revops = seat("revops")
    page = revops.page
    revops.open(f"{HOME}new/")
    page.select_option("[name=event_name]", "crm.deal_created")
    page.select_option("[name=conditions-0-field]", "deal.stage")
    page.select_option("[name=conditions-0-value]", label="Proposal")

    page.select_option("[name=conditions-0-field]", "deal.deal_amount")

    assert page.locator("input[name=conditions-0-value]").input_value() == ""


def test_the_rules_of_a_policy_and_of_a_record_name_stages_as_people_do(seat: Callable[..., Any]) -> None:
    revops = seat("revops")
    page = revops.page
    page.goto(f"{revops.product.address}/admin/kernel/approvalpolicy/add/")
    page.select_option("[name=b1c1_field]", "stage")
    page.select_option("[name=b1c1_value]", label="Proposal")
    policy = page.input_value("[name=b1c1_value]")
    page.goto(f"{revops.product.address}/admin/kernel/validationrule/add/")
    page.select_option("[name=when_field]", "deal:stage")
    page.select_option("[name=when_value]", label="Proposal")

    assert (policy, page.input_value("[name=when_value]")) == ("proposal", "proposal")


def test_an_earlier_version_is_compared_and_brought_back_at_the_desk(seat: Callable[..., Any]) -> None:
    revops, name = seat("revops"), fresh("Versions")
    made = a_workflow_in_two_versions(revops, name)
    page = revops.page
    page.goto(f"{revops.product.address}/admin/kernel/workflow/{made['id']}/change/")
    page.get_by_role("link", name="Open version 2").click()
    changed = page.locator("#main").inner_text()
    page.go_back()
    page.get_by_role("link", name="Open version 1").click()

    page.get_by_role("button", name="Bring this version back").click()
    page.wait_for_load_state()

    assert "- Create the task “Old title”, due in 1 day" in changed
    assert "+ Create the task “New title”, due in 1 day" in changed
    assert "Brought back as the newest version: version 1." in page.locator("#main").inner_text()
    newest = revops.ask("GET", f"/api/v1/workflows/{made['id']}/versions/")["results"][0]
    assert (newest["number"], newest["steps"]) == (3, [a_step("Old title")])
