"""The sentences that mails are made of, for each theme. What is claimed comes from the message tree, never from here."""

from typing import NamedTuple

THEMES = ("hiring", "funding", "neutral")
WORDS_OF_THEMES = {
    "hiring": ("hiring", "hire", "recruit", "talent", "growing team", "headcount"),
    "funding": ("funding", "funded", "raise", "series a", "series b", "series c", "investment", "investor"),
}


class Opening(NamedTuple):
    subjects: tuple[str, str]
    bridge: str


OPENINGS = {
    "hiring": Opening(
        ("{Company}: a thought for a growing team", "Before the next people start at {Company}"),
        "If more people are about to join, this may be a good moment to write.",
    ),
    "funding": Opening(
        ("{Company}: a thought on the next stage", "What comes next at {Company}"),
        "If new plans are being made, this may be a good moment to write.",
    ),
    "neutral": Opening(
        ("A short question, {FirstName}", "{Product} and {Company}"),
        "I will keep this short.",
    ),
}

GREETING = "Hi {FirstName},"
SIGN_OFF = "{Sender}"
PITCH = "At {Organisation} we make {Product}. In one sentence: "
DEFAULT_ASK = "Is this of interest to you at {Company}?"

# One for each follow-up, in this order; each names the earlier mail and brings something new.
FOLLOW_UP_SUBJECTS = (
    "One more point about {Product}",
    "{FirstName}, a different angle",
    "{Company} and {Product}",
    "Another side of {Product}",
)
FOLLOW_UP_OPENINGS = (
    "I wrote to you about {Product} and left one thing out.",
    "My earlier notes about {Product} may have come at a bad time, so here is one more angle.",
    "You have a few notes about {Product} from me already. This one is about something else.",
    "I am coming back to {Product} with one point that my earlier notes did not have.",
)
FOLLOW_UP_ASKS = (
    "Does this matter at {Company} at the moment?",
    "If somebody else at {Company} looks after this, a name would help me.",
    "Would it help if I sent you two or three lines more about it?",
    "A yes or a no is enough for an answer.",
)
NOTHING_NEW = "My question is still the same, and a short answer is enough."
WHY = "Why we made it: "
SHOWN = "One thing we can show: "

LAST_SUBJECT = "My last note about {Product}"
LAST_OPENING = "I wrote to you about {Product} before. This is my last note about it."
LAST_ASK = "Would a call of 15 minutes make sense? {BookingLine}"
LAST_END = "If not, there is no need to answer."


def theme_of(words: str) -> str:
    """Growth hiring is hiring; what fits no theme is neutral."""
    text = words.lower()
    return next(
        (theme for theme, hints in WORDS_OF_THEMES.items() if any(hint in text for hint in hints)), "neutral"
    )
