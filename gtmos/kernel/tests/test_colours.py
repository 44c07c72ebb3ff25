import re
from itertools import product
from pathlib import Path

import pytest

CSS = (Path(__file__).resolve().parents[3] / "static/css/gtmos.css").read_text()
PAIRS = {
    name: (light, dark)
    for name, light, dark in re.findall(r"--([\w-]+):light-dark\((#[0-9a-f]{3,6}),(#[0-9a-f]{3,6})\)", CSS)
}
GROUNDS = ("bg", "surface", "sunken", "hover", "selected")
THEMES = (0, 1)


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


WORDS = [
    *product(("text", "text-2", "text-3", "accent-text"), GROUNDS),
    *((tone, f"{tone}-soft") for tone in ("good", "warn", "bad")),
    *product(("good", "warn", "bad"), ("surface", "bg")),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    *(("on-variant", arm) for arm in "abc"),
]
SHAPES = [
    *product(("edge", "accent", "machine", "a-solid", "b-solid", "c-solid"), ("surface",)),
]


@pytest.mark.parametrize("theme", THEMES, ids=("light", "dark"))
@pytest.mark.parametrize(("words", "ground"), WORDS)
def test_words_can_be_read_on_their_ground(words, ground, theme):
    found = contrast(PAIRS[words][theme], PAIRS[ground][theme])

    assert found >= 4.5


@pytest.mark.parametrize("theme", THEMES, ids=("light", "dark"))
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_controls_and_figures_can_be_seen_on_their_ground(shape, ground, theme):
    found = contrast(PAIRS[shape][theme], PAIRS[ground][theme])

    assert found >= 3.0
