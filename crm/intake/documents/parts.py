"""The words of packed office files, part by part, as a stream: nothing of a file is kept in memory but its words."""

import re
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat
from zipfile import ZipFile, ZipInfo

from crm.intake.faults import IntakeError

LARGEST_UNPACKED = 256 << 20
_LONGEST_TOKEN = 4 << 20
_DEEPEST = 256
_CHUNK = 1 << 16
_NUMBER = re.compile(r"(\d{1,9})\.xml$")
_PARTS = {
    "wordprocessingml": re.compile(
        r"word/(?:document|header\d{0,4}|footer\d{0,4}|footnotes|endnotes|comments)\.xml"
    ),
    "presentationml": re.compile(r"ppt/(?:slides/slide|notesSlides/notesSlide)\d{1,6}\.xml"),
    "opendocument": re.compile(r"content\.xml"),
}
_TEXTS = {"wordprocessingml": {"t"}, "presentationml": {"t"}}
_ENDS = {
    "p": "\n",
    "h": "\n",
    "br": "\n",
    "tr": "\n",
    "table-row": "\n",
    "tab": " ",
    "tc": " ",
    "table-cell": " ",
    "s": " ",
}
TOO_LARGE = "It unpacks to more than is read here."
ENCRYPTED = "It is locked with a password, so its words cannot be read."
DAMAGED = "It is damaged, so its words cannot be read."


class UnreadableError(IntakeError):
    """The words cannot be read; the sentence says why."""


def words_of_parts(kind: str, packed: ZipFile, longest: int) -> str:
    """Paragraph by paragraph, in the order of pages and slides, as far as `longest` goes."""
    family = next(each for each in _PARTS if each in kind)
    parts = sorted(
        (each for each in packed.infolist() if _PARTS[family].fullmatch(each.filename)), key=_order
    )
    if not parts:
        raise UnreadableError(DAMAGED)
    check_sizes(parts)
    said: list[str] = []
    for part in parts:
        with packed.open(part) as stream:
            for words in _Reader(_TEXTS.get(family)).read(stream):
                said.append(words)
                longest -= len(words)
                if longest <= 0:
                    return "".join(said)
        said.append("\n")
    return "".join(said)


def check_sizes(parts: list[ZipInfo]) -> None:
    """What a part declares; not a byte more of it is ever unpacked."""
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableError(ENCRYPTED)
    if sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise UnreadableError(TOO_LARGE)


def _order(part: ZipInfo) -> tuple[bool, str, int]:
    """The body before head, foot and notes; slide 2 before slide 10."""
    number = _NUMBER.search(part.filename)
    stem = part.filename.removesuffix(number[0] if number else ".xml")
    return (not stem.endswith(("document", "slide")), stem, int(number[1]) if number else 0)


class _Reader:
    """Gathers letters inside of text elements, and refuses a document type: without one there are no entities."""

    def __init__(self, texts: set[str] | None) -> None:
        self.texts, self.inside, self.depth = texts, 0, 0
        self.said: list[str] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = _refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def read(self, stream: IO[bytes]) -> Iterator[str]:
        fed = 0
        while chunk := stream.read(_CHUNK):
            fed += len(chunk)
            self.parser.Parse(chunk, False)
            if fed - self.parser.CurrentByteIndex > _LONGEST_TOKEN:
                raise UnreadableError(TOO_LARGE)
            yield from self._told()
        self.parser.Parse(b"", True)
        yield from self._told()

    def _told(self) -> Iterator[str]:
        if self.said:
            yield "".join(self.said)
            self.said.clear()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        del attributes
        self.depth += 1
        if self.depth > _DEEPEST:
            raise UnreadableError(TOO_LARGE)
        local = name.rpartition(" ")[2]
        self.inside += self.texts is not None and local in self.texts

    def _end(self, name: str) -> None:
        self.depth -= 1
        local = name.rpartition(" ")[2]
        self.inside -= self.texts is not None and local in self.texts
        if local in _ENDS:
            self.said.append(_ENDS[local])

    def _text(self, data: str) -> None:
        if self.texts is None or self.inside:
            self.said.append(data)


def _refuse(*_: object) -> None:
    raise UnreadableError(DAMAGED)
