"""The one exception of the runtime."""


class StoreFault(RuntimeError):  # noqa: N818 -- said to a person at a terminal, as the sentence it is
    """A store cannot be used; the text is a sentence for the person at the terminal."""
