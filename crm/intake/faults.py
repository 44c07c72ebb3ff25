"""What can be wrong with a file or a cell, as sentences for the person who brought it."""


class IntakeError(Exception):
    """The file as a whole cannot be read; nothing was taken from it."""


class BadCellError(ValueError):
    """One cell cannot be understood. `value` is what may still be used of it."""

    def __init__(self, reason: str, value: object = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.value = value


def shown(text: str) -> str:
    """A cell quoted inside a sentence, cut to a readable length."""
    flat = " ".join(text.split())
    return f"“{flat[:60]}…”" if len(flat) > 60 else f"“{flat}”"
