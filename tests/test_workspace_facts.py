"""What people do is told to whom it concerns: decisions to whoever is asked, a tab to one's own screens, advice to the open page."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.boards import fresh
from tests.test_workspace_approvals import ask_for, card_of

LIVE_MS = 30_000
POLICIES = "/api/v1/approval-policies/"


def a_branch(name: str, *conditions: tuple[str, str, str], **step: Any) -> dict[str, Any]:
    parts = [dict(zip(("field", "operator", "value"), each, strict=True)) for each in conditions]
    return {"name": name, "groups": [parts], "steps": [step]}


@pytest.fixture
def governs(seat: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """A policy of one's own in force, and afterwards the one that was."""
    revops = seat("revops")
    before = [each for each in revops.ask("GET", POLICIES)["results"] if each["is_active"]]
    made: list[Any] = []

    def switch(policy: Any, to: str) -> None:
        revops.ask("POST", f"{POLICIES}{policy['id']}/{to}/", {})

    def write(*branches: dict[str, Any]) -> Any:
        for each in before:
            switch(each, "deactivate")
        values = {"name": fresh("Rules"), "action": "crm.discount_deal"}
        made.append(revops.make("approval-policies", {**values, "definition": {"branches": list(branches)}}))
        switch(made[-1], "activate")
        return made[-1]

    yield write

    for policies, to in ((made, "deactivate"), (before, "activate")):
        for each in policies:
            switch(each, to)


def a_deal(rep: Any, amount: str) -> Any:
    return rep.make("deals", {"name": fresh("Priced"), "deal_amount": amount})


def ask_and_wait(rep: Any, deal: Any, percent: str) -> None:
    ask_for(rep, deal, percent)
    rep.page.get_by_text("Waits for approval").wait_for()


def test_a_large_deal_asks_the_executive_and_a_small_one_customer_success(
    seat: Callable[..., Any], governs: Callable[..., Any]
) -> None:
    above = ("discount", "above", "0.2")
    governs(
        a_branch("Large", above, ("amount", "above", "50000"), approvers=["role:executive"]),
        a_branch("Small", above, approvers=["role:csm"]),
    )
    rep, executive, success = seat("rep"), seat("executive"), seat("success")
    large, small = a_deal(rep, "90000"), a_deal(rep, "900")
    for deal in (large, small):
        ask_and_wait(rep, deal, "25")

    shown = []
    for decider, deal in ((executive, large), (success, small)):
        decider.open("/approvals/")
        card_of(decider, deal).wait_for(timeout=LIVE_MS)
        shown.append([card_of(decider, each).count() for each in (large, small)])

    assert shown == [[1, 0], [0, 1]]


def test_half_the_time_for_a_decision_moves_what_waits_once_revops_has_agreed(
    seat: Callable[..., Any], governs: Callable[..., Any]
) -> None:
    step = {"approvers": ["role:executive"], "hours": 4, "in_business_hours": False}
    policy = governs(a_branch("Slow", ("discount", "above", "0.2"), **step))
    rep, revops = seat("rep"), seat("revops")
    deal = a_deal(rep, "10000")
    ask_and_wait(rep, deal, "25")

    def due() -> str:
        found = revops.ask("GET", f"/api/v1/approval-requests/?subject_id={deal['id']}")["results"]
        return str(found[0]["steps"][0]["due_at"])

    before = due()
    page = revops.page
    page.goto(f"{revops.product.address}/admin/kernel/approvalpolicy/{policy['id']}/change/")
    page.fill("[name=b1s1_hours]", "2")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Move due times?").first.wait_for()
    said, unchanged = page.locator("#main").inner_text(), due()
    page.locator("#main").get_by_role("button").last.click()
    page.wait_for_load_state()

    assert f"1 open request gets another due time: {deal['name']} from" in said
    assert (unchanged, due() < before) == (before, True)


def told(revops: Any) -> dict[str, int]:
    """How often each decision was told, as the page of events counts it."""
    revops.open("/settings/events/")
    found = {}
    for word in ("requested", "granted", "rejected"):
        row = revops.page.locator("[data-row]", has=revops.page.get_by_text(f"kernel.approval_{word}"))
        shown = row.locator("[data-flash]")
        found[word] = int(shown.first.inner_text().replace(",", "")) if row.count() else 0
    return found


