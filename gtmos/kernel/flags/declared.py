"""Features that can be switched, declared by name in each app's `feature_flags.py`. Unknown names are refused."""

from collections.abc import Mapping
from dataclasses import dataclass

from gtmos.kernel.exceptions import InvalidInputError


@dataclass(frozen=True, slots=True)
class Feature:
    """`hides` says in words what is not there while it is off. `is_on`: without a row, as the code came."""

    key: str
    owner: str
    hides: str
    is_on: bool = False


_features: dict[str, Feature] = {}


def feature(key: str, *, owner: str, hides: str, is_on: bool = False) -> Feature:
    if key in _features:
        raise ValueError(f"feature {key!r} is declared twice")
    _features[key] = Feature(key, owner, hides, is_on)
    return _features[key]


def features() -> Mapping[str, Feature]:
    return _features


def feature_of(key: str) -> Feature:
    if key not in _features:
        raise InvalidInputError(f"There is no feature {key or 'without a name'}.", code="unknown_feature")
    return _features[key]
