"""People at the desk and beside it: invited, added, with a feature before others, leaving with what they owned."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.boards import fresh
from tests.browser import PASSWORD, Product

FORGET = """
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.flags.models import FeatureFlag
from gtmos.kernel.flags.services.setting import forget_flag
for flag in FeatureFlag.objects.filter(key="agents.suggestions"):
    forget_flag(flag, actor=SYSTEM)
"""


def again(page: Any, product: Any, path: str) -> None:
    """To a page that asks who sits there, answered where it asks."""
    page.goto(f"{product.address}/login/again/?next={path}")
    if page.locator("input[name=password]").count():
        page.fill("input[name=password]", PASSWORD)
        page.locator("form:has(input[name=password]) button:not([type=button])").first.click()
        page.wait_for_url(f"**{path}")
    else:
        page.goto(product.address + path)


def added_at_the_desk(admin: Any, name: str) -> str:
    """The address of somebody new, whose role is not the largest one by accident."""
    page, email = admin.page, f"{name.replace(' ', '.').lower()}@gtmos.example"
    again(page, admin.product, "/admin/kernel/user/add/")
    assert page.locator("select[name=role]").input_value() == "ae"
    page.get_by_label("E-mail").or_(page.locator("input[name=email]")).first.fill(email)
    page.locator("input[name=name]").fill(name)
    page.get_by_role("button", name="Save and continue editing").click()
    page.wait_for_url("**/change/")
    return str(page.url.split("/user/")[1].split("/")[0])


def test_somebody_is_invited_and_the_invitation_is_taken_back(seat: Callable[..., Any]) -> None:
    revops = seat("revops")
    email = f"{fresh('new').replace(' ', '')}@gtmos.example"
    revops.open("/settings/people/")
    page = revops.page

    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Invite", exact=True).click()
    line = page.locator("tr", has_text=email)
    line.wait_for()
    line.get_by_role("button", name="Take back").click()
    page.get_by_text("Taken back.").first.wait_for()

    assert page.locator("tr", has_text=email).count() == 0


def test_somebody_leaves_and_what_they_owned_is_handed_over(seat: Callable[..., Any]) -> None:
    admin, name = seat("admin"), fresh("Leaver")
    leaver = added_at_the_desk(admin, name)
    company = admin.make("companies", {"name": fresh("Handed over"), "owner_id": leaver})
    page = admin.page

    again(page, admin.product, f"/settings/people/{leaver}/deactivate/")
    for heir in page.locator("select[name^='heir:']").all():
        heir.select_option(label="Rosa Lindqvist")
    page.get_by_role("button", name=f"Deactivate {name}").click()
    page.wait_for_url(lambda address: "deactivate" not in address)
    owner = admin.ask("GET", f"/api/v1/companies/{company['id']}/")["owner_id"]
    admin.open(f"/settings/people/{leaver}/")

    assert owner not in {leaver, None}
    assert page.locator("main").get_by_text("Deactivated").count() == 1


@pytest.fixture
def as_the_code_came(workspace: Product) -> Iterator[None]:
    """Whatever a test says of suggestions is taken back, also where it ends midway."""
    yield
    workspace.manage("shell", "--no-imports", "-c", FORGET)


@pytest.mark.usefixtures("as_the_code_came")
def test_a_flag_hides_suggestions_for_all_but_one_team_and_is_put_back(seat: Callable[..., Any]) -> None:
    rep, revops = seat("rep"), seat("revops")
    desk, team = revops.page, fresh("Pilots")
    rep.open("/")
    before = rep.page.get_by_role("heading", name="Suggested next").count()
    desk.goto(f"{revops.product.address}/admin/kernel/team/add/")
    desk.locator("input[name=name]").fill(team)
    desk.get_by_role("button", name="Save", exact=True).click()

    desk.goto(f"{revops.product.address}/admin/kernel/featureflag/add/")
    desk.locator("select[name=key]").select_option(value="agents.suggestions")
    desk.locator("select[name=teams]").select_option(label=team)
    desk.get_by_role("button", name="Save and continue editing").click()
    desk.wait_for_url("**/change/")
    rep.open("/")
    hidden = rep.page.get_by_role("heading", name="Suggested next").count()
    desk.get_by_role("button", name="Test: who has it now").click()
    said = desk.get_by_text("people have it").first.inner_text()
    desk.get_by_role("button", name="As the code came").click()
    desk.wait_for_url("**/featureflag/")
    rep.open("/")

    assert (before, hidden) == (1, 0)
    assert "agents.suggestions: 0 of" in said
    assert rep.page.get_by_role("heading", name="Suggested next").count() == 1
