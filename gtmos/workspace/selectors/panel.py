"""A thread as the page draws it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from agents.enums import RunState, StepState, Trust
from agents.models import Message, Thread
from agents.selectors.threads import open_line, visible_threads
from agents.services.understanding import Said
from gtmos.kernel.actors import Actor
from gtmos.workspace.selectors.bar import run_url
from gtmos.workspace.selectors.links import url_of

THREADS_SHOWN = 12
PRODUCT = "GTM OS"


def panel_for(thread: Thread, *, actor: Actor) -> dict[str, Any]:
    """The open line of turns, the other branches, and the threads one can go on with."""
    line = open_line(thread)
    versions = _versions(thread)
    is_mine = actor.user is not None and thread.owner_id == actor.user.pk
    return {
        "thread": thread,
        "is_mine": is_mine,
        "turns": [_turn(message, versions, is_mine=is_mine) for message in line],
        "threads": list(visible_threads(actor=actor)[:THREADS_SHOWN]),
        "compose_url": reverse("workspace:thread-say", args=[thread.pk]),
    }


def _versions(thread: Thread) -> dict[tuple[Any, Any], list[Any]]:
    """Commands with the same parent are versions of one another."""
    found: dict[tuple[Any, Any], list[Any]] = {}
    rows = Message.objects.filter(thread=thread, trust=Trust.USER).order_by("created_at")
    for key, parent in rows.values_list("pk", "parent_id"):
        found.setdefault((thread.pk, parent), []).append(key)
    return found


def _turn(message: Message, versions: Mapping[Any, list[Any]], *, is_mine: bool) -> dict[str, Any]:
    said_by_person = message.trust == Trust.USER
    card = {} if said_by_person else message.card
    return {
        "id": message.pk,
        "message": _words(message, card, is_mine=is_mine),
        "approval": _approval(message, card) if is_mine else None,
        "readings": _readings(message, card) if is_mine else [],
        "note": card.get("note", ""),
        "tables": [_table(table) for table in card.get("tables", ())],
        "changes": card.get("changes", ()),
        "can_change": said_by_person and is_mine,
        "text": message.text,
        "versions": _other_versions(message, versions) if said_by_person else [],
    }


def _words(message: Message, card: Mapping[str, Any], *, is_mine: bool) -> dict[str, Any]:
    author = str(message.author) if message.author else PRODUCT
    return {
        "author": author,
        "is_mine": message.trust == Trust.USER,
        "kind": "person" if message.author else "agent",
        "at": message.created_at,
        "text": message.text,
        "findings": card.get("findings", ()),
        "actions": _actions(message, card) if is_mine else [],
        "result_url": url_of(card.get("subject") or {}),
        "result_text": _open_words(card.get("subject") or {}),
    }


def _open_words(subject: Mapping[str, str]) -> str:
    return "Open the tasks" if subject.get("type") == "task" else f"Open {subject.get('name', '')}".strip()


def _actions(message: Message, card: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Suggested next sentences, and the way back."""
    rows = [
        {"label": action["label"], "url": run_url(Said(action["command"], action.get("page") or {}))}
        for action in card.get("actions", ())
    ]
    run = message.run
    if card.get("can_undo") and run is not None and _has_undo(message):
        rows.append({"label": "Undo", "url": reverse("workspace:run-undo", args=[run.pk])})
    return rows


def _has_undo(message: Message) -> bool:
    run = message.run
    return run is not None and any(step.undo and step.state == StepState.DONE for step in run.steps.all())


def _approval(message: Message, card: Mapping[str, Any]) -> dict[str, Any] | None:
    run = message.run
    if card.get("kind") != "approval" or run is None or run.state != RunState.WAITING:
        return None
    fingerprint = card["approval"]["fingerprint"]
    confirm = reverse("workspace:run-confirm", args=[run.pk])
    return {
        "approval": card["approval"],
        "approve_url": f"{confirm}?{urlencode({'fingerprint': fingerprint})}",
        "reject_url": reverse("workspace:run-reject", args=[run.pk]),
    }


def _readings(message: Message, card: Mapping[str, Any]) -> list[dict[str, str]]:
    """Each reading runs the same sentence again, with the answer filled in."""
    run = message.run
    if run is None or not card.get("readings"):
        return []
    said = Said(run.command, run.plan.get("page") or {}, run.plan.get("overrides") or {})
    missing = (run.plan.get("missing") or ["text"])[0]
    rows = []
    for reading in card["readings"]:
        overrides = reading.get("overrides") or (
            {f"0.{missing}": reading["answer"]} if reading.get("answer") else None
        )
        url = run_url(said, key=str(run.pk), choice=reading.get("choice", ""), overrides=overrides)
        rows.append({"title": reading["title"], "detail": reading.get("detail", ""), "url": url})
    return rows


def _table(table: Mapping[str, Any]) -> dict[str, Any]:
    rows = [{"cells": row["cells"], "url": url_of(row.get("subject") or {})} for row in table["rows"]]
    return {"columns": table["columns"], "rows": rows}


def _other_versions(message: Message, versions: Mapping[Any, list[Any]]) -> list[dict[str, Any]]:
    keys = versions.get((message.thread_id, message.parent_id), [])
    if len(keys) < 2:
        return []
    return [
        {
            "number": number,
            "is_open": key == message.pk,
            "url": reverse("workspace:thread-branch-show", args=[message.thread_id, key]),
        }
        for number, key in enumerate(keys, start=1)
    ]
