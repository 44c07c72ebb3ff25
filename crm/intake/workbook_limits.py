"""What a workbook may hold: every part is read once, event by event, before anything keeps it in memory."""

from typing import IO, BinaryIO
from xml.parsers import expat
from zipfile import ZipFile, ZipInfo

from crm.intake.faults import IntakeError

SIGNATURE = b"PK\x03\x04"
LARGEST_WORKBOOK = 100 << 20
LARGEST_DIRECTORY = 1 << 20
_LARGEST_SHEET = 256 << 20
_LARGEST_STRINGS = 32 << 20
_LARGEST_PART = 4 << 20
_MOST_CELLS = 2_000_000
_MOST_IN_A_ROW = 20_000
_MOST_OUTSIDE_ROWS = 50_000
_LONGEST_TEXT = 1 << 20
_LONGEST_TOKEN = 2 << 20
_DEEPEST = 64
_CHUNK = 1 << 16
TOO_LARGE = "This Excel workbook is too large to be read safely. Save the sheet as CSV and bring that."
_NO_WORKBOOK = "This is a packed file, not an Excel workbook. Unpack it, or save the list as CSV."
_DECLARES = (
    "This Excel workbook declares its own document type, which no spreadsheet writes. It was not read."
)


def is_workbook(raw: BinaryIO) -> bool:
    """Whether a file is a packed one at all; what is in it is asked when it is read."""
    raw.seek(0)
    return raw.read(len(SIGNATURE)) == SIGNATURE


def check_parts(packed: ZipFile) -> None:
    """Raise `IntakeError` unless every part that is read stays within its limit."""
    parts = {part.filename: part for part in packed.infolist()}
    if "xl/workbook.xml" not in parts:
        raise IntakeError(_NO_WORKBOOK)
    if len(parts) != len(packed.infolist()):
        raise IntakeError(TOO_LARGE)
    for name, part in parts.items():
        if name.endswith((".xml", ".rels", ".vml")):
            _check_size(name, part)
            with packed.open(part) as stream:
                _Check().read(stream)


def _check_size(name: str, part: ZipInfo) -> None:
    """The unpacked size that a part declares; not a byte more of it is ever unpacked."""
    limit = _LARGEST_PART
    if name.startswith("xl/worksheets/"):
        limit = _LARGEST_SHEET
    elif name == "xl/sharedStrings.xml":
        limit = _LARGEST_STRINGS
    if part.file_size > limit:
        raise IntakeError(TOO_LARGE)


class _Check:
    """Counts what a part holds, and refuses a document type: without one there are no entities."""

    def __init__(self) -> None:
        self.depth = self.cells = self.in_row = self.outside = self.text = 0
        self.inside = False
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = _refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def read(self, stream: IO[bytes]) -> None:
        fed = 0
        while chunk := stream.read(_CHUNK):
            fed += len(chunk)
            self.parser.Parse(chunk, False)
            _hold(fed - self.parser.CurrentByteIndex <= _LONGEST_TOKEN)
        self.parser.Parse(b"", True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        del attributes
        self.text = 0
        self.depth += 1
        local = name.rpartition(" ")[2]
        if local in {"row", "si"}:
            self.inside, self.in_row = True, 0
        if local == "c":
            self.cells += 1
        if self.inside:
            self.in_row += 1
        else:
            self.outside += 1
        _hold(
            self.depth <= _DEEPEST
            and self.cells <= _MOST_CELLS
            and self.in_row <= _MOST_IN_A_ROW * 3
            and self.outside <= _MOST_OUTSIDE_ROWS
        )

    def _end(self, name: str) -> None:
        self.depth -= 1
        if name.endswith((" row", " si")):
            self.inside = False

    def _text(self, data: str) -> None:
        self.text += len(data)
        _hold(self.text <= _LONGEST_TEXT)


def _hold(fits: bool) -> None:  # noqa: FBT001
    if not fits:
        raise IntakeError(TOO_LARGE)


def _refuse(*_: object) -> None:
    raise IntakeError(_DECLARES)
