"""The words in a file, for the search."""

import html
import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import nh3

from crm.intake.documents.kinds import text_of
from crm.intake.documents.parts import DAMAGED

LONGEST = 200_000
SECONDS = 60  # a busy machine may need so long for what takes the reader seconds
HTML_LONGEST = 2_000_000
TOO_SLOW = "It takes too long to read, so its words cannot be read."
NO_WORDS = "No words stand in it."
_ROOT = str(Path(__file__).resolve().parents[3])
_READER = (
    "import sys; sys.path.insert(0, sys.argv[1]); from crm.intake.documents.reader import main; "
    "sys.exit(main(sys.argv[2], int(sys.argv[3])))"
)


class Words(NamedTuple):
    """`fault` says why there are none."""

    words: str
    fault: str = ""


def is_read_at_once(kind: str) -> bool:
    """Texts are; what has to be unpacked is left to a job, and pictures hold no words."""
    return kind.startswith(("text/", "image/"))


def words_in(kind: str, content: bytes) -> Words:
    if kind.startswith("image/"):
        return Words("")
    if kind == "text/html":
        return _told(html.unescape(nh3.clean(_spaced(text_of(content) or ""), tags=set())))
    if kind.startswith("text/"):
        return _told(text_of(content) or "")
    return _by_reader(kind, content)


def _told(words: str) -> Words:
    return Words(words.replace("\x00", " ").encode("utf-8", "replace").decode()[:LONGEST])


def _spaced(source: str) -> str:
    """Words of neighbouring parts stay two."""
    return source[:HTML_LONGEST].replace("<", " <")


def _by_reader(kind: str, content: bytes) -> Words:
    """By a process of its own, which may be ended: a file can be made to be read for ever."""
    argv = [sys.executable, "-I", "-W", "ignore", "-c", _READER, _ROOT, kind, str(LONGEST)]
    try:
        done = subprocess.run(argv, input=content, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Words("", TOO_SLOW)
    if done.returncode:
        return Words("", TOO_SLOW if done.returncode < 0 else DAMAGED)
    answer = json.loads(done.stdout)
    found = _told(answer["words"])
    if found.words.strip():
        return found
    return Words("", answer["fault"] or NO_WORDS)
