"""Run by itself: a PDF comes in, its words go out. Bounded in memory, time and pages."""

import io
import logging
import resource
import sys

import pypdf
from pypdf.errors import PyPdfError

MEMORY = 1024 * 1024 * 1024
SECONDS = 15
MOST_PAGES = 300


def main(longest: int) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        words = _words(sys.stdin.buffer.read(), longest)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError):
        return 1
    sys.stdout.buffer.write(words.encode("utf-8", "replace"))
    return 0


def _words(content: bytes, longest: int) -> str:
    said: list[str] = []
    for page in pypdf.PdfReader(io.BytesIO(content)).pages[:MOST_PAGES]:
        said.append(page.extract_text())
        if sum(map(len, said)) > longest:
            break
    return "\n".join(said)[:longest]


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
