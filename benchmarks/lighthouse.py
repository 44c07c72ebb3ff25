"""Lighthouse's scores of home, list, account and campaign, as somebody who is signed in sees them on a desktop.

    python -m benchmarks.lighthouse [--quick]

Performance is what Lighthouse measured on this machine while it did; the other two do not depend on it.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from gtmos.runtime.ports import free_port
from tests.browser import CHROMIUM, QUIET, Product, running_product, sign_in

HERE = Path(__file__).resolve().parent.parent
LIGHTHOUSE = HERE / "tests/node/node_modules/lighthouse/cli/index.js"
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 95}
MOST_KILOBYTES = 250
SECONDS = 180
FIND = "Find me CMOs at Series B fintech companies in NYC"
DRAFT = "Create a 3-touch hiring-themed campaign for the prospects I just found"


def addresses(page: Any, product: Product) -> dict[str, str]:
    for sentence in (FIND, DRAFT):
        product.manage("ask", sentence)
    page.goto(f"{product.address}/companies/")
    account = page.locator("[data-list] tbody a").first.get_attribute("href")
    page.goto(f"{product.address}/campaigns/")
    campaign = page.locator("[data-list] tbody a, tbody [data-href] a").first.get_attribute("href")
    return {"home": "/", "list": "/companies/", "account": account, "campaign": campaign}


def looked_at(address: str, port: int, report: Path) -> dict[str, Any]:
    """In the browser that is signed in, on its own port; what it keeps is left alone."""
    subprocess.run(
        [
            *("node", str(LIGHTHOUSE), address, "--quiet", "--preset=desktop", f"--port={port}"),
            *("--disable-storage-reset", f"--only-categories={','.join(LEAST)}"),
            *("--output=json", f"--output-path={report}"),
        ],
        check=True,
        timeout=SECONDS,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    found = json.loads(report.read_text())
    assert found["finalDisplayedUrl"].rstrip("/") == address.rstrip("/"), found["finalDisplayedUrl"]
    figures = {name: round(each["score"] * 100) for name, each in found["categories"].items()}
    figures["kilobytes"] = round(found["audits"]["total-byte-weight"]["numericValue"] / 1024)
    figures["foreign_hosts"] = len(_hosts(found) - {address.split("/")[2]})
    figures["short"] = [name for name, each in found["audits"].items() if _is_short(each)]
    return figures


def _hosts(found: dict[str, Any]) -> set[str]:
    requests = found["audits"]["network-requests"]["details"]["items"]
    return {each["url"].split("/")[2] for each in requests if each["url"].startswith(("http", "ws"))}


def _is_short(audit: dict[str, Any]) -> bool:
    return (
        audit["scoreDisplayMode"] in {"binary", "numeric"}
        and (audit["score"] or 0) < LEAST["performance"] / 100
    )


def measure() -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    port = free_port()
    with (
        tempfile.TemporaryDirectory() as kept,
        running_product() as product,
        sync_playwright() as started,
        started.chromium.launch_persistent_context(
            kept, executable_path=CHROMIUM, args=[*QUIET, f"--remote-debugging-port={port}"]
        ) as context,
    ):
        page = context.new_page()
        sign_in(page, product)
        pages = addresses(page, product)
        browser = context.new_cdp_session(page)
        figures = {}
        for name, path in pages.items():
            browser.send("Network.clearBrowserCache")  # as on a first visit
            figures[name] = looked_at(product.address + path, port, Path(kept) / "report.json")
        return figures


def main() -> int:
    if not LIGHTHOUSE.exists() or not Path(CHROMIUM).exists():
        print(json.dumps({"ok": False, "short_of": ["Lighthouse or Chromium is not installed"]}))
        return 0 if "--quick" in sys.argv else 1
    found = measure()
    for name, figures in found.items():
        print(name, figures)
    least = {
        f"{page}_{each}": (figures[each], LEAST[each]) for page, figures in found.items() for each in LEAST
    }
    short = [f"{name} {value} of {wanted}" for name, (value, wanted) in least.items() if value < wanted]
    short += [
        f"{page} weighs {figures['kilobytes']} kB"
        for page, figures in found.items()
        if figures["kilobytes"] > MOST_KILOBYTES
    ]
    short += [f"{page} asks other hosts" for page, figures in found.items() if figures["foreign_hosts"]]
    print(json.dumps({"pages": found, "ok": not short, "short_of": short}))
    return 0 if not short else 1


if __name__ == "__main__":
    sys.exit(main())
