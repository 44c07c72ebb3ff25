"""What the page of an import shows, in the shapes that its templates draw."""

import csv
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from crm.intake.shapes import KINDS, Mapping
from crm.models import ImportBatch
from crm.selectors.imports import preview, remembered_for
from crm.selectors.moves import links_waiting
from crm.services.import_rights import refused_columns, words_of
from gtmos.kernel.actors import Actor
from gtmos.kernel.fields.schema import fields_of

REJECTED_SHOWN = 20
CELLS_SHOWN = 6
WORDS = {"url": "address", "id": "number"}
CERTAIN, LIKELY = 0.9, 0.7


def page_context(batch: ImportBatch, *, actor: Actor) -> dict[str, Any]:
    share = min(batch.rows_done / batch.rows_total, 1.0) if batch.rows_total else 0.0
    context: dict[str, Any] = {"batch": batch, "share": share, "result": batch.result}
    if batch.state == "uploaded":
        look = preview(batch)
        context["preview"] = look
        context["remembered"] = remembered_for(batch)
        context["columns"] = [{**column, "sure": how_sure(column)} for column in look.columns]
        refused = refused_columns(Mapping.from_dict(batch.mapping), actor=actor)
        context["refused"] = words_of(refused, actor=actor)
        context["targets"] = target_groups(look.targets)
        context["kinds"] = KINDS
        context |= tried(batch)
    elif batch.state in {"done", "undone"}:
        context["outcome"] = outcome(batch.result)
        context["rejected_rows"] = rejected_rows(batch)
        context["links_waiting"] = links_waiting([batch])
        context["is_repeated"] = batch.state == "undone" and batch.repetitions.exists()
    return context


def tried(batch: ImportBatch) -> dict[str, Any]:
    """What a dry run found, in the words of the result."""
    rehearsal = batch.result.get("rehearsal", {})
    is_done = rehearsal.get("state") == "done"
    return {"rehearsal": rehearsal, "would": outcome(rehearsal["result"]) if is_done else []}


def outcome(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Records by what became of them; rejected ones are rows of the file."""
    return [
        {"key": "created", "label": "Created", "count": sum(result["created"].values()), "unit": "record"},
        {"key": "updated", "label": "Updated", "count": sum(result["updated"].values()), "unit": "record"},
        {"key": "unchanged", "label": "Unchanged", "count": result["unchanged"], "unit": "record"},
        {"key": "rejected", "label": "Rejected", "count": result["rejected"], "unit": "row"},
    ]


def rejected_rows(batch: ImportBatch) -> list[dict[str, Any]]:
    """The first of them; all stand in the file to download."""
    if not batch.rejected_path or not Path(batch.rejected_path).exists():
        return []
    with Path(batch.rejected_path).open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows, None)
        return [
            {"line": line, "reason": reason, "cells": [cell for cell in cells if cell][:CELLS_SHOWN]}
            for line, reason, *cells in islice(rows, REJECTED_SHOWN)
        ]


def target_groups(targets: tuple[str, ...]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The fields as people read them, by record."""
    kinds = {target.partition(".")[0]: place for place, target in reversed(list(enumerate(targets)))}
    ordered = sorted(targets, key=lambda target: kinds[target.partition(".")[0]])
    grouped = groupby(ordered, key=lambda target: target.partition(".")[0])
    return [(kind.capitalize(), [(each, field_words(each)) for each in group]) for kind, group in grouped]


def field_words(target: str) -> str:
    kind, _, name = target.partition(".")
    if name.startswith("custom."):
        return f"{kind.capitalize()}: {fields_of(kind)[name.removeprefix('custom.')].label}"
    words = " ".join(WORDS.get(word, word) for word in name.split("_"))
    return f"{kind.capitalize()}: {words}"


def how_sure(column: dict[str, Any]) -> str:
    if not column["target"]:
        return ""
    if column["confidence"] >= CERTAIN:
        return "certain"
    return "likely" if column["confidence"] >= LIKELY else "a guess"