def test_revops_sees_that_two_discounts_were_asked_for_one_given_and_one_refused(
    seat: Callable[..., Any], governs: Callable[..., Any]
) -> None:
    governs(a_branch("All", ("discount", "above", "0.2"), approvers=["role:executive"]))
    rep, executive, revops = seat("rep"), seat("executive"), seat("revops")
    before = told(revops)
    deals = [a_deal(rep, "1000"), a_deal(rep, "2000")]
    for deal in deals:
        ask_and_wait(rep, deal, "30")
    executive.open("/approvals/")
    card_of(executive, deals[0]).get_by_role("button", name="Approve").click()
    card_of(executive, deals[0]).wait_for(state="detached", timeout=LIVE_MS)
    card_of(executive, deals[1]).get_by_role("button", name="Reject").click()
    executive.page.get_by_label("Reason").fill("Too much")
    executive.page.get_by_role("dialog").get_by_role("button", name="Reject").click()
    card_of(executive, deals[1]).wait_for(state="detached", timeout=LIVE_MS)

    after = told(revops)

    assert {name: after[name] - before[name] for name in after} == {
        "requested": 2,
        "granted": 1,
        "rejected": 1,
    }


def heard_by(page: Any) -> list[str]:
    heard: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda said: heard.append(str(said))))
    return heard


def test_a_tab_that_somebody_goes_to_is_told_to_their_own_screens_and_no_others(
    seat: Callable[..., Any],
) -> None:
    rep, second, colleague = seat("rep"), seat("rep"), seat("admin")
    company = rep.make("companies", {"name": fresh("Tabbed")})
    heard = [heard_by(each.page) for each in (second, colleague)]
    for each in (rep, second, colleague):
        each.open(f"/companies/{company['id']}/")

    rep.page.keyboard.press("Alt+4")
    rep.page.get_by_text("What happened, and who did it").wait_for()
    # Word of the message below comes after that of the tab, so whoever hears it would have heard the other.
    rep.ask("PATCH", f"/api/v1/companies/{company['id']}/", {"city": "Bonn"})
    for each in (second, colleague):
        each.page.get_by_text("Bonn").first.wait_for(timeout=LIVE_MS)

    told_of_tab = [any("workspace_context_changed" in said for said in each) for each in heard]
    assert told_of_tab == [True, False]


def test_a_new_recommendation_appears_on_the_open_account(seat: Callable[..., Any]) -> None:
    rep, step = seat("rep"), fresh("Call Ana")
    company = rep.make("companies", {"name": fresh("Advised")})
    deal = rep.make("deals", {"name": fresh("Deal"), "company_id": company["id"], "deal_amount": "500"})
    rep.open(f"/companies/{company['id']}/")
    block = rep.page.locator(f"#suggested-{company['id']}")
    before = block.get_by_text(step).count()

    rep.ask("PATCH", f"/api/v1/deals/{deal['id']}/", {"next_step": step})
    rep.ask("PATCH", f"/api/v1/deals/{deal['id']}/", {"stage": "qualification"})

    block.get_by_text(step).first.wait_for(timeout=LIVE_MS)
    assert before == 0


def test_a_task_for_each_stage_change_is_built_at_the_desk_and_comes_once_for_each(
    seat: Callable[..., Any],
) -> None:
    revops, rep, name = seat("revops"), seat("rep"), fresh("Moved")
    page = revops.page
    page.goto(f"{revops.product.address}/admin/kernel/workflow/add/")
    page.fill("[name=name]", name)
    page.locator("select[name=event_name]").select_option("crm.deal_stage_changed")
    page.select_option("[name=conditions-0-field]", "deal.name")
    page.select_option("[name=conditions-0-operator]", "contains")
    page.fill("[name=conditions-0-value]", name)
    page.select_option("[name=steps-0-do]", "create_task")
    page.fill("[name=steps-0-create_task-title]", "From {before} to {after}")
    page.get_by_role("button", name="Save and continue editing").click()
    page.get_by_role("button", name="Try on the last 20 events").click()
    page.get_by_text("events would have started it").first.wait_for()
    page.get_by_role("button", name="Switch on in the newest version").click()
    page.get_by_text("In force in the newest version").first.wait_for()
    deal = rep.make("deals", {"name": name, "deal_amount": "100"})
    first = deal["stage"]
    for stage in ("qualification", first):
        rep.ask("PATCH", f"/api/v1/deals/{deal['id']}/", {"stage": stage})

    key = page.url.split("/workflow/")[1].split("/")[0]
    revops.open(f"/settings/events/workflows/{key}/")
    done = page.locator("#workflow tbody").get_by_text("Done")
    done.nth(1).wait_for(timeout=60_000)
    rows = rep.ask("GET", f"/api/v1/tasks/?deal_id={deal['id']}")["results"]

    assert sorted(row["title"] for row in rows if row["title"].startswith("From")) == [
        f"From {first} to qualification",
        f"From qualification to {first}",
    ]
    assert done.count() == 2
