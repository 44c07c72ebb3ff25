"""Changing, saving and picking from the last search."""

import re

from agents.planner.scene import Draft, Scene, clean
from agents.planner.slots.research import criteria, unique
from agents.planner.text import Span

_REPLACE = re.compile(
    r"\b(?:instead|rather|replace|swap|switch|change|exchange|trade|actually|make (?:it|that|them)|same (?:search|thing|but|list|query|again|for|ones?)|what about|how about)\b"
)
_WIDEN = re.compile(
    r"\b(?:also|add|plus|as well|too|include|including|widen|broaden|extend|expand|open (?:it )?up|additionally|on top|even|bring in|throw in|together with|loosen)\b|^and\b"
)
# "What about Spain as well" widens, though "what about Spain" puts one in place of the other.
_ASKED_TOO = re.compile(r"\b(?:what|how) about\b.*\b(?:as well|too|also)\b|\balso\b.*\b(?:what|how) about\b")
_EXCLUDE = re.compile(
    r"\b(?:(?:leave|take|kick|throw|cut|filter|rule|weed|strip|count)\s+(?:[\w&'-]+\s+){1,5}?out|without|with out|w/o|exclud\w*|excl|except|drop|remove|leave out|leaving out|take out|kick out|minus|no|not|skip|omit|get rid of|ditch|cut|but not|other than|strip|lose|weed out|filter out|throw out|never|avoid|nobody|none|no one|(?:can|should|must|may|has to|have to) (?:go|be dropped|be removed)|(?:is|are) out)\b"
)
_NAME_LEADS = re.compile(
    r"\b(?:as|called|named|name|names|under(?: the)?(?: name| label| title)?(?: of)?|titled?|by (?:the )?name(?: of)?|label(?:l?ed)?|call it|call this(?: search| list)?|"
    r"name (?:it|this(?: search| list)?)|to a list|into a list|(?:saved )?(?:search|list|results)|save(?: it| this)?)(?:\s*[:,-])?\s+(?P<name>[^\s,;][^,;]*)$"
)
_GENERIC = re.compile(
    r"^(?:(?:a|an|the|this|that|these|those|my|our|last|current|it|new|for|me|please|pls|later|now|saved?|search(?:es)?|results?|list|query|segment|prospects?|people|companies|we|have|just|found|here|use|to)\s*)*$"
)
_DISMISS = re.compile(
    r"\b(?:dismiss|reject|discard|throw (?:out|away)|toss|skip|drop|remove|hide|weed|get rid|kick|not interested|unselect|deselect|un-?tick|ignore|exclude|say no|no to|bin|trash|pass on|cut|delete|decline|lose|take out|rule out|archive)\b"
)
_TOP = re.compile(r"\b(?:top|first|best|highest|leading|strongest|upper)\b")
_BELOW = re.compile(
    r"\b(?:below|under|worse than|lower than|less than|beneath|or (?:below|lower|worse|under|down)|and (?:below|lower|worse|under|down))\b"
)
_GRADES = ("A+", "A", "B", "C")
_PERSON = re.compile(
    r"\b[A-Z][a-zà-ÿ'’-]+(?:\s+(?:de|van|von|da|di|der|la|le|bin|al|Mc|O'))*(?:\s+[A-Z][\w'’-]+)+\b"
)


def refine(scene: Scene) -> Draft:
    draft = Draft("research.refine")
    criteria(draft, scene)
    operation = _operation(draft, scene)
    draft.put("op", operation)
    if operation == "exclude":
        _turn_outside(draft)
    if len(draft.slots) == 1:
        draft.ask("op")
        draft.unsure = 0.3
    return draft


def _operation(draft: Draft, scene: Scene) -> str:
    only = re.search(r"\b(?:only|just)\b", scene.low) and not re.search(r"\binstead\b|\brather\b", scene.low)
    if (
        _REPLACE.search(scene.low)
        and not only
        and not (_ASKED_TOO.search(scene.low) and not scene.has(r"\binstead\b"))
        and not scene.has(r"\b(?:rather|actually)\b.{0,6}\b(?:not|no|exclude|drop)\b")
    ):
        return "replace"
    excluded = any(slot.startswith("exclude_") for slot in draft.slots)
    included = any(slot != "limit" and not slot.startswith("exclude_") for slot in draft.slots)
    if excluded and not included:
        return "exclude"
    match = _EXCLUDE.search(scene.low)
    if (
        match
        and not excluded
        and not scene.has(r"\b(?:no (?:more|fewer|less|bigger|larger) than|not (?:more|over|less))\b")
    ):
        return "exclude"
    return (
        "widen" if _WIDEN.search(scene.low) and not re.search(r"\b(?:only|just)\b", scene.low) else "narrow"
    )


