"""An order about custom fields: the field is read first, the rest of the sentence as any other."""

from agents.planner.annotate import Annotator, Sentence
from agents.planner.context import Context
from agents.planner.custom import Mention, changes_in, filters_in, rows_of, without
from agents.planner.fillers import FILLERS
from agents.planner.names import Record
from agents.planner.reading import Choice, Reading
from agents.planner.scene import Draft, Scene
from agents.planner.schema import REGISTRY
from agents.planner.text import Span
from agents.planner.world import World

SURE = 1.1
PLURALS = {"company": "companies", "contact": "contacts", "deal": "deals"}


def read_custom(
    sentence: Sentence, world: World, annotator: Annotator, context: Context, carried: dict[str, Record]
) -> Reading | None:
    """None where no field of RevOps' own is spoken of; then nothing is slower and nothing is different."""
    if not world.fields:
        return None
    raw, quoted = sentence.text.raw, sentence.of("quoted")
    changes = changes_in(sentence.low, raw, world.fields, quoted)
    mentions = changes or filters_in(sentence.low, raw, world.fields, quoted)
    if not mentions:
        return None
    scene = Scene(annotator.annotate(without(raw, mentions)), world, context, carried)
    draft = _change(mentions, scene) if changes else _question(mentions, scene)
    if draft is None:
        return None
    for slot in REGISTRY[draft.intent].unmet(draft.slots):
        if slot not in draft.missing:
            draft.ask(slot)
    return Reading(scene, (Choice(draft, SURE),), 0.0, 1.0, margin=SURE, evidence=SURE, at_home=1.0)


def _change(mentions: list[Mention], scene: Scene) -> Draft | None:
    """What else the sentence changes is read by the usual rules."""
    noun = mentions[0].field.noun
    intent = f"{noun}.update"
    if intent not in REGISTRY:
        return None
    draft = FILLERS[intent](scene)
    mine = [each for each in mentions if each.field.noun == noun]
    said = {**draft.slots.get("set", {}), **{each.field.column: each.value for each in mine}}
    draft.missing = [slot for slot in draft.missing if slot != "set"]
    draft.slots["set"] = said
    draft.marks += [("set", _mark(each)) for each in mine]
    return draft


def _question(mentions: list[Mention], scene: Scene) -> Draft | None:
    draft = FILLERS["records.query"](scene)
    entity = str(draft.slots.get("entity", ""))
    mine = [each for each in mentions if PLURALS[each.field.noun] == entity]
    if not mine:
        return None
    draft.slots["filters"] = [*draft.slots.get("filters", []), *rows_of(mine)]
    draft.marks += [("filters", _mark(each)) for each in mine]
    return draft


def _mark(each: Mention) -> Span:
    return Span("field", each.covers.start, each.covers.end)
