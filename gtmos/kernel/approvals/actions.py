"""What can need an approval. Each app registers its own in `approval_actions.py`, which every process reads at start."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from gtmos.kernel.approvals.models import Approval
from gtmos.kernel.exceptions import InvalidInputError

# Of one record what a policy may compare, and what is asked of it.
Sample = tuple[Model, Mapping[str, Any]]


def _nothing(approval: Approval, subject: Model) -> None:
    del approval, subject


def _no_samples(**_: Any) -> Iterable[Sample]:
    return ()


@dataclass(frozen=True, slots=True)
class ApprovalAction:
    """One verb that may have to wait.

    `values` and `fields` are the names that a policy compares, with their words; `facts` gives those of a record.
    `granted` carries it out in the transaction of the decision; a refusal there takes the decision back.
    `asked` and `closed` (without effect) let the record follow. `ask` is the app's own verb, for the API.
    `named` are those of them that have only certain values, with what people call these; `parts` those that are
    parts of a whole, from 0 to 1.
    Without `has_policy` whoever asks names who is asked. `watches` says to whoever writes a policy what passes it by.
    """

    name: str
    label: str
    model: type[Model]
    values: Mapping[str, str]
    fields: Mapping[str, str]
    facts: Callable[[Any], Mapping[str, Any]]
    granted: Callable[[Approval, Any], None]
    question: Callable[[Approval], str]
    changes: Callable[[Approval], list[dict[str, Any]]]
    asked: Callable[[Approval, Any], None] = _nothing
    closed: Callable[[Approval, Any], None] = _nothing
    ask: Callable[..., object] | None = None
    visible: Callable[..., Any] | None = None
    samples: Callable[..., Iterable[Sample]] = _no_samples
    has_policy: bool = True
    watches: str = ""
    named: Mapping[str, Callable[[], Mapping[str, str]]] = field(default_factory=dict)
    parts: frozenset[str] = frozenset()
    url: Callable[[Approval], str] = lambda _: ""

    @property
    def known(self) -> dict[str, str]:
        return {**self.values, **self.fields}


_actions: dict[str, ApprovalAction] = {}


def register(action: ApprovalAction) -> ApprovalAction:
    if action.name in _actions:
        raise ValueError(f"approval action {action.name!r} is registered twice")
    _actions[action.name] = action
    return action


def actions() -> Mapping[str, ApprovalAction]:
    return _actions


def governed() -> dict[str, ApprovalAction]:
    """Those that a policy can be written for."""
    return {name: each for name, each in _actions.items() if each.has_policy}


def action_of(name: str) -> ApprovalAction:
    if name not in _actions:
        known = ", ".join(sorted(governed()))
        raise InvalidInputError(
            f"{name or 'Nothing'} is no action that takes approvals. There are: {known}.",
            code="unknown_action",
        )
    return _actions[name]


def subject_of(approval: Approval, *, locked: bool = False) -> Any:
    """The record; none where it is gone."""
    found = action_of(approval.action).model._default_manager.filter(pk=approval.subject_id)
    return (found.select_for_update(of=("self",)) if locked else found).first()
