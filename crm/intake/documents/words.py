"""The words in a file, for the search."""

import html
import subprocess
import sys

import nh3

from crm.intake.documents.kinds import text_of

LONGEST = 200_000
PDF_SECONDS = 20
HTML_LONGEST = 2_000_000


def words_in(kind: str, content: bytes) -> str:
    """Empty for kinds whose words cannot be read; their name is found all the same."""
    if kind == "application/pdf":
        found = _of_pdf(content)
    elif kind == "text/html":
        found = html.unescape(nh3.clean(_spaced(text_of(content) or ""), tags=set()))
    elif kind.startswith("text/"):
        found = text_of(content) or ""
    else:
        found = ""
    return found.replace("\x00", " ").encode("utf-8", "replace").decode()[:LONGEST]


def _spaced(source: str) -> str:
    """Words of neighbouring parts stay two."""
    return source[:HTML_LONGEST].replace("<", " <")


def _of_pdf(content: bytes) -> str:
    """Read by a process of its own, which may be ended: a PDF can be made to be read for ever."""
    argv = [sys.executable, "-I", "-W", "ignore", _READER, str(LONGEST)]
    try:
        done = subprocess.run(argv, input=content, capture_output=True, timeout=PDF_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


_READER = __file__.replace("words.py", "pdf_reader.py")
