"""A whole product on throw-away stores and a real Chromium, for the browser tests."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.urls import Resolver404, get_resolver, resolve

from gtmos.runtime.ports import free_port
from gtmos.runtime.stores import Stores

CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]  # fmt: skip -- a list of switches
PASSWORD = "only-for-this-test"
EMAIL = "demo@gtmos.example"
PROJECT = Path(__file__).parent.parent
LINK = re.compile(r'(?:href|data-href)="(/[^"#?]*)"')
AUDIT = (Path(__file__).parent / "audit.js").read_text()
AXE = Path(__file__).parent / "node/node_modules/axe-core/axe.min.js"
ASK_AXE = """() => axe.run(document, {resultTypes: ["violations"]}).then(found => found.violations.map(
  each => `${each.id} (${each.impact}), ${each.nodes.length} times: ${each.help}: ${each.nodes[0].html.slice(0, 160)}`))"""


@dataclass(frozen=True, slots=True)
class Product:
    address: str
    home: Path

    def manage(self, *words: str) -> str:
        return subprocess.run(
            [sys.executable, "-W", "ignore", "manage.py", *words],
            cwd=PROJECT,
            env={**_environ(), "GTMOS_HOME": str(self.home), "PORT": self.address.rsplit(":", 1)[1]},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout


def _environ() -> dict[str, str]:
    """Without the addresses of the test run's own stores: this product starts its own."""
    return {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL"}}


@contextmanager
def running_product(stores: Stores | None = None) -> Iterator[Product]:
    """On its own stores, which it keeps alive, or on some that a test may take away."""
    with tempfile.TemporaryDirectory(prefix="gtmos-e2e-", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o755)
        port = free_port()
        given = stores.environment() if stores else {}
        environ = {
            **_environ(),
            **given,
            "GTMOS_HOME": place,
            "PORT": str(port),
            "GTMOS_DEMO_PASSWORD": PASSWORD,
        }
        product = Product(f"http://127.0.0.1:{port}", Path(place))
        log = Path(place) / "up.log"
        with log.open("w") as output:
            argv = [sys.executable, "-W", "ignore", "manage.py", "up"]
            process = subprocess.Popen(argv, cwd=PROJECT, env=environ, stdout=output, stderr=output)
            try:
                wait_until(lambda: _ready(product.address), "the product to be ready", 180, log=log)
                yield product
            finally:
                _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


def _ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:  # noqa: S310 -- our own address
            return bool(json.load(answer)["ok"])
    except (urllib.error.URLError, OSError, ValueError):
        return False


def wait_until(held: Callable[[], Any], what: str, seconds: float, *, log: Path | None = None) -> Any:
    """Poll with a deadline; the browser's own waiting is used wherever a page can show it."""
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        found = held()
        if found:
            return found
        time.sleep(0.25)
    said = f":\n{log.read_text()[-2000:]}" if log else ""
    raise AssertionError(f"gave up waiting for {what}{said}")


def sign_in(page: Any, product: Product) -> None:
    page.goto(f"{product.address}/login/")
    page.fill("input[name=username]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.click("form button:not([type=button])")
    page.wait_for_url(f"{product.address}/")


def understood(page: Any, sentence: str) -> None:
    """Ctrl K and the sentence, until the bar shows how it reads it."""
    page.keyboard.press("Control+k")
    page.fill("#palette textarea[name=text]", sentence)
    page.wait_for_selector("#command-plan .option, #command-plan .card", timeout=10_000)


def tell(page: Any, sentence: str) -> None:
    """Ctrl K, the sentence, Enter."""
    understood(page, sentence)
    page.keyboard.press("Enter")


def move_clock(page: Any, how_far: str) -> None:
    """By the control in the frame."""
    page.locator("#clock").get_by_role("button", name="Move").click()
    page.locator("#move-clock").get_by_role("button", name=how_far, exact=True).click()
    page.wait_for_selector("#move-clock", state="hidden")


def wait_for_quiet(page: Any) -> None:
    """The live socket works and no fragment is on its way. A page without the frame has neither."""
    page.wait_for_load_state()  # a click returns before the page that it leads to is read
    if page.locator("#palette").count():
        page.wait_for_selector("html[data-connection=live] body:not(:has(.htmx-request))")


def audit(page: Any) -> list[str]:
    """Words that are hard to read, controls without a name, ids used twice."""
    return [f"{page.url}: {found}" for found in page.evaluate(AUDIT)]


def axe(page: Any) -> list[str]:
    """What axe-core calls a violation. Nothing where it is not installed; a test of its own says so."""
    if not AXE.exists():
        return []
    page.evaluate(AXE.read_text())
    return [f"{page.url}: {found}" for found in page.evaluate(ASK_AXE)]


def faults_of(page: Any) -> list[str]:
    """Everything that goes wrong in this page from here on, with where it happened."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda said: (
            faults.append(f"{page.url}: {said.text} {said.location}") if said.type == "error" else None
        ),
    )
    return faults


def every_page(page: Any, product: Product) -> dict[str, str]:
    """The first page of each route that links lead to from here, by the route's name; without the desk."""
    found: dict[str, str] = {}
    waiting = ["/", *(f"/{route}" for route in _routes_without_values())]
    while waiting:
        path = waiting.pop(0)
        name = _name_of(path)
        if name in {"", *found}:
            continue
        answer = page.request.get(product.address + path, max_redirects=0)
        assert answer.status < HTTPStatus.INTERNAL_SERVER_ERROR, f"{path} {answer.status}"
        text = answer.text() if answer.headers.get("content-type", "").startswith("text/html") else ""
        if answer.status == HTTPStatus.OK and "<html" in text:
            found[name] = path
            waiting += LINK.findall(text)
    return found


def _routes_without_values() -> list[str]:
    routes = [str(entry.pattern) for entry in get_resolver().url_patterns if hasattr(entry, "callback")]
    for entry in get_resolver().url_patterns:
        prefix = str(entry.pattern)
        if hasattr(entry, "url_patterns") and not prefix.startswith(("admin", "api")):
            routes += [prefix + str(each.pattern) for each in entry.url_patterns if hasattr(each, "callback")]
    return [route for route in routes if "<" not in route and "(" not in route]


def _name_of(path: str) -> str:
    try:
        name = resolve(path).view_name
    except Resolver404:
        return ""
    return "" if {"admin", "api"} & {*path.split("/")} else name.replace(":", "-")
