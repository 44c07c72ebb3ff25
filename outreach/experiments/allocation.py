"""Which variant a person gets: decided by a hash, so it needs no memory and never changes."""

from collections.abc import Mapping
from hashlib import sha256
from math import isfinite

from outreach.experiments.errors import InvalidExperimentError

BITS = 64


def position(experiment: str, person: str) -> float:
    """A fixed place in [0, 1) for this person in this experiment, as good as random across people.

    The length goes in front so that no two pairs of ids can run together into the same text.
    """
    digest = sha256(f"{len(experiment)}:{experiment}:{person}".encode()).digest()
    # 53 bits are what a float holds exactly: the quotient stays below one.
    return (int.from_bytes(digest[:8]) >> (BITS - 53)) / 2**53


def assign(experiment: str, person: str, weights: Mapping[str, float]) -> str:
    """Name of the variant for this person; `weights` are planned shares in a fixed order.

    A variant with weight zero gets nobody. When the weights of a running test change, count from then
    on: the always-valid rule and the sample ratio check assume one planned split.
    """
    total = _checked_total(weights)
    place = position(experiment, person) * total
    edge, chosen = 0.0, ""
    for name, weight in weights.items():
        if weight > 0:
            edge, chosen = edge + weight, name
            if place < edge:
                break
    return chosen


def _checked_total(weights: Mapping[str, float]) -> float:
    if any(not isfinite(weight) or weight < 0 for weight in weights.values()):
        raise InvalidExperimentError("Planned shares must be zero or more.")
    total = sum(weights.values())
    if total <= 0:
        raise InvalidExperimentError("At least one variant needs a planned share above zero.")
    return total
