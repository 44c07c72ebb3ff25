"""How long a change in one browser takes to be seen in another while 200 sockets are open, and how fast keys are answered.

    python -m benchmarks.live [--quick]

Two Chromium pages show one company; one saves a note, the other is timed until the words stand on it. The sockets
follow the same company from another process, so that every change is told to all of them. The interaction to next
paint is what the browser itself reports (Event Timing) for keys and clicks on the list and the board.
"""

import asyncio
import json
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.browser import CHROMIUM, QUIET, Product, running_product, sign_in, wait_for_quiet

SOCKETS, CHANGES, SILENT_SECONDS = 200, 40, 3.0
MOST_MS, MOST_PAINT_MS = 1000, 100
WATCH = """() => { window.slow = []; new PerformanceObserver(list => { for (const each of list.getEntries())
  if (each.interactionId) window.slow.push(each.duration); }).observe({type: "event", durationThreshold: 16, buffered: true}); }"""


@contextmanager
def open_sockets(
    product: Product, cookies: str, topics: list[str], count: int, *, reads: bool = True
) -> Iterator[dict[str, int]]:
    """In a loop of their own; counts the messages that came. Those that do not read answer no ping either.

    Whether the server hung up on them is counted when this ends: they see it only when they read at last.
    """
    from websockets.asyncio.client import connect

    heard = {"open": 0, "messages": 0, "cut_off": 0}
    stop = asyncio.Event()
    loop = asyncio.new_event_loop()
    address = product.address.replace("http", "ws") + "/live/"
    given = {"origin": product.address, "additional_headers": {"Cookie": cookies}}
    kept: dict[str, Any] = {} if reads else {"max_queue": 1, "ping_interval": None}

    async def one() -> None:
        async with connect(address, **given, **kept) as socket:
            await socket.send(json.dumps({"follow": topics}))
            heard["open"] += 1
            listening = asyncio.ensure_future(_listen(socket, heard)) if reads else None
            await stop.wait()
            if listening:
                listening.cancel()
                return
            was_cut_off = await _was_cut_off(socket)
            heard["cut_off"] += was_cut_off  # not in one line: another would count between reading and adding
            socket.transport.abort()

    async def all_of_them() -> None:
        await asyncio.gather(*(one() for _ in range(count)), return_exceptions=not reads)

    thread = threading.Thread(target=loop.run_until_complete, args=(all_of_them(),), daemon=True)
    thread.start()
    give_up_at = time.monotonic() + 60
    while heard["open"] < count and time.monotonic() < give_up_at:
        time.sleep(0.1)
    try:
        yield heard
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)


async def _was_cut_off(socket: Any) -> bool:
    from websockets.exceptions import ConnectionClosed

    try:
        while True:
            await asyncio.wait_for(socket.recv(), SILENT_SECONDS)
    except ConnectionClosed:
        return True
    except TimeoutError:
        return False


async def _listen(socket: Any, heard: dict[str, int]) -> None:
    async for _ in socket:
        heard["messages"] += 1


def seen_in_the_other(one: Any, other: Any, changes: int) -> list[float]:
    """Milliseconds from the press of the button in one browser to the words in the other."""
    waits = []
    for number in range(changes):
        words = f"Change number {number}"
        one.get_by_label("Note", exact=True).fill(words)
        begun = time.perf_counter()
        one.get_by_role("button", name="Save note").click()
        other.locator(".timeline").get_by_text(words, exact=True).first.wait_for(timeout=15_000)
        waits.append((time.perf_counter() - begun) * 1000)
        one.locator(".timeline").get_by_text(words, exact=True).first.wait_for(timeout=15_000)
    return waits


def paints(page: Any, product: Product, path: str) -> list[float]:
    """What the browser measured for each key and click; those under 16 ms are not told and count as 16."""
    page.goto(product.address + path)
    wait_for_quiet(page)
    page.evaluate(WATCH)
    keys = ["j"] * 10 + ["k"] * 5 + ["?", "Escape", "t", "t", "f"]
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(60)
    page.locator("[data-row]").first.hover()
    told = [float(each) for each in page.evaluate("window.slow")]
    return told + [16.0] * max(0, len(keys) - len(told))


def measure(*, sockets: int, changes: int) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    with running_product() as product, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        pages = [browser.new_context(viewport={"width": 1440, "height": 900}).new_page() for _ in range(2)]
        for page in pages:
            sign_in(page, product)
        pages[0].goto(f"{product.address}/companies/")
        path = pages[0].locator("[data-list] tbody a").first.get_attribute("href")
        for page in pages:
            page.goto(product.address + path)
            wait_for_quiet(page)
        cookies = "; ".join(f"{each['name']}={each['value']}" for each in pages[0].context.cookies())
        topic = f"company:{path.strip('/').split('/')[-1]}"
        with open_sockets(product, cookies, [topic], sockets) as heard:
            waits = seen_in_the_other(pages[0], pages[1], changes)
            opened, messages = heard["open"], heard["messages"]
        painted = {name: paints(pages[0], product, f"/{name}/") for name in ("companies", "pipeline")}
        browser.close()
    return {
        "sockets": opened,
        "messages_at_sockets": messages,
        "changes": len(waits),
        "seen_p50_ms": round(statistics.median(waits)),
        "seen_p95_ms": round(statistics.quantiles(waits, n=20)[18]),
        "paint_p98_ms": {
            name: max(sorted(each)[: max(1, round(len(each) * 0.98))]) for name, each in painted.items()
        },
    }


def main() -> int:
    quick = "--quick" in sys.argv
    if not Path(CHROMIUM).exists():
        print(json.dumps({"ok": False, "short_of": ["Chromium is not installed"]}))
        return 1
    found = measure(sockets=SOCKETS, changes=10 if quick else CHANGES)
    short = [f"only {found['sockets']} sockets opened"] if found["sockets"] < SOCKETS else []
    short += [f"seen after {found['seen_p95_ms']} ms"] if found["seen_p95_ms"] > MOST_MS else []
    short += [f"{name} {each} ms" for name, each in found["paint_p98_ms"].items() if each > MOST_PAINT_MS]
    print(json.dumps({**found, "ok": not short, "short_of": short}))
    return 0 if not short else 1


if __name__ == "__main__":
    sys.exit(main())
