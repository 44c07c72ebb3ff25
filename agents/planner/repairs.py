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


# Courtesy around the order. "Can you …?" stays: it may ask what is possible.
_COURTESY = re.compile(
    r"^\W*(?:(?:please|pls|plz|kindly|could you|could we|can we|would you(?: mind)?|can you(?=.*\S[^?\s]\s*$)|(?:i|we) (?:want|need|would like|'d like) you to|(?:i|we)'d like you to"
    r"|just(?=\s+(?:create|add|log|make|set|move|remind|pause|launch|undo|promote|save|find|resume|archive|update|change|mark|open|note|pick|select|dismiss)\b))\b[\s,]*)+(?=\w)",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:[\s,.!;]*\b(?:please|pls|plz|thanks|thank you|thx|ty|cheers)(?: a lot| so much| in advance)?)?[\s.!]*$",
    re.IGNORECASE,
)
_SHOUTED = 12


def repaired(text: str) -> tuple[str, int]:
    """The order without what was taken back, greetings and thanks; and how many characters before it were cut."""
    if text.isupper() and len(text) > _SHOUTED:
        text = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    match = _TAKEN_BACK.search(text)
    start = match.end() if match and len(text[match.end() :].split()) > 2 else 0
    for pattern in (_CHATTER, _COURTESY):
        found = pattern.match(text[start:])
        if found and re.search(r"\w", text[start + found.end() :]):
            start += found.end()
            asked = pattern is _COURTESY and re.search(r"\b(?:could|would|can)\b", found.group().lower())
            text = text.rstrip("? ") if asked else text
    rest = text[start:]
    for pattern in _BETTERED:
        rest = pattern.sub(lambda found: " " * len(found.group()), rest)
    tail = _TAIL.search(rest)
    end = tail.start() if tail and re.search(r"\w", rest[: tail.start()]) else len(rest)
    return rest[:end], start
