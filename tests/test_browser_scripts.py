"""A script that somebody left in a text runs on no page, and no page even tries to run it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import (
    CHROMIUM,
    QUIET,
    Product,
    every_page,
    faults_of,
    running_product,
    sign_in,
    wait_for_quiet,
)
from tests.scripts import SCRIPTS

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"{CHROMIUM} is not installed"),
]
FIND = "Find me CMOs at Series B fintech companies in NYC"
DRAFT = "Create a 3-touch hiring-themed campaign for the prospects I just found"
RECORDS = """
from crm.models import Company
from crm.services.activities import log_activity
from crm.services.deals import create_deal
from crm.services.tasks import create_task
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import User
from tests.scripts import poison
me = Actor.of(User.objects.get(email="demo@gtmos.example"))
for company in Company.objects.all()[:3]:
    deal = create_deal(name="A deal", company=company, actor=me)
    log_activity(type="note", subject="A note", body="Long", company=company, deal=deal, actor=me)
    create_task(title="A task", company=company, deal=deal, actor=me)
print(poison())
"""


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with running_product() as started:
        yield started


def test_no_script_in_any_text_runs_or_is_tried_on_any_page(product: Product) -> None:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        sign_in(page, product)
        for sentence in (FIND, DRAFT):
            product.manage("ask", sentence)
        told = product.manage("shell", "-c", RECORDS)
        faults, ran, seen, strange = faults_of(page), list[str](), 0, list[str]()
        page.on("dialog", lambda dialog: (ran.append(page.url), dialog.dismiss()))

        places = every_page(page, product).values()
        for path in places:
            answer = page.goto(product.address + path)
            wait_for_quiet(page)
            if page.evaluate("Boolean(window.hit)"):
                ran.append(path)
            if answer.status != 200:
                strange.append(f"{path} {answer.status}")
            seen += sum(script in page.inner_text("body") for script in SCRIPTS)
        found = (ran[:], faults[:], strange)
        with page.expect_console_message(lambda said: "Content Security Policy" in said.text):
            page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
        browser.close()

    print(told.strip().splitlines()[-1], len(places), "pages", seen, "scripts read as words")
    assert found == ([], [], []), told
    assert any("Content Security Policy" in fault for fault in faults)  # what is tried is noticed
    assert (len(SCRIPTS) >= 200, seen > 50) == (True, True), (len(SCRIPTS), seen, told)
