"""What people can be told of. Each app registers its kinds where it tells of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """`default_mail`: told by mail too unless the person says otherwise. `tells_oneself`: also who caused it is told."""

    name: str
    label: str
    default_mail: bool = False
    default_in_app: bool = True
    tells_oneself: bool = False


_kinds: dict[str, Kind] = {}


def kind(
    name: str,
    *,
    label: str,
    default_mail: bool = False,
    default_in_app: bool = True,
    tells_oneself: bool = False,
) -> Kind:
    if name in _kinds:
        raise ValueError(f"notification {name!r} is registered twice")
    _kinds[name] = Kind(name, label, default_mail, default_in_app, tells_oneself)
    return _kinds[name]


def find(name: str) -> Kind:
    return _kinds[name]


def known() -> list[Kind]:
    return sorted(_kinds.values(), key=lambda each: each.label.lower())


def label_of(name: str) -> str:
    return _kinds[name].label if name in _kinds else name.replace("_", " ").capitalize()
