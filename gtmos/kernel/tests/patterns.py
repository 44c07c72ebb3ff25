"""Every regular expression that product code writes, as it stands there, and how it is used."""

import ast
import importlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[3]
APPS = ("agents", "crm", "gtmos", "issues", "journeys", "outreach")
ANCHORED = {"match", "fullmatch"}
CALLS = {"compile", "sub", "subn", "match", "search", "split", "fullmatch", "findall", "finditer"}


class Written(NamedTuple):
    """`is_anchored` where it is only ever tried at the start of a text."""

    place: str
    pattern: str | bytes
    is_anchored: bool


class Found(NamedTuple):
    """What could be read, and the calls whose pattern is only known while the product runs."""

    written: tuple[Written, ...]
    unread: frozenset[str]


@cache
def patterns() -> Found:
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in _files()}
    uses = _uses(trees.values())
    written: list[Written] = []
    unread: set[str] = set()
    for path, tree in trees.items():
        calls = [node for node in ast.walk(tree) if _is_call(node)]
        module = (
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts)) if calls else None
        )
        for call in calls:
            place = f"{path.relative_to(ROOT)}:{call.lineno}"
            pattern = _value(call.args[0], module)
            if pattern is None:
                unread.add(f"{path.relative_to(ROOT)} {ast.unparse(call.args[0])}")
            else:
                written.append(Written(place, pattern, _methods(call, tree, uses) <= ANCHORED))
        written += _compiled(path, module)
    return Found(tuple(written), frozenset(unread))


def _files() -> Iterator[Path]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if not {"tests", "migrations"} & set(path.parts):
                yield path


def _is_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) in {f"re.{call}" for call in CALLS}


def _value(node: ast.expr, module: ModuleType | None) -> str | bytes | None:
    """As the module itself would work it out; None for what hangs on variables of a function."""
    try:
        value = eval(compile(ast.Expression(node), "pattern", "eval"), dict(vars(module)))  # noqa: S307 -- our own source
    except NameError:
        return None
    return value.pattern if isinstance(value, re.Pattern) else value


def _uses(trees: Any) -> Mapping[str, set[str]]:
    """By name of a compiled pattern, what is asked of it anywhere."""
    uses: dict[str, set[str]] = defaultdict(set)
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in CALLS:
                uses[ast.unparse(node.value).rpartition(".")[2]].add(node.attr)
    return uses


def _methods(call: ast.Call, tree: ast.Module, uses: Mapping[str, set[str]]) -> set[str]:
    method = ast.unparse(call.func).removeprefix("re.")
    if method != "compile":
        return {method}
    names = [
        ast.unparse(target)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.value is call
        for target in node.targets
    ]
    return uses[names[0]] if names and uses[names[0]] else {"search"}


def _compiled(path: Path, module: ModuleType | None) -> Iterator[Written]:
    """Those that a module made in a loop and keeps in its tables."""
    for name, value in vars(module).items() if module else ():
        for found in _within(value, depth=5):
            yield Written(f"{path.relative_to(ROOT)} {name}", found.pattern, is_anchored=False)


def _within(value: Any, *, depth: int) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        if depth < 5:  # one that has a name of its own has been read
            yield value
    elif depth and isinstance(value, (tuple, list, set, frozenset)):
        for each in value:
            yield from _within(each, depth=depth - 1)
    elif depth and isinstance(value, dict):
        for each in value.values():
            yield from _within(each, depth=depth - 1)
