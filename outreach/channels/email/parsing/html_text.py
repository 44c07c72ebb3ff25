"""Turns HTML mail into plain text with the quoted rest marked by `> `, in one pass over the tags."""

import html
import re

SEPARATOR = "-----Original Message-----"
MAX_HTML = 600_000
BLOCK_TAGS = {
    "p",
    "div",
    "br",
    "li",
    "tr",
    "table",
    "ul",
    "ol",
    "hr",
    "h1",
    "h2",
    "h3",
    "h4",
    "pre",
    "blockquote",
}
SKIPPED = ("style", "script", "title", "xml")
# Marks that mail programs put on the element which wraps or starts the quoted mail.
QUOTE_MARKS = re.compile(
    r"""(?:class|id)\s{0,3}=\s{0,3}["']?[^"'>]{0,80}?(?:gmail_quote|gmail_extra_quote|moz-cite-prefix|divrplyfwdmsg
    |appendonsend|stopspelling|yahoo_quoted|protonmail_quote|zmail_extra|x_gmail_quote|mail-editor-reference-message
    |ms-outlook-mobile-reference-message|olk_src_body_section|replyintro)""",
    re.IGNORECASE | re.VERBOSE,
)
TAG_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]{0,20})")
SPACES = re.compile(r"[ \t\r\n\f]+")


class HtmlText:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.depth = 0

    def add(self, text: str) -> None:
        text = SPACES.sub(" ", html.unescape(text))
        if not self.line:
            text = text.lstrip(" ")
        if text:
            self.line.append(text)

    def end_line(self) -> None:
        text = "".join(self.line).strip(" ")
        self.lines.append("> " * min(self.depth, 10) + text)
        self.line = []

    def block(self, tag: str) -> None:
        if self.line or tag in {"br", "p", "hr"}:
            self.end_line()

    def open_tag(self, name: str, source: str) -> None:
        if name in BLOCK_TAGS:
            self.block(name)
        if QUOTE_MARKS.search(source):
            self.lines.append(SEPARATOR if "cite-prefix" not in source and self.depth == 0 else "")
        if name == "blockquote":
            self.depth += 1

    def close_tag(self, name: str) -> None:
        if name in BLOCK_TAGS:
            self.block("")
        if name == "blockquote":
            self.depth = max(0, self.depth - 1)
        if name == "p":
            self.end_line()

    def text(self) -> str:
        if self.line:
            self.end_line()
        return "\n".join(self.lines).strip()


def html_to_text(source: str) -> str:
    source = source[:MAX_HTML].replace("\x00", "")
    writer = HtmlText()
    position = 0
    while position < len(source):
        start = source.find("<", position)
        if start < 0:
            break
        writer.add(source[position:start])
        position = read_markup(writer, source, start)
    writer.add(source[position:])
    return writer.text()


def read_markup(writer: HtmlText, source: str, start: int) -> int:
    """Handles what begins at `<` and returns the place after it; unclosed markup ends the document."""
    if source.startswith("<!--", start):
        return after(source, "-->", start + 4)
    name_match = TAG_NAME.match(source, start + 1)
    end = source.find(">", start)
    if end < 0:
        return len(source)
    if not name_match:
        if source[start + 1 : start + 2] not in {"!", "?"}:
            writer.add("<")
            return start + 1
        return end + 1
    name = name_match[1].lower()
    if source[start + 1] == "/":
        writer.close_tag(name)
        return end + 1
    if name in SKIPPED and source[end - 1] != "/":
        return after(source, f"</{name}", end)
    writer.open_tag(name, source[start : min(end, start + 2_000)].lower())
    return end + 1


def after(source: str, mark: str, start: int) -> int:
    """The place after the closing mark; written as the document writes it, in small or capital letters."""
    found = [place for place in (source.find(mark, start), source.find(mark.upper(), start)) if place >= 0]
    if not found:
        return len(source)
    close = source.find(">", min(found))
    return close + 1 if close >= 0 else len(source)
