"""The deterministic planner: words in, a plan of typed steps out. It knows no database and no language model."""

import math
import time
from dataclasses import replace

from agents.planner import gates
from agents.planner.annotate import Annotator, Sentence
from agents.planner.compound import FREE_TEXT, Cut, cuts
from agents.planner.context import Context
from agents.planner.custom import mentions_any
from agents.planner.custom_reading import read_custom
from agents.planner.model import Model, load_model
from agents.planner.names import Record, Remembering
from agents.planner.negation import held_back, rest_of
from agents.planner.plan import Plan, Step, Understood
from agents.planner.plan import Reading as Offer
from agents.planner.questions import orders_nothing
from agents.planner.reading import NEEDS_SEARCH, Reading, read
from agents.planner.repairs import repaired
from agents.planner.scene import Draft
from agents.planner.schema import REGISTRY
from agents.planner.sharing import carried_of, merged, spread
from agents.planner.spelling import corrected
from agents.planner.text import Span
from agents.planner.wording import question_for, refusal_for
from agents.planner.world import World

LONGEST = 1000
FOREIGN = 0.42
UNLIKE = 0.2
SURE_SPLIT = 0.45
SURE_WHOLE = 0.8
LEAST_WRITE = 0.5
LEAST_READ = 0.4
LEAST_MARGIN = 0.06
MOST_STEPS = 4
EVIDENCE = 0.3
SURE_NAME = 0.9
TWO = 2


class Planner:
    """Reads sentences in one workspace. Cheap to build; safe to share between threads."""

    def __init__(self, world: World, model: Model | None = None) -> None:
        self._world = world
        self._model = model or load_model()

    def plan(self, text: str, context: Context | None = None) -> Plan:
        """Read one sentence. Never raises on any text."""
        started = time.perf_counter()
        sitting = _Sitting(replace(self._world, names=Remembering(self._world.names)), self._model)
        order, start = repaired(text[:LONGEST])
        if mentions_any(order, self._world.fields):
            edits: list[tuple[int, int]] = []  # a value of a field is kept as it was written
        else:
            order, edits = corrected(order, self._model.plain, sitting.names)
        plan = sitting.plan(order, context or Context())
        marks = tuple(_moved(mark, [*edits, (0, start)]) for mark in plan.understood)
        return replace(plan, understood=marks, seconds=time.perf_counter() - started)


