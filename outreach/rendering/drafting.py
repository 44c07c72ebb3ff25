"""Writing a sequence from a message tree: which sentence stands in which mail, and what each is based on."""

from collections.abc import Iterator
from dataclasses import dataclass

from outreach.rendering import phrases

MOST_TOUCHES = 10
FIRST_OFFSETS = (0, 3, 7)
LATER_STEP = 7
MINIMUM_GAP_HOURS = 48


@dataclass(frozen=True, slots=True)
class Source:
    """What a sentence is based on: a node of the message tree, or the signals of each company."""

    node: str
    text: str
    url: str = ""

    def as_data(self) -> dict[str, str]:
        return {"node": self.node, "text": self.text, "url": self.url}


@dataclass(frozen=True, slots=True)
class Material:
    """What may be said: the texts of the product's tree, and the claims that have evidence."""

    headline: str = ""
    value_props: tuple[str, ...] = ()
    claims: tuple[tuple[str, str], ...] = ()
    narrative: str = ""
    call_to_action: str = ""


@dataclass(frozen=True, slots=True)
class DraftStep:
    number: int
    offset_days: int
    subject: str
    body: str
    sources: tuple[Source, ...]


def offsets(touches: int, *, interval_days: int | None = None) -> tuple[int, ...]:
    """Days after the first mail: 0, 3, 7, then weekly; or one fixed interval."""
    if interval_days is not None:
        return tuple(index * interval_days for index in range(touches))
    later = range(FIRST_OFFSETS[-1] + LATER_STEP, FIRST_OFFSETS[-1] + LATER_STEP * touches, LATER_STEP)
    return (*FIRST_OFFSETS, *later)[:touches]


def draft_steps(
    material: Material, *, theme: str, touches: int, interval_days: int | None = None, tested: str = ""
) -> tuple[DraftStep, ...]:
    """The whole sequence. `tested` is the element ("subject", "body", "cta") whose text each variant brings."""
    angles = _angles(material)
    steps = []
    for index, offset in enumerate(offsets(touches, interval_days=interval_days)):
        if index == 0:
            step = _first(material, theme, tested, is_only=touches == 1)
        elif index == touches - 1:
            step = _last(next(angles, None))
        else:
            step = _follow_up(index, next(angles, None))
        subject, paragraphs, sources = step
        body = "\n\n".join((phrases.GREETING, *paragraphs, phrases.SIGN_OFF))
        steps.append(DraftStep(index + 1, offset, subject, body, sources))
    return tuple(steps)


Written = tuple[str, tuple[str, ...], tuple[Source, ...]]
Angle = tuple[str, Source]


def _first(material: Material, theme: str, tested: str, *, is_only: bool) -> Written:
    opening = phrases.OPENINGS[theme]
    sources = [Source("signal", "The newest dated signal of the reader's company")]
    pitch = []
    if material.headline:
        pitch.append(phrases.PITCH + as_sentence(material.headline))
        sources.append(Source("headline", material.headline))
    if material.value_props:
        pitch.append(as_sentence(material.value_props[0]))
        sources.append(Source("value_props.0", material.value_props[0]))
    if tested == "body":
        pitch, sources = ["{Variant}"], sources[:1]
    ask = "{Variant}" if tested == "cta" else _ask(material, sources)
    last = (phrases.LAST_ASK,) if is_only and tested != "cta" else ()
    paragraphs = (f"{{Signal}} {opening.bridge}", *pitch, ask, *last)
    return opening.subjects[0], paragraphs, tuple(sources)


def _ask(material: Material, sources: list[Source]) -> str:
    if not material.call_to_action:
        return phrases.DEFAULT_ASK
    sources.append(Source("call_to_action", material.call_to_action))
    return as_sentence(material.call_to_action)


def _follow_up(index: int, angle: Angle | None) -> Written:
    place = (index - 1) % len(phrases.FOLLOW_UP_OPENINGS)
    text, sources = (angle[0], (angle[1],)) if angle else (phrases.NOTHING_NEW, ())
    paragraphs = (phrases.FOLLOW_UP_OPENINGS[place], text, phrases.FOLLOW_UP_ASKS[place])
    return phrases.FOLLOW_UP_SUBJECTS[place], paragraphs, sources


def _last(angle: Angle | None) -> Written:
    text, sources = ((angle[0],), (angle[1],)) if angle else ((), ())
    paragraphs = (phrases.LAST_OPENING, *text, phrases.LAST_ASK, phrases.LAST_END)
    return phrases.LAST_SUBJECT, paragraphs, sources


def _angles(material: Material) -> Iterator[Angle]:
    """What has not been said yet: pillars and claims in turn, then why the product was made."""
    props = [
        (as_sentence(text), Source(f"value_props.{index}", text))
        for index, text in enumerate(material.value_props)
    ][1:]
    claims = [
        (phrases.SHOWN + as_sentence(text), Source(f"claims.{index}", text, url))
        for index, (text, url) in enumerate(material.claims)
    ]
    for index in range(max(len(props), len(claims))):
        yield from props[index : index + 1]
        yield from claims[index : index + 1]
    if material.narrative:
        yield phrases.WHY + as_sentence(material.narrative), Source("founding_narrative", material.narrative)


def as_sentence(text: str) -> str:
    """A capital letter at the start, one mark at the end, no line ends."""
    text = " ".join(text.split())
    if not text:
        return ""
    text = text[0].upper() + text[1:] if text[0].islower() else text
    return text if text[-1] in ".?!…" else f"{text}."
