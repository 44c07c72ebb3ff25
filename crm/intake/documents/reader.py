"""Run by itself: a file comes in, its words or the reason why there are none go out. Bounded in memory, time and pages."""

import io
import json
import logging
import resource
import sys
import zipfile
import zlib
from xml.parsers.expat import ExpatError

import openpyxl
import pypdf
from openpyxl.utils.exceptions import InvalidFileException
from pypdf.errors import FileNotDecryptedError, PyPdfError

from crm.intake.documents.parts import (
    DAMAGED,
    ENCRYPTED,
    TOO_LARGE,
    UnreadableError,
    check_sizes,
    words_of_parts,
)
from crm.intake.faults import IntakeError
from crm.intake.workbook_limits import check_parts

MEMORY = 1024 * 1024 * 1024
SECONDS = 15
MOST_PAGES = 300
BROKEN = (
    *(
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
        OSError,
        EOFError,
        NotImplementedError,
    ),
    *(PyPdfError, zipfile.BadZipFile, zlib.error, ExpatError, InvalidFileException),
)


def main(kind: str, longest: int) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    words, fault = read(kind, sys.stdin.buffer.read(), longest)
    sys.stdout.buffer.write(json.dumps({"words": words[:longest], "fault": fault}).encode())
    return 0


def read(kind: str, content: bytes, longest: int) -> tuple[str, str]:
    try:
        return _words(kind, content, longest), ""
    except UnreadableError as error:
        return "", str(error)
    except FileNotDecryptedError:
        return "", ENCRYPTED
    except (MemoryError, IntakeError):
        return "", TOO_LARGE
    except BROKEN:
        return "", DAMAGED


def _words(kind: str, content: bytes, longest: int) -> str:
    if kind == "application/pdf":
        return _of_pdf(content, longest)
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if "spreadsheetml" not in kind:
            return words_of_parts(kind, packed, longest)
        check_sizes(packed.infolist())
        check_parts(packed)
    return _of_workbook(content, longest)


def _of_pdf(content: bytes, longest: int) -> str:
    said: list[str] = []
    for page in pypdf.PdfReader(io.BytesIO(content)).pages[:MOST_PAGES]:
        said.append(page.extract_text())
        if sum(map(len, said)) > longest:
            break
    return "\n".join(said)


def _of_workbook(content: bytes, longest: int) -> str:
    """Row by row: what stands in one row is one line."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    said: list[str] = []
    for sheet in book.worksheets:
        said.append(str(sheet.title))
        for row in sheet.iter_rows(values_only=True):
            line = ", ".join(str(cell) for cell in row if cell is not None)
            if line:
                said.append(line)
                longest -= len(line)
            if longest <= 0:
                return "\n".join(said)
    return "\n".join(said)
