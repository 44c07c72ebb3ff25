"""Whether open pages end up as a fresh one shows them after thousands of changes, while others do not read what they are told.

    python -m benchmarks.converging [--quick]

A board, a list and an account are open in Chromium; slow sockets follow the same deals and never read, until the server
hangs up on them. Deals are changed and moved one by one by the services. A page has converged when its words are those
of the same page opened anew; the time counts from the last change.
"""

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.live import open_sockets
from tests.browser import CHROMIUM, QUIET, running_product, sign_in, wait_for_quiet

CHANGES, SLOW, MOST_SECONDS, GIVE_UP_SECONDS = 10_000, 50, 5.0, 60.0
AGO = re.compile(r"just now|\d+ min(?: ago)?|\d+ s(?: ago)?", re.IGNORECASE)
CHANGE = """
import random, time
from crm.models import Deal, Stage
from crm.services.deals import update_deal
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people.models import User

actor = Actor.of(User.objects.get(email="{email}"))
chance, done = random.Random(1), 0
deals = list(Deal.objects.filter(deal_state="open").order_by("pk")[:40])
while done < {changes}:
    deal = Deal.objects.select_related("stage").get(pk=chance.choice(deals).pk)
    if done % 10 == 0:
        stages = list(Stage.objects.filter(pipeline=deal.stage.pipeline, kind="open"))
        try:
            deal = update_deal(deal, changes={{"stage": chance.choice(stages)}}, actor=actor)
        except DomainError:
            pass  # a criterion of the stage forbids it
    update_deal(deal, changes={{"deal_amount": chance.randint(1000, 900000)}}, actor=actor)
    done += 1
print(time.time())
"""


def words(page: Any) -> str:
    return AGO.sub("", " ".join(str(page.locator("main").inner_text()).split()))


def converged(live: dict[str, Any], fresh: Any, changed_at: float) -> dict[str, float | None]:
    """Seconds from the last change until each page said what a new one says; None where it never did."""
    found: dict[str, float | None] = dict.fromkeys(live)
    while None in found.values() and time.time() - changed_at < GIVE_UP_SECONDS:
        for path in [each for each, seconds in found.items() if seconds is None]:
            said, at = words(live[path]), time.time()
            fresh.goto(live[path].url)
            wait_for_quiet(fresh)
            if said == words(fresh):
                found[path] = round(at - changed_at, 2)
    return found


def measure(*, changes: int, slow: int) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    with running_product() as product, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        first = context.new_page()
        sign_in(first, product)
        first.goto(f"{product.address}/deals/")
        account = first.locator("[data-list] tbody tr[data-row]").first.get_attribute("data-href")
        live = {path: context.new_page() for path in ("/pipeline/", "/deals/", account)}
        for path, page in live.items():
            page.goto(product.address + path)
            wait_for_quiet(page)
        before = {path: words(page) for path, page in live.items()}
        topics = sorted({topic for page in live.values() for topic in page.evaluate(TOPICS)})
        cookies = "; ".join(f"{each['name']}={each['value']}" for each in context.cookies())
        with open_sockets(product, cookies, topics, slow, reads=False) as counted:
            begun = time.time()
            script = CHANGE.format(email="demo@gtmos.example", changes=changes)
            changed_at = float(product.manage("shell", "--no-imports", "-c", script).split()[-1])
            seconds = converged(live, first, changed_at)
            opened = counted["open"]
        same = [path for path, page in live.items() if words(page) == before[path]]
        browser.close()
    return {
        "changes": changes,
        "changes_per_second": round(changes / (changed_at - begun)),
        "slow_sockets": opened,
        "cut_off": counted["cut_off"],
        "converged_after_s": seconds,
        "as_before": same,
    }


TOPICS = """() => [...document.querySelectorAll("[data-live]")].flatMap(each => each.dataset.live.split(/\\s+/)).filter(Boolean)"""


def main() -> int:
    if not Path(CHROMIUM).exists():
        print(json.dumps({"ok": False, "short_of": ["Chromium is not installed"]}))
        return 1
    is_quick = "--quick" in sys.argv
    found = measure(changes=500 if is_quick else CHANGES, slow=SLOW)
    seconds = found["converged_after_s"]
    short = [f"{path} {after} s" for path, after in seconds.items() if after is None or after > MOST_SECONDS]
    short += [f"nothing changed on {path}" for path in found["as_before"]]
    short += [f"only {found['slow_sockets']} sockets opened"] if found["slow_sockets"] < SLOW else []
    if not is_quick and found["cut_off"] < SLOW:  # a quick run may end before the server lost patience
        short.append(f"the server hung up on only {found['cut_off']} sockets that do not read")
    print(json.dumps({**found, "ok": not short, "short_of": short}))
    return 0 if not short else 1


if __name__ == "__main__":
    sys.exit(main())
