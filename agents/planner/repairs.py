"""What people say around an order: greetings before it, and second thoughts inside it."""

import re

# Greetings and interjections before the order; a word of praise is one only before a stop ("nice call with …" is none).
_CHATTER = re.compile(
    r"^\W*(?:(?:(?:yo|hey|hi|hello|good morning|morning|ok|okay|alright|fyi|btw|by the way|h?mm+|um+|uh|oh|ah|thanks|thank you|thx|well|lol)(?: there| so much| guys| team)?(?=[\s,.!:;-]+\w)"
    r"|(?:nice(?: one)?|great|cool|perfect|good|awesome|fine|sure|yes|yep|yeah|yup|right|sweet|lovely|excellent|wonderful|super|brilliant|damn|sorry|please|quick one|good job|too many|too few|too much|got it|i see|love it|makes sense)(?=\s*[,.!:;-]+\s*\w))[\s,.!:;-]+)+",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    r"^.*\b(?:no,? wait|wait,? no|scratch that|strike that|forget that|actually,? no|no,? actually|never ?mind that)\b[\s,.:;-]*",
    re.IGNORECASE,
)
_SECOND = r"[\s,.…;-]+(?:i mean|i meant|or rather|rather|sorry|correction|make that|no)[\s,:]+"
# "before Easter, I mean before May 20", "40k, sorry 45k", "on Monday, I mean Tuesday": the first is blanked.
_BETTERED = (
    re.compile(rf"\b(\w+)\b[^,;]{{1,40}}?{_SECOND}(?=\1\b)", re.IGNORECASE),
    re.compile(rf"[$€£]?\b\d[\w.,]*{_SECOND}(?=[$€£]?\d)", re.IGNORECASE),
    re.compile(
        rf"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day{_SECOND}(?=(?:mon|tues|wednes|thurs|fri|satur|sun)day)",
        re.IGNORECASE,
    ),
)


def repaired(text: str) -> str:
    """As in "who runs … no wait, find VPs": what was taken back is blanked, so that places in the text stay true."""
    match = _TAKEN_BACK.search(text)
    if match is None or len(text[match.end() :].split()) < 3:
        match = _CHATTER.match(text)
    if match is not None and re.search(r"\w", text[match.end() :]):
        text = " " * match.end() + text[match.end() :]
    for pattern in _BETTERED:
        text = pattern.sub(lambda found: " " * len(found.group()), text)
    return text
