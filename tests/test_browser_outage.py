"""What the browser shows while the broker is gone, and that our own audit can fail."""

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from gtmos.runtime.stores import throwaway
from tests.browser import AXE, CHROMIUM, QUIET, audit, axe, running_product, sign_in, wait_for_quiet

playwright = pytest.importorskip("playwright.sync_api")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"{CHROMIUM} is not installed"),
]
LATER = 45_000


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


def test_a_broker_that_is_gone_is_said_and_pages_do_not_hurry(chromium: Any) -> None:
    with throwaway() as stores, running_product(stores) as product:
        page = chromium.new_page()
        sign_in(page, product)
        page.goto(f"{product.address}/companies/")
        wait_for_quiet(page)
        banner = page.get_by_text("The message broker does not answer.")

        stores.valkey.kill()
        tries = [(page.wait_for_event("websocket", timeout=LATER), time.monotonic())[1] for _ in range(5)]
        playwright.expect(banner).to_be_visible(timeout=LATER)
        page.reload()
        playwright.expect(page.locator("[data-list] tbody tr").first).to_be_visible()
        stores.valkey.start()

        playwright.expect(banner).to_be_hidden(timeout=LATER)
        wait_for_quiet(page)
        page.close()

    waits = [after - before for before, after in pairwise(tries)]
    assert waits == sorted(waits)
    assert waits[-1] > 3


def test_the_audit_can_fail(chromium: Any) -> None:
    page = chromium.new_page()
    page.set_content(
        '<p style="color:#999">pale</p><button></button><i id="a"></i><i id="a"></i><p>good</p>',
    )

    found = [line.partition(": ")[2].partition(":")[0] for line in audit(page)]
    page.close()

    assert found == ["contrast 2.85", "no name", "twice"]


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed; `make e2e` installs it with npm")
def test_axe_is_there_and_can_fail(chromium: Any) -> None:
    page = chromium.new_page()
    page.set_content(
        '<html lang="en"><title>A page</title><main><h1>Words</h1><img src="data:,"></main></html>'
    )

    found = axe(page)
    page.close()

    assert [each.split(": ")[1] for each in found] == ["image-alt (critical), 1 times"]
