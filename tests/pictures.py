"""The pictures of a run on one page, so that a person can look through them in a minute."""

import html
import re
from itertools import groupby
from pathlib import Path

NAMED = re.compile(r"(?P<page>.+)-(?P<theme>light|dark)-(?P<width>\d+)\.png")
HEAD = """<!doctype html><meta charset="utf-8"><title>Every page</title>
<style>body{font:13px/1.5 system-ui;margin:24px;background:#777;color:#fff}h2{font-size:14px;margin:24px 0 6px}
div{display:flex;gap:8px;align-items:start}img{max-width:38vw;background:#fff}img.is-narrow{max-width:10vw}</style>"""


def write_index(folder: Path) -> Path:
    """`index.html` in the folder: a row for each page, light and dark, wide and narrow."""
    pictures = sorted(
        (found["page"], found["width"] == "375", found["theme"] != "light", each.name)
        for each in folder.glob("*.png")
        if (found := NAMED.fullmatch(each.name))
    )
    rows = [
        _row(page, [name for *_, name in group])
        for page, group in groupby(pictures, key=lambda each: each[0])
    ]
    index = folder / "index.html"
    index.write_text(HEAD + "\n".join(rows))
    return index


def _row(page: str, names: list[str]) -> str:
    images = "".join(
        f'<a href="{html.escape(name)}"><img loading="lazy" src="{html.escape(name)}"'
        f' alt="{html.escape(name)}"{" class=is-narrow" if "-375" in name else ""}></a>'
        for name in names
    )
    return f"<h2>{html.escape(page)}</h2><div>{images}</div>"
