"""From bytes to text: which encoding a file has, and a refusal where guessing would corrupt it."""

import codecs
import io
import re
from typing import BinaryIO

from crm.intake.faults import IntakeError

_CHUNK = 1 << 20
_SAMPLE = 1 << 16
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNATURES = (
    (b"PK\x03\x04", "This is an Excel workbook or another packed file. Save it as CSV and bring that."),
    (
        b"\xd0\xcf\x11\xe0",
        "This is an old or protected Excel workbook. Save it as XLSX or CSV and bring that.",
    ),
    (b"%PDF", "This is a PDF, not a table. Export the list as CSV."),
    (b"\x1f\x8b", "This file is compressed. Unpack it first."),
    (b"\x89PNG", "This is a picture, not a table."),
    (b"\xff\xd8\xff", "This is a picture, not a table."),
)
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1f\x7f]")
# Three accented letters in a row are rare in Western European text and the rule in Cyrillic, Greek or Japanese.
_HIGH_RUN = re.compile(rb"[\x80-\xff]{3,}")
_HIGH = re.compile(rb"[\x80-\xff]")
_UNDEFINED_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
# Signs such as ³ or ¹ between two letters are Polish or Czech letters read with the wrong table.
_SIGN_IN_WORD = re.compile(rb"[A-Za-z][\xa1-\xa3\xa5-\xa7\xa9-\xac\xaf\xb1-\xb3\xb5\xb6\xb9-\xbf][a-z]")


class _WithoutNul(io.RawIOBase):
    """Bytes of a file without NUL, which no table means and the database refuses."""

    def __init__(self, raw: BinaryIO) -> None:
        super().__init__()
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while True:
            data = self._raw.read(len(buffer))
            if not data:
                return 0
            kept = data.replace(b"\0", b"")
            if kept:
                buffer[: len(kept)] = kept
                return len(kept)


def detect_encoding(raw: BinaryIO) -> str:
    """The encoding of a seekable binary file, proven over its whole length. Raises `IntakeError` for anything else."""
    raw.seek(0)
    head = raw.read(_SAMPLE)
    _refuse_what_is_no_text(head)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return _proven(raw, name)
    if wide := _wide_without_mark(head):
        return _proven(raw, wide)
    if _is_utf8(raw):
        return "utf-8"
    return _western(raw)


def text_of(raw: BinaryIO, encoding: str) -> io.TextIOWrapper:
    """The text of the file from its start, line ends as they are."""
    raw.seek(0)
    if encoding.startswith(("utf-16", "utf-32")):
        return io.TextIOWrapper(_Borrowed(raw), encoding=encoding, newline="")
    return io.TextIOWrapper(io.BufferedReader(_WithoutNul(raw), _CHUNK), encoding=encoding, newline="")


class _Borrowed(io.BufferedReader):
    """A view of a file that is not ours to close."""

    def __init__(self, raw: BinaryIO) -> None:
        super().__init__(_AsIs(raw), _CHUNK)


class _AsIs(io.RawIOBase):
    def __init__(self, raw: BinaryIO) -> None:
        super().__init__()
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._raw.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _refuse_what_is_no_text(head: bytes) -> None:
    if not head.strip(b"\0 \r\n\t"):
        raise IntakeError("The file is empty.")
    for signature, sentence in _SIGNATURES:
        if head.startswith(signature):
            raise IntakeError(sentence)
    wide = _wide_without_mark(head) or head[:2] in {b"\xff\xfe", b"\xfe\xff"}
    if not wide and (len(_CONTROL.findall(head)) > len(head) / 20 or head.count(b"\0") > len(head) / 4):
        raise IntakeError(
            "This file is not text. A table as CSV, with commas, semicolons or tabs, can be read."
        )


def _wide_without_mark(head: bytes) -> str:
    even, odd = head[0::2], head[1::2]
    if len(odd) < 8:
        return ""
    if odd.count(0) > len(odd) * 0.4 and even.count(0) < len(even) * 0.1:
        return "utf-16-le"
    if even.count(0) > len(even) * 0.4 and odd.count(0) < len(odd) * 0.1:
        return "utf-16-be"
    return ""


def _proven(raw: BinaryIO, encoding: str) -> str:
    if not _decodes(raw, encoding):
        raise IntakeError(
            f"This file starts as {encoding.upper()} and then breaks it. Save it again as UTF-8."
        )
    return encoding


def _is_utf8(raw: BinaryIO) -> bool:
    return _decodes(raw, "utf-8")


def _decodes(raw: BinaryIO, encoding: str) -> bool:
    raw.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := raw.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _western(raw: BinaryIO) -> str:
    """cp1252 or its subset Latin-1, where the bytes look like Western European words."""
    high = runs = 0
    undefined = windows = foreign = False
    raw.seek(0)
    while chunk := raw.read(_CHUNK):
        high += len(_HIGH.findall(chunk))
        runs += sum(len(run) for run in _HIGH_RUN.findall(chunk))
        undefined = undefined or _UNDEFINED_1252.search(chunk) is not None
        windows = windows or re.search(rb"[\x80-\x9f]", chunk) is not None
        foreign = foreign or _SIGN_IN_WORD.search(chunk) is not None
    if undefined or foreign or runs > high * 0.2:
        raise IntakeError(
            "This file is not UTF-8, and it does not look like Western European text either. "
            "Nothing was read. Save it as “CSV UTF-8” and bring it again."
        )
    return "cp1252" if windows else "iso-8859-1"
