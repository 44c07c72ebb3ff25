"""Cells of the list of tasks that are more than a value: the button that does it, what it is about, when it was due."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from crm.models import Task
from gtmos.kernel import wording
from gtmos.kernel.lists.asking import Asked, address_of
from gtmos.kernel.lists.cells import UNKNOWN, Special
from gtmos.kernel.templatetags.gtmos import icon, record_url

ABOUT = ("deal", "contact", "company")
DONE, OPEN = icon("circle-check"), icon("circle-dashed")
LATER = (("p", "tomorrow", "tomorrow"), ("w", "week", "next week"))
LATER_SIGNS = {"tomorrow": icon("clock", "small"), "week": icon("calendar-event", "small")}


def task_cells(asked: Asked, *, now: dt.datetime) -> Special:
    query = address_of({name: text for name, text in asked.given.items() if name != "after"})
    return {
        "title": lambda task: _title(task, query),
        "due_at": lambda task: _due(task, now),
        **{name: _link(name) for name in ABOUT},
    }


def _title(task: Task, query: str) -> SafeString:
    """D does it, and opens it again."""
    verb, sign = ("reopen", DONE) if task.done_at else ("complete", OPEN)
    label = f"Open {task.title} again" if task.done_at else f"{task.title} is done"
    note = format_html('<span class="small muted clip" title="{}">{}</span>', task.note, task.note[:200])
    return format_html(
        '<span class="row"><button type="button" class="icon-btn is-small" data-key="d" data-kept="{}" aria-label="{}" '
        'hx-post="{}?{}" hx-target="#tasks-list" hx-swap="outerHTML">{}</button>'
        '<span class="stack gap-0 clip grow"><span class="medium clip" title="{}">{}</span>{}</span>{}</span>',
        label,
        label,
        reverse(f"crm:task-{verb}", args=[task.pk]),
        query,
        sign,
        task.title,
        task.title,
        note if task.note else "",
        "" if task.done_at else _later(task, query),
    )


def _later(task: Task, query: str) -> SafeString:
    """P puts it off to tomorrow, W to next week; seen where the row is looked at."""
    address = f"{reverse('crm:task-later', args=[task.pk])}?{query}"
    return format_html_join(
        "",
        '<button type="button" class="icon-btn is-small row-verb not-phone" data-key="{}" aria-label="Put off to {}" '
        'title="Put off to {}" hx-post="{}" hx-vals=\'{{"to": "{}"}}\' hx-target="#tasks-list" '
        'hx-swap="outerHTML">{}</button>',
        ((key, words, words, address, to, LATER_SIGNS[to]) for key, to, words in LATER),
    )


def _due(task: Task, now: dt.datetime) -> SafeString:
    if task.due_at is None:
        return UNKNOWN
    late = task.done_at is None and task.due_at < now
    return format_html(
        '<time class="num {}" datetime="{}" title="{}">{}{}</time>',
        "bad" if late else "muted",
        task.due_at.isoformat(),
        wording.exact(task.due_at),
        "overdue, " if late else "",
        wording.when(task.due_at, now),
    )


def _link(name: str) -> Callable[[Any], SafeString]:
    def linked(task: Any) -> SafeString:
        about = getattr(task, name)
        if about is None:
            return UNKNOWN
        return format_html('<a class="link" href="{}">{}</a>', record_url(f"crm:{name}", about.pk), about)

    return linked
