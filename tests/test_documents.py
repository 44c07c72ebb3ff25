"""Every link from one file of the project to another leads somewhere."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
HEADING = re.compile(r"^#+\s+(.*)$", re.MULTILINE)
ROOTS = ("docs", "static", "templates", "benchmarks", "tests", "gtmos", "crm", "outreach", "agents")
DOCUMENTS = sorted(
    path.relative_to(PROJECT).as_posix()
    for path in (*PROJECT.glob("*.md"), *(path for root in ROOTS for path in (PROJECT / root).rglob("*.md")))
    if "node_modules" not in path.parts
)


def anchors(text: str) -> set[str]:
    """As the usual viewers make them of headings."""
    kept = (re.sub(r"[^\w\- ]", "", heading.strip().lower()) for heading in HEADING.findall(text))
    return {heading.replace(" ", "-") for heading in kept}


def broken(document: Path) -> list[str]:
    text = CODE.sub("", document.read_text(encoding="utf-8"))
    faults = []
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        is_there = target.exists()
        if not is_there or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            faults.append(link)
    return faults


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_somewhere(document: str) -> None:
    assert broken(PROJECT / document) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# One thing\n")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](there.md) [b](there.md#one-thing) [c](gone.md) [d](there.md#two) [e](https://x.example)\n"
    )

    assert broken(page) == ["gone.md", "there.md#two"]
