"""People and teams in what is written as JSON: by key here, by address and name in a file that travels."""

from typing import Any

from gtmos.kernel.people.models import Team, User


def named(value: Any) -> Any:
    """Keys of people and teams as words that another installation understands."""
    return _turned(value, {key: words for words, key in _keys().items()})


def keyed(value: Any) -> Any:
    """The way back. Words that nobody here answers to stay, and are refused by whoever saves them."""
    return _turned(value, _keys())


def _keys() -> dict[str, str]:
    people = {f"person:{each.email}": str(each.pk) for each in User.objects.all()}
    return people | {f"team:{each.name}": str(each.pk) for each in Team.objects.all()}


def _turned(value: Any, words: dict[str, str]) -> Any:
    if isinstance(value, str):
        return words.get(value, value)
    if isinstance(value, list):
        return [_turned(each, words) for each in value]
    if isinstance(value, dict):
        return {name: _turned(each, words) for name, each in value.items()}
    return value
