"""One order read: the likeliest intents drafted, and the draft that fits best."""

from dataclasses import dataclass

from agents.planner.annotate import Sentence
from agents.planner.context import Context
from agents.planner.features import delexicalise
from agents.planner.fillers import FILLERS
from agents.planner.model import Model
from agents.planner.names import Record
from agents.planner.rules import adjust, at_home
from agents.planner.scene import Draft, Scene
from agents.planner.schema import BACKGROUND, REGISTRY
from agents.planner.world import World

NEAR = 0.3
MOST = 4
UNMET = 0.18
ASKED = 0.04
STRANGE = 0.45
NEEDS_SEARCH = frozenset({"research.refine", "research.save", "prospects.select"})


@dataclass(frozen=True, slots=True)
class Choice:
    """A drafted intent and how well it fits."""

    draft: Draft
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """All choices, best first. `margin` is the lead of the best, `likeness` that of the nearest exemplar."""

    scene: Scene
    choices: tuple[Choice, ...]
    background: float
    likeness: float
    margin: float = 0.0
    evidence: float = 0.0
    at_home: float = 0.0

    @property
    def best(self) -> Choice:
        return self.choices[0]


def read(
    sentence: Sentence, world: World, context: Context, model: Model, carried: dict[str, Record] | None = None
) -> Reading:
    scene = Scene(sentence, world, context, carried or {})
    delexed = delexicalise(sentence)
    guesses = model.guesses(delexed)
    likeness = max((g.likeness for g in guesses if g.intent != BACKGROUND), default=0.0)
    home = at_home(delexed, scene)
    foreign = next(g.probability for g in guesses if g.intent == BACKGROUND)
    share = 1.0 - home * min(foreign, 0.97)
    scores = {g.intent: 0.7 * g.probability / share + 0.3 * g.likeness for g in guesses}
    background = 0.7 * foreign + 0.3 * next(g.likeness for g in guesses if g.intent == BACKGROUND)
    scores.pop(BACKGROUND)
    plain = dict(scores)
    scores = adjust(scores, delexed, scene)
    ranked = sorted(scores.items(), key=lambda pair: -pair[1])
    near = [intent for intent, score in ranked[:MOST] if score >= ranked[0][1] - NEAR]
    choices = sorted((_choice(intent, scores[intent], scene) for intent in near), key=lambda c: -c.score)
    rest = [score for intent, score in ranked if intent != choices[0].draft.intent]
    margin = choices[0].score - max([c.score for c in choices[1:]] or rest[:1])
    best = choices[0].draft.intent
    return Reading(scene, tuple(choices), background, likeness, margin, scores[best] - plain[best], home)


def _choice(intent: str, score: float, scene: Scene) -> Choice:
    draft = FILLERS[intent](scene)
    for slot in REGISTRY[intent].unmet(draft.slots):
        if not draft.missing or slot not in draft.missing:
            draft.ask(slot)
    if intent in NEEDS_SEARCH and scene.context.last_search is None and scene.context.focused("search") == "":
        draft.ask("last_search")
    penalty = (
        UNMET if draft.missing and not draft.candidates else ASKED if draft.missing else 0.0
    ) + draft.unsure
    return Choice(draft, score - penalty)
