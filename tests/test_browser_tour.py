"""The tour of the README in a real browser: import, ask, look, draft, approve, read what came back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import CHROMIUM, QUIET, Product, running_product, sign_in, tell

playwright = pytest.importorskip("playwright.sync_api")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"{CHROMIUM} is not installed"),
]

FIND = "Find me CMOs at Series B fintech companies in NYC who are actively hiring for growth teams"
CREATE = (
    "Create a 3-touch hiring-themed campaign for the prospects I just found. "
    "A/B test the subject line between 'Join our growth' and 'Scale with us'"
)
ARTEFACTS = Path(__file__).parent.parent / "artefacts"


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with running_product() as started:
        yield started


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any, product: Product) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    sign_in(opened, product)
    yield opened
    context.close()
    assert faults == []


def test_the_tour_from_a_list_to_a_campaign_that_sends(page: Any, product: Product, tmp_path: Path) -> None:
    expect = playwright.expect
    lead_list = tmp_path / "leads.csv"
    lead_list.write_text(
        "Company,Website,City\nContoso,contoso.example,Berlin\nNorthwind,northwind.example,Oslo\n"
    )

    page.goto(f"{product.address}/imports/")
    page.set_input_files("input[type=file]", str(lead_list))
    page.click("form[data-upload] button")
    expect(page.get_by_text("Nothing has been changed yet")).to_be_visible()
    page.locator("form button.btn-main", has_text="Import").click()
    expect(page.get_by_role("button", name="Take this import back")).to_be_visible(timeout=20_000)

    tell(page, FIND)
    page.wait_for_url("**/research/**", timeout=15_000)
    expect(page.locator("[data-prospect]").first).to_be_visible(timeout=20_000)

    tell(page, CREATE)
    page.wait_for_url("**/campaigns/**", timeout=20_000)
    expect(page.get_by_text("cannot decide").first).to_be_visible()

    address = page.url
    page.close()
    again = page.context.new_page()
    again.goto(address)
    expect(again.get_by_text("Join our growth").first).to_be_visible()


PAGES = (
    "/",
    "/research/",
    "/campaigns/",
    "/pipeline/",
    "/companies/",
    "/contacts/",
    "/tasks/",
    "/imports/",
    "/sandbox/",
)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 375])
def test_every_page_opens_without_a_fault_and_without_sideways_scroll(
    chromium: Any, product: Product, theme: str, width: int
) -> None:
    ARTEFACTS.mkdir(exist_ok=True)
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    sign_in(opened, product)

    wide = []
    for path in PAGES:
        answer = opened.goto(product.address + path)
        assert answer.status == 200, path
        name = path.strip("/") or "home"
        opened.screenshot(path=str(ARTEFACTS / f"{name}-{theme}-{width}.png"))
        if opened.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(path)
    context.close()

    assert (faults, wide) == ([], [])
