"""Trains the intent classifier from the exemplar files: `python -m agents.planner.train` writes model.json."""

import base64
import json
import math
import random
import re
from array import array
from collections import Counter

from agents.planner.annotate import Annotator
from agents.planner.exemplar_files import SLOT, Filler, templates, training_world
from agents.planner.features import delexicalise, features
from agents.planner.lexicon.phrases import DATA
from agents.planner.model import FILE, vectorise

COPIES = 4
EPOCHS = 14
RATE = 6.0
DECAY = 0.82
RARE = 2
SEED = 20


def plain_words() -> frozenset[str]:
    """Everyday vocabulary: what stands in the templates outside the slots, and a list of our own."""
    words: set[str] = set()
    for _, template in templates():
        words.update(re.findall(r"[^\W_]*[^\W\d_][^\W_]*", SLOT.sub(" ", template).lower()))
    words.update(Filler(SEED).everyday_words())
    for name in ("plain.txt", "titles.txt", "industries.txt", "roles.txt"):
        words.update(re.findall(r"[^\W_]*[^\W\d_][^\W_]*", (DATA / name).read_text(encoding="utf-8").lower()))
    return frozenset(words)


def examples(plain: frozenset[str]) -> list[tuple[str, str]]:
    """(intent, delexicalised sentence) of every filled template."""
    annotator, filler = Annotator(training_world(), plain), Filler(SEED)
    found = []
    for intent, template in templates():
        for _ in range(COPIES if SLOT.search(template) else 2):
            found.append((intent, delexicalise(annotator.annotate(filler.fill(template)))))
    return found


def weigh(rows: list[tuple[str, str]]) -> tuple[dict[str, int], list[float]]:
    """Features seen at least twice, and their rarity."""
    seen = Counter(key for _, delexed in rows for key in features(delexed))
    kept = sorted(key for key, count in seen.items() if count >= RARE)
    return {key: i for i, key in enumerate(kept)}, [
        math.log((1 + len(rows)) / (1 + seen[key])) + 1 for key in kept
    ]


def fit(
    rows: list[tuple[str, str]], labels: list[str], index: dict[str, int], idf: list[float]
) -> list[list[float]]:
    """Multinomial logistic regression by stochastic gradient descent."""
    data = [(labels.index(label), vectorise(delexed, index, idf)) for label, delexed in rows]
    weights = [[0.0] * len(labels) for _ in index]
    order, rate, shuffler = list(range(len(data))), RATE, random.Random(SEED)
    for _ in range(EPOCHS):
        shuffler.shuffle(order)
        for number in order:
            _step(data[number], weights, rate)
        rate *= DECAY
    return weights


def _step(example: tuple[int, list[tuple[int, float]]], weights: list[list[float]], rate: float) -> None:
    label, vector = example
    scores = [0.0] * len(weights[0])
    for row, value in vector:
        scores = [score + value * w for score, w in zip(scores, weights[row], strict=True)]
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    total = sum(powers)
    slopes = [(i, rate * ((i == label) - power / total)) for i, power in enumerate(powers)]
    steep = [(i, slope) for i, slope in slopes if abs(slope) > 0.004 * rate]
    for row, value in vector:
        weight = weights[row]
        for i, slope in steep:
            weight[i] += slope * value


def main() -> None:
    plain = plain_words()
    rows = examples(plain)
    labels = sorted({label for label, _ in rows})
    index, idf = weigh(rows)
    weights = fit(rows, labels, index, idf)
    scale = max(abs(w) for row in weights for w in row) / 127
    packed = array("b", [round(w / scale) for row in weights for w in row])
    lines = sorted({f"{labels.index(label)}\t{delexed}" for label, delexed in rows})
    data = {
        "labels": labels,
        "plain": " ".join(sorted(plain)),
        "features": "\n".join(sorted(index, key=index.__getitem__)),
        "scale": scale,
        "idf": base64.b64encode(array("f", idf).tobytes()).decode(),
        "weights": base64.b64encode(packed.tobytes()).decode(),
        "exemplars": "\n".join(lines),
    }
    FILE.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    print(f"{len(rows)} sentences, {len(index)} features, {FILE.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
