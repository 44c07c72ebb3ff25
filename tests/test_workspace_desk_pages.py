"""Every page of the desk in both themes and on a phone: nothing fails, nothing is hard to read, nothing scrolls sideways."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from tests.browser import axe
from tests.conftest import HEIGHT

DESKTOP, PHONE = 1440, 375
ADD, FIRST = "a[href$='/add/']", "#result_list a[href*='/change/']"


def test_every_page_of_the_desk_opens_without_a_fault_in_both_themes_and_on_a_phone(
    seat: Callable[..., Any],
) -> None:
    sitting = seat("admin")
    page = sitting.page

    found, walked = list[str](), list(places(sitting))
    for path in walked:
        answer = page.goto(sitting.product.address + path)
        if answer.status != HTTPStatus.OK:
            found.append(f"{path} {answer.status}")
        found += [f"{path}: {each}" for each in faults(page)]

    assert found == [], "\n".join(found)
    assert {"/admin/", "/admin/crm/pipeline/add/", "/admin/configuration/"} <= set(walked)


def places(sitting: Any) -> Iterator[str]:
    """The first page, what it leads to, and of each kind its empty form, its first row and that row's history."""
    page, address = sitting.page, sitting.product.address
    page.goto(f"{address}/admin/")
    yield "/admin/"
    for path in dict.fromkeys(links(page, "main a[href^='/admin/']")):
        yield path
        page.goto(address + path)
        if path.count("/") == "/admin/app/kind/".count("/"):
            yield from [each for each in links(page, ADD) if each.startswith(path)][:1]
            for row in [each for each in links(page, FIRST) if each.startswith(path)][:1]:
                yield from (row, row.replace("/change/", "/history/"))


def links(page: Any, chosen: str) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        chosen, "all => all.map(each => new URL(each.href).pathname)"
    )
    return found


def faults(page: Any) -> list[str]:
    found = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        found += axe(page)
    page.set_viewport_size({"width": PHONE, "height": HEIGHT})
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        found.append("scrolls sideways on a phone")
    page.set_viewport_size({"width": DESKTOP, "height": HEIGHT})
    page.emulate_media(color_scheme="light")
    return found
