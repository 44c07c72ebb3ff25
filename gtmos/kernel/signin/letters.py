"""What the mails of sign-in say. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str


def invitation(*, organisation: str, inviter: str, url: str, days: int) -> Letter:
    who = f"{inviter} invites" if inviter else "You are invited"
    you = " you" if inviter else ""
    return Letter(
        f"Invitation to {organisation}",
        f"Hello,\n\n{who}{you} to work with {organisation} in GTM OS. Open this link to choose a password:\n\n{url}\n\n"
        f"The link works once, within {days} days. If you did not expect it, do nothing.\n",
    )


def new_password(*, organisation: str, url: str, minutes: int) -> Letter:
    return Letter(
        f"New password for {organisation}",
        "Hello,\n\nsomebody, perhaps you, asked for a new password for this address. Open this link to choose one:\n\n"
        f"{url}\n\nThe link works once, within {minutes} minutes. If it was not you, do nothing: the password stays.\n",
    )
