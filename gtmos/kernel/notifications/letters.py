"""What the mails say. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    title: str
    text: str
    url: str


def subject_of(lines: Sequence[Line], *, is_digest: bool, organisation: str) -> str:
    if not is_digest:
        return lines[0].title
    things = "1 thing" if len(lines) == 1 else f"{len(lines)} things"
    return f"{things} since yesterday at {organisation}"


def text_of(lines: Sequence[Line], *, settings_url: str) -> str:
    told = "\n\n".join(_block(line) for line in lines)
    return f"{told}\n\n--\nYou chose to be told of this by mail. Change what you are told:\n{settings_url}\n"


def _block(line: Line) -> str:
    return "\n".join(filter(None, (line.title, line.text, line.url)))
