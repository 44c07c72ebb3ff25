"""What a file is, by what stands in it. Its name only tells apart what is written alike."""

import re
import zipfile
from io import BytesIO

from crm.intake.faults import IntakeError

HEAD = 65_536
MOST_PARTS = 20_000
PROGRAM_ENDINGS = frozenset(
    "exe com scr bat cmd ps1 psm1 vbs vbe js jse mjs wsf wsh hta msi msp jar dll sys cpl lnk reg sh bash zsh command app "
    "dmg pkg deb rpm apk py rb pl php".split()
)
_PROGRAMS = (
    b"MZ", b"\x7fELF", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe", b"#!", b"L\x00\x00\x00\x01\x14\x02\x00", b"dex\n",
)  # fmt: skip
_SIGNS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_OFFICE = "application/vnd.openxmlformats-officedocument."
_PACKAGES = (
    ("word/", f"{_OFFICE}wordprocessingml.document"),
    ("xl/", f"{_OFFICE}spreadsheetml.sheet"),
    ("ppt/", f"{_OFFICE}presentationml.presentation"),
)
_OPEN = re.compile(rb"application/vnd\.oasis\.opendocument\.(?:text|spreadsheet|presentation)")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|svg|iframe)\b", re.IGNORECASE)
_TEXTS = {"md": "text/markdown", "markdown": "text/markdown", "csv": "text/csv", "tsv": "text/csv"}
TITLES = {
    "application/pdf": "PDF",
    "image/png": "Image",
    "image/jpeg": "Image",
    "image/gif": "Image",
    "image/webp": "Image",
    f"{_OFFICE}wordprocessingml.document": "Word",
    f"{_OFFICE}spreadsheetml.sheet": "Excel",
    f"{_OFFICE}presentationml.presentation": "PowerPoint",
    "application/vnd.oasis.opendocument.text": "OpenDocument",
    "application/vnd.oasis.opendocument.spreadsheet": "OpenDocument",
    "application/vnd.oasis.opendocument.presentation": "OpenDocument",
    "text/html": "HTML",
    "text/markdown": "Markdown",
    "text/csv": "Table",
    "text/plain": "Text",
}


class RefusedFileError(IntakeError):
    """The file is not kept; the words say why."""


_LOCKED = "EncryptedPackage".encode("utf-16-le")
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def kind_of(name: str, content: bytes) -> str:
    """The media type of a file that may be kept."""
    if not content:
        raise RefusedFileError(f"{name} is empty.")
    if _ending(name) in PROGRAM_ENDINGS or content.startswith(_PROGRAMS):
        raise RefusedFileError(f"{name} is a program. Programs are not kept here.")
    if content.startswith(_COMPOUND) and _LOCKED in content:
        raise RefusedFileError(
            f"{name} is locked with a password: what it holds cannot be checked. Save it without one."
        )
    found = _by_sign(content) or _by_package(name, content) or _by_text(name, content)
    if not found:
        raise RefusedFileError(
            f"{name} is of no kind that is kept here. Text, Markdown, CSV, HTML, PDF, images, Word, Excel, PowerPoint "
            "and OpenDocument are."
        )
    return found


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def _by_sign(content: bytes) -> str:
    if b"%PDF-" in content[:1024]:
        return "application/pdf"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for sign, kind in _SIGNS if content.startswith(sign)), "")


def _by_package(name: str, content: bytes) -> str:
    if not content.startswith(b"PK\x03\x04"):
        return ""
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            parts = package.namelist()[:MOST_PARTS]
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise RefusedFileError(f"{name} is damaged and cannot be opened.") from error
    if any(part.endswith("vbaProject.bin") for part in parts):
        raise RefusedFileError(f"{name} holds macros, which are programs. Save it without macros.")
    if "[Content_Types].xml" in parts:
        return next((kind for folder, kind in _PACKAGES if any(p.startswith(folder) for p in parts)), "")
    declared = _OPEN.search(content[:256])
    return declared[0].decode() if declared else ""


def _by_text(name: str, content: bytes) -> str:
    if text_of(content) is None:
        return ""
    if _HTML.search(content[:HEAD]):
        return "text/html"
    return _TEXTS.get(_ending(name), "text/plain")


def text_of(content: bytes) -> str | None:
    """None for what is no text."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    elif b"\x00" in content:
        return None
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if _is_noise(text) else text
    return None


def _is_noise(text: str) -> bool:
    head = text[:HEAD]
    odd = sum(letter < " " and letter not in "\t\n\r\f\x1b" for letter in head)
    return "\x00" in text or odd > len(head) / 100
