"""Between orders of one sentence: what is carried over, what is one order, what is the same order twice."""

from dataclasses import replace

from agents.planner.names import Record
from agents.planner.scene import Draft, Scene

_KINDS = ("company", "contact", "deal", "campaign", "issue", "project")
_BIG = frozenset({"company", "contact", "deal"})


def carried_of(draft: Draft, scene: Scene) -> dict[str, Record]:
    """Records a later order may mean by "it", "her" or "the deal"."""
    kept = dict(scene.carried)
    for kind in _KINDS:
        key = draft.slots.get(kind)
        if isinstance(key, str):
            index = scene.world.names if kind in _BIG else scene.world.small
            found = [*index.lookup(key, (kind,)), *scene.world.small.by_key(key)]
            for record in found:
                if record.key == key and record.kind == kind:
                    kept[kind] = record
    return kept


def merged(first: Draft, second: Draft) -> Draft | None:
    """Two changes of the same record are one order with more fields."""
    if first.intent != second.intent or not first.intent.endswith(".update"):
        return None
    kind = first.intent.split(".", maxsplit=1)[0]
    if first.slots.get(kind) != second.slots.get(kind):
        return None
    return first


def spread(draft: Draft, scene: Scene) -> list[Draft]:
    """As in "pause A and B", "move Acme and Globex to proposal": the same order for each record named."""
    if draft.intent not in {"campaign.transition", "deal.update"}:
        return [draft]
    kind = "campaign" if draft.intent == "campaign.transition" else "deal"
    keys: list[str] = []
    for found in scene.mentions(kind):
        if found.one is not None and scene.score(found, kind) >= 0.7:
            keys.append(found.one.key)
    if kind == "deal":
        for found in scene.mentions("company"):
            inside = any(
                m.span and found.span and m.span.overlaps(found.span)
                for m in scene.mentions("deal")
                if scene.score(m, "deal") >= 0.7
            )
            deals = (
                scene.world.names.related(found.one.name, "deal")
                if found.one is not None and not inside
                else ()
            )
            keys += [deals[0].key] if len(deals) == 1 else []
    keys = list(dict.fromkeys(keys))
    if len(keys) < 2:
        return [draft]
    return [replace(draft, slots={**draft.slots, kind: key}) for key in keys]
