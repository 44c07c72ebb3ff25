"""One running product for the browser tests of the workspace, and a seat at it for each role.

    def test_a_rep_logs_a_call(seat):
        rep = seat("rep")                          # signed in, 1440 wide, light; seat("rep", width=375, theme="dark")
        company = rep.make("companies", {"name": "Contoso"})
        rep.open(f"/companies/{company['id']}/")
        rep.page.get_by_role("button", name="Log a call").click()

The product is shared by all tests of a run: a test makes the records it looks at, and looks at nothing else.
A seat that saw an error in its console fails its test.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser import CHROMIUM, PASSWORD, QUIET, Product, faults_of, running_product, wait_for_quiet

PEOPLE = {
    "admin": "demo@gtmos.example",
    "revops": "rosa@gtmos.example",
    "rep": "jonas@gtmos.example",
    "marketer": "mina@gtmos.example",
    "success": "peter@gtmos.example",
    "executive": "astrid@gtmos.example",
}
HEIGHT = 900
STRICT = """
from crm.services.pipelines import create_pipeline, create_stage
from gtmos.kernel.actors import SYSTEM
pipeline = create_pipeline("Strict", actor=SYSTEM)
for place, (key, asked) in enumerate([("open", []), ("strict", ["deal_amount", "next_step"]), ("free", [])]):
    create_stage(pipeline, key=key, name=key.capitalize(), kind="open", probability=0.5, position=place,
                 required_fields=asked, actor=SYSTEM)
print(pipeline.pk)
"""


@pytest.hookimpl(tryfirst=True)  # before -m asks for the marks
def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Whatever uses the running product needs a browser and its sockets: no file has to say so itself."""
    for item in items:
        if "workspace" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.enable_socket)


@dataclass
class Seat:
    """Somebody in a browser of their own."""

    page: Any
    product: Product
    faults: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expects(self, words: str) -> None:
        """What the browser logs as an error though it is what the test is about, such as a lost connection."""
        self.expected.append(words)

    @property
    def unexpected(self) -> list[str]:
        return [fault for fault in self.faults if not any(words in fault for words in self.expected)]

    def open(self, path: str) -> Any:
        """The answer, when the page follows its live topics and no fragment is on its way."""
        answer = self.page.goto(self.product.address + path)
        wait_for_quiet(self.page)
        return answer

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The same person as a program: `ask("PATCH", "/api/v1/deals/…/", {…})`."""
        cookies = {each["name"]: each["value"] for each in self.page.context.cookies()}
        headers = {
            "X-CSRFToken": cookies.get("csrftoken", ""),
            "Referer": self.product.address,
            "If-Match": "*",
        }
        answer = self.page.context.request.fetch(
            self.product.address + path, method=method, data=body, headers=headers
        )
        assert answer.ok, f"{method} {path}: {answer.status} {answer.text()[:500]}"
        return answer.json() if answer.text() else None

    def make(self, plural: str, values: dict[str, Any]) -> Any:
        return self.ask("POST", f"/api/v1/{plural}/", values)


@pytest.fixture(scope="session")
def workspace() -> Iterator[Product]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with running_product() as started:
        yield started


@pytest.fixture(scope="session")
def pipeline(workspace: Product) -> str:
    """A pipeline of three stages, of which the second asks for an amount and a next step."""
    return str(workspace.manage("shell", "--no-imports", "-c", STRICT).strip())


@pytest.fixture(scope="session")
def entries() -> dict[str, Any]:
    """What the browser of each person kept after signing in, so that they sign in once in a run."""
    return {}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """For a module, not for the run: while it is open no other test of this thread could use the database."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def seat(browser: Any, workspace: Product, entries: dict[str, Any]) -> Iterator[Callable[..., Seat]]:
    taken: list[Seat] = []

    def take(role: str, *, width: int = 1440, theme: str = "light") -> Seat:
        if role not in entries:
            entries[role] = signed_in(browser, workspace, PEOPLE[role])
        context = browser.new_context(
            storage_state=entries[role], viewport={"width": width, "height": HEIGHT}, color_scheme=theme
        )
        page = context.new_page()
        taken.append(Seat(page, workspace, faults_of(page)))
        return taken[-1]

    yield take

    faults = [fault for each in taken for fault in each.unexpected]  # before closing cuts what is on its way
    for each in taken:
        each.page.context.close()
    assert faults == [], "\n".join(faults)


def signed_in(browser: Any, product: Product, email: str) -> Any:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{product.address}/login/")
    enter(page, email)
    page.wait_for_url(lambda address: urlsplit(address).path == "/")
    kept = context.storage_state()
    context.close()
    return kept


def enter(page: Any, email: str) -> None:
    """On the page that asks who is there."""
    page.fill("input[name=username]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("form button:not([type=button])")
