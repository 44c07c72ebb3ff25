"""Point two scanners at a product of its own that runs signed in, and read what they report.

    make scan       (apt-get install sqlmap wapiti first)
    python -m benchmarks.scan [--parameters 40] [--level 3] [--minutes 20]

sqlmap asks the parameters of the API's lists, wapiti walks the pages and sends their forms. One finding, or a scanner
that could not work, and this fails. The product is thrown away afterwards.
"""

import argparse
import csv
import http.cookiejar
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.browser import EMAIL, PASSWORD, Product, running_product

TEXT = "Contoso"
RECORDS = """
from crm.services.companies import create_company
from crm.services.contacts import create_contact
from gtmos.kernel.actors import SYSTEM
company = create_company("Contoso", domain="contoso.example", actor=SYSTEM)
create_contact(name="Ann Contoso", company=company, email="ann@contoso.example", actor=SYSTEM)
"""
FOLDERS = (
    "companies",
    "contacts",
    "deals",
    "tasks",
    "campaigns",
    "meetings",
    "search",
    "webhooks",
    "settings",
)
ERRORS = ("Internal Server Error",)
MODULES = "sql,blindsql,exec,file,xss,permanentxss,crlf,redirect"  # the others need a server of their makers


def signed_in(product: Product) -> str:
    """The cookies of a session, as a header."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    url = f"{product.address}/login/"
    page = browser.open(url).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token, "the page of signing in has no token"
    form = {"username": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    browser.open(urllib.request.Request(url, urlencode(form).encode(), {"Referer": url}))  # noqa: S310 -- our own
    cookies = {cookie.name: cookie.value for cookie in jar}
    assert "sessionid" in cookies, "nobody was signed in"
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def asked(product: Product, cookies: str) -> list[str]:
    """One address for each parameter of each list that the API describes, and for the pages that search."""
    url = f"{product.address}/api/v1/schema/?format=json"
    request = urllib.request.Request(url, headers={"Cookie": cookies})  # noqa: S310 -- our own
    described = json.load(urllib.request.urlopen(request))  # noqa: S310 -- our own
    found = [
        f"{product.address}{path}?{urlencode({parameter['name']: TEXT})}"
        for path, methods in described["paths"].items()
        if "{" not in path
        for parameter in methods.get("get", {}).get("parameters", ())
        if parameter["in"] == "query" and parameter.get("schema", {}).get("type") == "string"
    ]
    pages = ("search/?q", "companies/?q", "contacts/?q", "deals/?q", "sandbox/?q", "audit/?q", "tasks/?view")
    return [f"{product.address}/{page}={TEXT}" for page in pages] + found


def by_sqlmap(urls: list[str], cookies: str, place: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Each address on its own, until the time is over; a finding is a line in the file of results."""
    began, done, findings, said = time.monotonic(), 0, list[dict[str, str]](), ""
    for number, url in enumerate(urls):
        if time.monotonic() - began > options.minutes * 60:
            break
        results = place / f"sqlmap-{number}.csv"
        (place / "target.txt").write_text(url + "\n")
        ran = subprocess.run(
            [
                *(
                    "sqlmap",
                    "-m",
                    place / "target.txt",
                    "--batch",
                    "--level",
                    str(options.level),
                    "--dbms",
                    "PostgreSQL",
                ),
                *(
                    "--cookie",
                    cookies,
                    "--results-file",
                    results,
                    "--output-dir",
                    place / "sqlmap",
                    "--threads",
                    "4",
                ),
                *("--param-filter", "GET", "--technique", "BEUSQ", "--disable-coloring", "--flush-session"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        said = ran.stdout
        assert (
            "does not seem to be injectable" in said or "all tested parameters" in said or results.exists()
        ), said[-1500:]
        done += 1
        if results.exists():
            with results.open() as lines:
                findings += [row for row in csv.DictReader(lines) if row.get("Technique(s)")]
    return {"parameters": done, "findings": findings, "seconds": round(time.monotonic() - began)}


def by_wapiti(product: Product, cookies: str, place: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Folder by folder: so it does not leave by the form of signing out, which stands above all of them."""
    began, pages, found, broken = time.monotonic(), 0, dict[str, Any](), dict[str, Any]()
    for folder in FOLDERS:
        told = _walked(product, folder, cookies, place, options.minutes * 60 // len(FOLDERS))
        pages += told["infos"].get("crawled_pages_nbr") or 0
        found |= {f"{folder}: {name}": rows for name, rows in told["vulnerabilities"].items() if rows}
        broken |= {
            f"{folder}: {name}": told["anomalies"][name] for name in ERRORS if told["anomalies"].get(name)
        }
    return {
        "pages": pages,
        "findings": found,
        "server_errors": broken,
        "seconds": round(time.monotonic() - began),
    }


def _walked(product: Product, folder: str, cookies: str, place: Path, seconds: int) -> dict[str, Any]:
    report = place / f"wapiti-{folder}.json"
    ran = subprocess.run(
        [
            *(
                "wapiti",
                "-u",
                f"{product.address}/{folder}/",
                "--scope",
                "folder",
                "-m",
                MODULES,
                "-f",
                "json",
            ),
            *(
                "-o",
                report,
                "-H",
                f"Cookie: {cookies}",
                "--max-scan-time",
                str(seconds),
                "--max-attack-time",
                str(seconds),
            ),
            *("--max-links-per-page", "40", "--max-parameters", "15", "--flush-session", "--no-bugreport"),
            *("--store-session", place / f"wapiti-{folder}", "--verify-ssl", "0"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert report.exists(), ran.stdout[-1500:] + ran.stderr[-1500:]
    told: dict[str, Any] = json.loads(report.read_text())
    return told


def main() -> int:
    options = _options()
    missing = [name for name in ("sqlmap", "wapiti") if shutil.which(name) is None]
    if missing:
        sys.stderr.write(
            f"{' and '.join(missing)} not found. On Debian: apt-get install {' '.join(missing)}\n"
        )
        return 1
    os.environ["GTMOS_API_LIMIT"] = "999999"
    with running_product() as product, tempfile.TemporaryDirectory(prefix="gtmos-scan-") as name:
        product.manage("shell", "-c", RECORDS)
        cookies, place = signed_in(product), Path(name)
        urls = asked(product, cookies)
        chosen = urls[:7] + random.Random(options.seed).sample(
            urls[7:], min(options.parameters, len(urls) - 7)
        )
        told = {
            "sqlmap": {"of": len(urls), **by_sqlmap(chosen, cookies, place, options)},
            "wapiti": by_wapiti(product, cookies, place, options),
        }
    sys.stdout.write(json.dumps(told, indent=1) + "\n")
    return int(any(told[name]["findings"] for name in told) or bool(told["wapiti"]["server_errors"]))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parameters", type=int, default=40, help="of the API, beside those of the pages")
    parser.add_argument("--level", type=int, default=3)
    parser.add_argument("--minutes", type=int, default=20, help="for each scanner")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