def _turn_outside(draft: Draft) -> None:
    """Under "exclude" what has an own slot for exclusion goes there."""
    for inside, outside in (("locations", "exclude_locations"), ("industries", "exclude_industries")):
        if inside in draft.slots:
            draft.slots[outside] = unique([*draft.slots.pop(inside), *draft.slots.get(outside, [])])
    if "similar_to" in draft.slots:
        draft.slots["exclude_companies"] = [draft.slots.pop("similar_to")]


def save(scene: Scene) -> Draft:
    draft = Draft("research.save")
    quoted = scene.first("quoted")
    if quoted:
        draft.put("name", quoted.value, quoted)
        return draft
    match = _name_match(scene.low)
    if match:
        start, end = match.span("name")
        name = re.sub(
            r"\s+(?:please|pls|thanks|thx|for later|for me|and (?:then )?(?:save|keep|store)(?: it| them| this)?)$",
            "",
            clean(scene.raw[start:end]),
            flags=re.IGNORECASE,
        )
        name = (
            re.sub(
                r"^(?:as|the|it|this search|this|search|list|results?|a list|called|named|under|name)\s+(?=\S)",
                "",
                name,
            )
            if name[:1].islower()
            else name
        )
        if not _GENERIC.match(name.lower()):
            draft.put("name", name, Span("text", start, end))
    return draft


def _name_match(low: str) -> re.Match[str] | None:
    """The last lead that still leaves a name: "save this list as x" takes what follows "as"."""
    strong = re.search(
        r"\b(?:as|called|named|under(?: the)?(?: name| label| title)?(?: of)?|titled|by (?:the )?name(?: of)?|labell?ed|name (?:it|this(?: search| list)?)|call (?:it|this(?: search| list)?)|name it:?|name:|title:?)(?:\s*[:,-])?\s+(?P<name>[^\s;][^;]*)$",
        low,
    )
    return strong or _NAME_LEADS.search(low)


def select(scene: Scene) -> Draft:
    draft = Draft("prospects.select")
    draft.put("action", "dismiss" if _DISMISS.search(scene.low) else "select")
    _put_top(draft, scene)
    _put_grades(draft, scene)
    _put_names(draft, scene)
    everyone = scene.has(r"\b(?:all|everyone|everybody|every|rest|them|these|those|whole)\b")
    if len(draft.slots) == 1 and not everyone:
        draft.ask("names" if scene.has(r"\b(?:him|her|that one|this one)\b") else "top_n")
    return draft


def _put_top(draft: Draft, scene: Scene) -> None:
    numbers = [s for s in scene.sentence.of("number") if isinstance(s.value, int)]
    if numbers and not scene.has(r"\b(?:bottom|last|worst|lowest)\b"):
        draft.put("top_n", numbers[0].value, numbers[0])


def _put_grades(draft: Draft, scene: Scene) -> None:
    spans = scene.sentence.all_of("grade")
    spans += [s for s in _bare_grades(scene) if not any(s.overlaps(o) for o in spans)]
    if not spans:
        return
    grades = sorted({s.value for s in spans}, key=_GRADES.index)
    if _BELOW.search(scene.low):
        inclusive = scene.has(r"\b(?:or|and) (?:below|lower|worse|under|down)\b")
        place = _GRADES.index(grades[0]) + (0 if inclusive else 1)
        draft.put("max_grade", _GRADES[min(place, 3)], *spans)
    elif draft.slots["action"] == "dismiss":
        draft.put("max_grade", grades[0], *spans)
    else:
        above = re.search(r"\b(?:better than|above|over|higher than)\s+(?:an? |grade )?(a|b|c)\b", scene.low)
        draft.put("min_grade", _GRADES[_GRADES.index(grades[-1]) - 1] if above else grades[-1], *spans)


def _bare_grades(scene: Scene) -> list[Span]:
    return [s for s in scene.sentence.all_of("letter") if s.value in _GRADES]


def _put_names(draft: Draft, scene: Scene) -> None:
    """Prospects are not yet records: their names are taken as they were written."""
    known = [f.span for f in scene.mentions("contact") if f.span and len(f.names) == 1]
    written = [Span("text", m.start(), m.end()) for m in _PERSON.finditer(scene.raw)]
    small = not re.search(r"[A-Z]", scene.raw)
    strangers = [
        s
        for s in scene.sentence.of("unknown")
        if (s.value[:1].isupper() or (small and " " in s.value)) and not any(s.overlaps(w) for w in written)
    ]
    verb = re.match(r"\w+", scene.raw)
    spans = [*written, *[k for k in known if not any(k.overlaps(w) for w in written)], *strangers]
    names = []
    for span in sorted(spans, key=lambda s: s.start):
        start = verb.end() if verb and span.start == 0 else span.start
        for part in re.split(r",|\band\b|&", scene.raw[start : span.end]):
            if clean(part) and not re.fullmatch(r"(?:grade|top|first|[abc]\+?)", clean(part).lower()):
                names.append(clean(part))
    draft.put("names", unique(names), *spans)