class _Sitting:
    """One sentence at work: every name is looked up once."""

    def __init__(self, world: World, model: Model) -> None:
        self._world = world
        self._model = model
        self.names = world.names
        self._annotator = Annotator(world, model.plain)

    def plan(self, raw: str, context: Context) -> Plan:
        if not any(char.isalnum() or char == "?" for char in raw):
            return Plan("clarify", question="What should I do?", confidence=0.9)
        sentence = self._annotator.annotate(raw)
        low = _without_names(sentence)
        refused = gates.refusal(low)
        if refused and not (
            gates.may_be_told(refused, low, sentence.of("quoted")) and self._tells(sentence, refused, context)
        ):
            reason = refused.reason
            return Plan("refuse", reason=reason, question=refusal_for(reason), confidence=0.93)
        held = held_back(sentence.low, sentence.of("quoted"))
        if held and not self._tells(sentence, held, context):
            rest = rest_of(raw, held)
            return self._rest(rest, context) if rest else _held(self._read(sentence, context, {}))
        readings = self._orders(raw, sentence, context)
        return self._judged(readings, context)

    def _rest(self, rest: str, context: Context) -> Plan:
        start = len(rest) - len(rest.lstrip(" ,;.-"))
        plan = self.plan(rest[start:].rstrip(" ,;-"), context)
        return replace(plan, understood=tuple(_moved(mark, [(0, start)]) for mark in plan.understood))

    def _tells(self, sentence: Sentence, refused: gates.Refusal | Span, context: Context) -> bool:
        """The words lie inside the text of a note or a to-do, not in the order itself."""
        draft = self._read(sentence, context, {}).best.draft
        slot = {"activity.log": "summary", "task.create": "title"}.get(draft.intent)
        return any(
            name == slot and span.start <= refused.start and refused.end <= span.end
            for name, span in draft.marks
        )

    def _orders(self, raw: str, sentence: Sentence, context: Context) -> list[tuple[Reading, int]]:
        """The sentence as one order, or as several when every part stands on its own."""
        whole = self._read(sentence, context, {})
        quotes = [(s.start, s.end) for s in sentence.spans if s.kind == "quoted"]
        for cut in cuts(raw, sentence.low, quotes):
            parts = self._split(cut, context)
            if parts and self._worth(whole, parts, cut):
                return parts
        return [(whole, 0)]

    def _read(self, sentence: Sentence, context: Context, carried: dict[str, Record]) -> Reading:
        custom = read_custom(sentence, self._world, self._annotator, context, carried)
        return custom or read(sentence, self._world, context, self._model, carried)

    def _split(self, cut: Cut, context: Context) -> list[tuple[Reading, int]]:
        left = self._read(self._annotator.annotate(cut.left), context, {})
        if left.best.draft.missing or left.best.score < SURE_SPLIT:
            return []
        carried, after = carried_of(left.best.draft, left.scene), _context_after(left.best.draft, context)
        parts, right, start = [(left, 0)], cut.right, cut.right_start
        while len(parts) < MOST_STEPS:
            sentence = self._annotator.annotate(right)
            further = next((c for c in cuts(right, sentence.low, []) if not c.everyday), None)
            piece = self._read(self._annotator.annotate(further.left), after, carried) if further else None
            if further is None or piece is None or piece.best.draft.missing:
                parts.append((self._read(sentence, after, carried), start))
                break
            parts.append((piece, start))
            carried, after = (
                carried_of(piece.best.draft, piece.scene),
                _context_after(piece.best.draft, after),
            )
            right, start = further.right, start + further.right_start
        return parts

    def _worth(self, whole: Reading, parts: list[tuple[Reading, int]], cut: Cut) -> bool:
        """Cutting must leave whole orders, and more than one kind of them or of records."""
        drafts = [reading.best.draft for reading, _ in parts]
        if any(d.missing or r.best.score < SURE_SPLIT for d, (r, _) in zip(drafts, parts, strict=True)):
            return False
        bare = cut.bare and not all(
            REGISTRY[d.intent].writes or d.intent.startswith("research") for d in drafts
        )
        if bare or (
            cut.bare
            and whole.best.score > SURE_WHOLE
            and not whole.best.draft.missing
            and _about(drafts[0]) == _about(drafts[1])
            and drafts[1].intent not in NEEDS_SEARCH
        ):
            return False
        if drafts[0].intent in FREE_TEXT and (
            cut.everyday or drafts[0].intent in {"agent.run", "system.help"}
        ):
            return False
        if _holds_more(whole, parts):
            return False
        if merged(drafts[0], drafts[1]) is not None:
            return False
        return drafts[0].intent != drafts[1].intent or _about(drafts[0]) != _about(drafts[1])

    def _judged(self, readings: list[tuple[Reading, int]], context: Context) -> Plan:
        first = readings[0][0]
        best = first.best
        confidence = min(_confidence(reading) for reading, _ in readings)
        if len(readings) == 1 and _is_foreign(first):
            return Plan(
                "refuse",
                reason="out_of_scope",
                question=refusal_for("out_of_scope"),
                confidence=_foreign_confidence(first),
            )
        for reading, _ in readings:
            if not gates.permitted(REGISTRY[reading.best.draft.intent], context.role):
                return Plan(
                    "refuse",
                    reason="permission",
                    intent=best.draft.intent,
                    question=refusal_for("permission"),
                    confidence=max(confidence, 0.85),
                )
            if not self._may_write(reading):
                return Plan(
                    "refuse",
                    reason="compliance_opt_out",
                    intent=best.draft.intent,
                    question=refusal_for("compliance_opt_out"),
                    confidence=0.9,
                )
        if orders_nothing(first.scene.low, best.draft.intent):
            return _held(first)
        asked = next((reading for reading, _ in readings if reading.best.draft.missing), None)
        if asked is not None:
            return _question(asked, confidence)
        if self._unsure(first):
            return _offers(first, confidence)
        return self._acted(readings, confidence)

    def _may_write(self, reading: Reading) -> bool:
        draft = reading.best.draft
        name = draft.slots.get("contact")
        found = (
            [r for r in self._world.names.lookup(str(name), ("contact",)) if r.key == name] if name else []
        )
        return gates.may_write_to(draft.intent, found[0] if found else None)

    def _unsure(self, reading: Reading) -> bool:
        writes = REGISTRY[reading.best.draft.intent].writes
        least = (LEAST_WRITE if writes else LEAST_READ) - (0.12 if reading.at_home else 0.0)
        return reading.best.score < least or (writes and reading.margin < LEAST_MARGIN)

    def _acted(self, readings: list[tuple[Reading, int]], confidence: float) -> Plan:
        steps: list[Step] = []
        marks: list[Understood] = []
        for reading, offset in readings:
            for draft in spread(reading.best.draft, reading.scene):
                marks += _marks(draft, len(steps), offset)
                steps.append(Step(draft.intent, draft.slots))
        return Plan(
            "act", tuple(steps), intent=steps[0].intent, confidence=confidence, understood=tuple(marks)
        )


