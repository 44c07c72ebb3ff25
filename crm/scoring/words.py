"""How many of something, in the sentences that say why. Kept apart from the kernel's wording, which knows the reader's clock."""


def many(number: int, one: str) -> str:
    """1 day, 2 days."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"
