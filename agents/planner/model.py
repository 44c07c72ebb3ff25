"""The intent classifier: a linear model over counted features, and the nearest exemplar."""

import base64
import json
import math
from array import array
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from agents.planner.features import features

# Words in more exemplars than this tell nothing and cost time.
EVERYWHERE = 500
FILE = Path(__file__).parent / "model.json"


@dataclass(frozen=True, slots=True)
class Guess:
    """An intent with the linear model's probability and the likeness of its nearest exemplar."""

    intent: str
    probability: float
    likeness: float


class Model:
    """Loaded once from model.json; read-only afterwards."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.labels: list[str] = list(data["labels"])
        self.plain: frozenset[str] = frozenset(str(data["plain"]).split())
        names = str(data["features"]).split("\n")
        self._rows = {name: index for index, name in enumerate(names)}
        self._scale = float(str(data["scale"]))
        self._idf = array("f", base64.b64decode(str(data["idf"])))
        self._weights = array("b", base64.b64decode(str(data["weights"])))
        self._exemplars: list[tuple[int, float]] = []
        self._postings: dict[str, list[int]] = defaultdict(list)
        for line in str(data["exemplars"]).split("\n"):
            label, _, delexed = line.partition("\t")
            self._learn(int(label), delexed)

    def _learn(self, label: int, delexed: str) -> None:
        words = self._word_weights(delexed)
        norm = math.sqrt(sum(weight * weight for weight in words.values())) or 1.0
        for word in words:
            self._postings[word].append(len(self._exemplars))
        self._exemplars.append((label, norm))

    def _word_weights(self, delexed: str) -> dict[str, float]:
        words = delexed.split()
        keys = {*words, *(f"{a} {b}" for a, b in pairwise(words))}
        return {key: self._idf[self._rows[key]] if key in self._rows else 6.0 for key in keys}

    def guesses(self, delexed: str) -> list[Guess]:
        """All intents, likeliest first."""
        likeness = self._nearest(delexed)
        scores = self._linear(delexed)
        top = max(scores)
        powers = [math.exp(score - top) for score in scores]
        total = sum(powers)
        found = [
            Guess(label, power / total, likeness.get(index, 0.0))
            for index, (label, power) in enumerate(zip(self.labels, powers, strict=True))
        ]
        return sorted(found, key=lambda guess: -guess.probability)

    def _linear(self, delexed: str) -> list[float]:
        count = len(self.labels)
        vector = vectorise(delexed, self._rows, self._idf)
        scores = [0.0] * count
        for row, value in vector:
            weight = value * self._scale
            chunk = self._weights[row * count : row * count + count]
            scores = [score + weight * w for score, w in zip(scores, chunk, strict=True)]
        return scores

    def _nearest(self, delexed: str) -> dict[int, float]:
        """For each label the cosine to its nearest exemplar."""
        words = self._word_weights(delexed)
        norm = math.sqrt(sum(weight * weight for weight in words.values())) or 1.0
        overlap: dict[int, float] = defaultdict(float)
        for word, weight in words.items():
            numbers = self._postings.get(word, ())
            if len(numbers) > EVERYWHERE:
                continue
            shared = weight * weight
            for number in numbers:
                overlap[number] += shared
        best: dict[int, float] = {}
        for number, value in overlap.items():
            label, other = self._exemplars[number]
            best[label] = max(best.get(label, 0.0), value / (norm * other))
        return best


def vectorise(
    delexed: str, rows: dict[str, int], idf: "array[float] | list[float]"
) -> list[tuple[int, float]]:
    """Known features weighted by rarity, scaled to length one."""
    pairs = [(rows[key], weight * idf[rows[key]]) for key, weight in features(delexed).items() if key in rows]
    norm = math.sqrt(sum(value * value for _, value in pairs)) or 1.0
    return [(row, value / norm) for row, value in pairs]


@cache
def load_model() -> Model:
    return Model(json.loads(FILE.read_text(encoding="utf-8")))