def _moved(mark: Understood, edits: list[tuple[int, int]]) -> Understood:
    """The mark's place in the text as it was typed."""
    start, end = (place + sum(by for at, by in edits if at <= place) for place in (mark.start, mark.end))
    return replace(mark, start=start, end=end)


def _without_names(sentence: Sentence) -> str:
    """The words without the records' names: a product may be called Forge."""
    low = sentence.low
    for span in sentence.of("name"):
        if span.value[0].score >= SURE_NAME:
            low = low[: span.start] + " " * span.width + low[span.end :]
    return low


def _holds_more(whole: Reading, parts: list[tuple[Reading, int]]) -> bool:
    """Uncut, the change takes up what a doubtful second part would be: "set the amount … and put the closing on …"."""
    first, second = parts[0][0].best, parts[1][0].best
    changed, less = whole.best.draft.slots.get("set"), first.draft.slots.get("set")
    return (
        len(parts) == TWO
        and whole.best.draft.intent == first.draft.intent
        and not whole.best.draft.missing
        and isinstance(changed, dict)
        and isinstance(less, dict)
        and less.items() < changed.items()
        and second.score < SURE_WHOLE
    )


def _about(draft: Draft) -> tuple[object, ...]:
    """The record an order is about: the same order about the same record is one order."""
    return tuple(
        draft.slots.get(kind) for kind in ("deal", "campaign", "contact", "company", "title", "issue", "name")
    )


def _context_after(draft: Draft, context: Context) -> Context:
    """A search gives the next order something to save, to pick from or to write to."""
    if draft.intent in {"research.search", "research.refine"}:
        return replace(context, last_search={"entity": draft.slots.get("entity")}, list_filter=None)
    if draft.intent == "prospects.select" and draft.slots.get("action") == "select":
        return replace(context, selection=1)
    return context


def _is_foreign(reading: Reading) -> bool:
    """No business of this product. What names our records or things must look foreign by far."""
    best, lead = reading.best, reading.background - reading.best.score
    if reading.evidence >= EVIDENCE or reading.at_home == 1.0:
        return False
    if reading.at_home:
        return lead > 0.15 and reading.background > 0.5
    return (lead > 0.02 and best.score < 0.75) or (best.score < FOREIGN and reading.likeness < UNLIKE)


def _foreign_confidence(reading: Reading) -> float:
    return min(0.97, 0.6 + 0.4 * max(reading.background - max(reading.best.score, 0.0), 0.0))


def _confidence(reading: Reading) -> float:
    """Logistic in score and margin; the coefficients were fitted on sentences of our own."""
    best = reading.best
    value = (
        -1.3
        + 2.4 * min(best.score, 1.3)
        + 1.6 * min(max(reading.margin, 0.0), 0.8)
        - 2.0 * max(reading.background - 0.15, 0.0)
    )
    return 1 / (1 + math.exp(-value))


def _question(reading: Reading, confidence: float) -> Plan:
    draft = reading.best.draft
    return Plan(
        "clarify",
        intent=draft.intent,
        missing=tuple(draft.missing),
        candidates=tuple(draft.candidates),
        question=question_for(draft),
        confidence=confidence,
        understood=tuple(_marks(draft, 0, 0)),
        readings=_three(reading),
    )


def _held(reading: Reading) -> Plan:
    """Only a question was asked, or only what should not happen was said."""
    return Plan(
        "clarify",
        intent=reading.best.draft.intent,
        missing=("action",),
        question="Nothing has been done. What should I do?",
        confidence=0.8,
    )


def _offers(reading: Reading, confidence: float) -> Plan:
    return Plan(
        "clarify",
        question="Did you mean one of these?",
        confidence=min(confidence, 0.5),
        readings=_three(reading),
    )


def _three(reading: Reading) -> tuple[Offer, ...]:
    return tuple(
        Offer(c.draft.intent, c.draft.slots, REGISTRY[c.draft.intent].title, max(0.0, min(1.0, c.score)))
        for c in reading.choices[:3]
    )


def _marks(draft: Draft, step: int, offset: int) -> list[Understood]:
    return [
        Understood(
            span.start + offset, span.end + offset, step, slot, slot.replace("_", " "), draft.slots.get(slot)
        )
        for slot, span in draft.marks
        if slot in draft.slots
    ]
