"""The forms of all pages that links lead to: where they are sent, and what they ask for."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve

SENT_BY = ("hx-post", "hx-put", "hx-patch", "hx-delete")
LEADS_TO = ("href", "hx-get", "data-href")
NAMING = {"name", "title", "text", "last_name", "subject"}
LEAVES = {"/logout/", "/login/"}
SAMPLES = {
    "email": "bill@fabrikam.example",
    "url": "https://fabrikam.example/",
    "number": "1",
    "date": "2026-12-01",
}


@dataclass
class Form:
    """Where it is sent and what it holds as the page shows it, filled where something is asked for."""

    action: str
    values: dict[str, list[str]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)

    def put(self, name: str, value: str) -> None:
        self.known.add(name)
        self.values.setdefault(name, []).append(value)


class Page(HTMLParser):
    def __init__(self, url: str, text: str) -> None:
        super().__init__()
        self.url = url
        self.forms: list[Form] = []
        self.asking: list[Form] = []  # those that only ask: their fields stand in the address
        self.links: set[str] = set()
        self.by_id: dict[str, Form] = {}
        self.open: Form | None = None
        self.select = self.area = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.links |= {urljoin(self.url, given[name]) for name in LEADS_TO if given.get(name, "#")[:1] != "#"}
        sent_to = next((given[name] for name in SENT_BY if name in given), None)
        if tag == "form":
            self._form(given, sent_to)
        elif sent_to is not None and "hx-include" not in given:
            self.forms.append(Form(urljoin(self.url, sent_to or self.url)))
        if tag in {"input", "select", "textarea", "option"}:
            self._value(tag, given)

    def _form(self, given: dict[str, str], sent_to: str | None) -> None:
        self.open = Form(urljoin(self.url, given.get("action") or sent_to or self.url))
        self.by_id[given.get("id", "")] = self.open
        if given.get("method", "").lower() == "post" or sent_to is not None:
            self.forms.append(self.open)
        else:
            self.asking.append(self.open)

    def _value(self, tag: str, given: dict[str, str]) -> None:
        form = self.by_id.get(given["form"]) if "form" in given else self.open
        if tag == "option":
            chosen = form is not None and self.select and given.get("value")
            if chosen and ("selected" in given or self.select not in form.values):
                form.values[self.select] = [given["value"]]
            return
        name = given.get("name", "")
        self.select, self.area = (name if tag == "select" else ""), (name if tag == "textarea" else "")
        if form is None or not name or "disabled" in given:
            return
        form.known.add(name)
        kind = given.get("type", "text")
        if tag == "textarea" or kind in {"checkbox", "radio", "file", "submit", "button"}:
            if kind in {"checkbox", "radio"} and ("checked" in given or name not in form.values):
                form.values[name] = [given.get("value", "on")]
        elif tag == "input":
            form.put(name, given.get("value") or _sample(name, kind, is_asked="required" in given))

    def handle_data(self, data: str) -> None:
        if self.area and self.open is not None:
            self.open.values.setdefault(self.area, [data.strip() or "Some words"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        if tag == "select":
            self.select = ""
        if tag == "textarea":
            if self.area and self.open is not None:
                self.open.values.setdefault(self.area, ["Some words"])
            self.area = ""


def _sample(name: str, kind: str, *, is_asked: bool) -> str:
    if not is_asked and name not in NAMING:
        return ""
    return SAMPLES.get(kind, "Some words")


def route_of(url: str) -> str:
    try:
        return resolve(urlsplit(url).path).route
    except Resolver404:
        return ""


def pages_of_the_product(client: Client, starts: Iterable[str], only: str = "/") -> Iterator[Page]:
    """One page of each route, as links lead to them."""
    waiting, looked_at = list(starts), set[str]()
    while waiting:
        url = waiting.pop()
        route, path = route_of(url), urlsplit(url).path
        if (
            not route
            or route in looked_at
            or not path.startswith(only)
            or path in LEAVES
            or "<whatever:rest>" in route
        ):
            continue
        page = _read(client, url)
        if page is not None:
            looked_at.add(route)
            waiting += sorted(page.links)
            yield page


def forms_of_the_product(client: Client, starts: Iterable[str], only: str = "/") -> Iterator[Form]:
    """Each form once for each route and set of fields."""
    seen = set[tuple[str, frozenset[str]]]()
    for page in pages_of_the_product(client, starts, only):
        for form in page.forms:
            key = route_of(form.action), frozenset(form.known)
            if key not in seen and key[0] and urlsplit(form.action).path not in LEAVES:
                seen.add(key)
                yield form


def _read(client: Client, url: str) -> Page | None:
    answer: Any = client.get(url)
    is_page = answer.status_code == 200 and "html" in answer.get("Content-Type", "")
    if not is_page or answer.streaming:
        return None
    return Page(url, re.sub(r"<script.*?</script>", "", answer.content.decode(), flags=re.DOTALL))
