"""Every component with invented values, for people who build pages."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gtmos.kernel import clock
from gtmos.kernel.wording import wilson
from gtmos.workspace.views.style_lists import list_samples


class SampleForm(forms.Form):
    limit = forms.IntegerField(label="Mails a day", help_text="Counted for this mailbox alone.")
    sender = forms.EmailField(label="Sender address")
    note = forms.CharField(widget=forms.Textarea, required=False)
    rhythm = forms.ChoiceField(choices=[("weekly", "Weekly"), ("daily", "Daily")])
    stops = forms.BooleanField(label="Stop when somebody answers", required=False)


@login_required
def style(request: HttpRequest) -> HttpResponse:
    return render(request, "workspace/style.html", {"sample": _sample()})


def _sample() -> dict[str, Any]:
    return {
        **_lists(),
        **_experiment(),
        **_work(),
        **_account(),
        **list_samples(),
        "none": {},
        "prospects": [
            _prospect(1, "Mara Lindqvist", "Head of Operations", "A+", "selected"),
            _prospect(2, "Tomas Reyes", "Operations Lead", "B", "open"),
            _prospect(3, "Yuki Tanaka", "VP Logistics", "A", "open", blocked="Asked for no mail"),
            _prospect(4, "Paul Okoye", "Site Manager", "C", "dismissed"),
        ],
        "form": SampleForm({"limit": 40, "sender": "ines@nowhere", "rhythm": "weekly"}),
    }


def _lists() -> dict[str, Any]:
    now = clock.now()
    firms = (
        ("Harbour Freight Desk", "Mara Lindqvist", "A"),
        ("Quay and Sons", None, "D"),
        ("Delta Lines", "Paul Okoye", "F"),
    )
    return {
        "chips": [
            {"name": "Title", "value": "Operations", "remove_url": "#"},
            {"name": "Place", "value": "Rotterdam", "why": "no address for 3", "remove_url": "#"},
        ],
        "progress": [
            {"value": 41, "unit": "companies found", "part": 41, "whole": 60, "note": "2 sources read"},
            {"value": 22, "unit": "people graded", "part": 22, "whole": 30, "note": "A 6, B 9, C 7"},
            {"label": "Weighted", "value": "$36,600", "note": "13 open deals"},
        ],
        "filters": [
            {
                "name": "field",
                "label": "Field",
                "value": "a",
                "choices": [("a", "Logistics"), ("b", "Retail")],
            }
        ],
        "columns": [
            {"name": "company", "label": "Company", "kind": "company", "is_yielding": True},
            {"name": "person", "label": "Person", "kind": "text"},
            {"name": "grade", "label": "Grade", "kind": "grade"},
            {"name": "mail", "label": "Mail", "kind": "pill"},
            {"name": "seen", "label": "Last touch", "kind": "time", "is_minor": True},
            {"name": "open", "label": "Open", "kind": "money", "is_minor": True},
        ],
        "rows": [
            {
                "id": index,
                "url": "#",
                "cells": {
                    "company": company,
                    "person": person,
                    "grade": grade,
                    "mail": {"text": "verified", "tone": "good"},
                    "seen": now - timedelta(minutes=25 * index * index),
                    "open": 1200 * index,
                },
            }
            for index, (company, person, grade) in enumerate(firms, start=1)
        ],
        "activities": [
            {
                "icon": "mail-opened",
                "title": "Mara answered",
                "detail": "asks for a date",
                "at": now - timedelta(minutes=7),
            },
            {
                "icon": "send",
                "title": "First mail sent",
                "at": now - timedelta(days=4),
                "actor": "sequencer",
                "undo_url": "#",
            },
        ],
    }


class Named(str):
    """A word that has a key, as a record has."""

    __slots__ = ()
    pk = UUID(int=7)


def _account() -> dict[str, Any]:
    """What stands on the page of an account."""
    now = clock.now()
    return {
        "recommendations": [
            {
                "kind": "follow_up",
                "kind_label": "Follow-up",
                "key": "sample",
                "title": "Answer Mara Lindqvist",
                "reason": "The last word is theirs: e-mail of 3 Nov, and nobody has answered since.",
                "sources": ["E-mail, 3 Nov 09:38"],
            },
            {
                "kind": "attention",
                "kind_label": "Needs attention",
                "key": "sample-2",
                "title": "Delta Lines, 20 seats: ask what changed, and set the day they say",
                "reason": "It was to be signed 12 days ago.",
                "sources": ["Look here", "Stage Proposal"],
            },
        ],
        "step": {
            "deal": Named("Delta Lines, 20 seats"),
            "stage": "Proposal",
            "asked": 3,
            "met": 2,
            "missing": [{"detail": "a decision maker among the people"}],
        },
        "conversation": {
            "messages": [
                {
                    "author": "Paul Okoye",
                    "created_at": now,
                    "text": "I know Mara from before. Happy to open that door.",
                }
            ],
            "unread": 1,
            "has_earlier": False,
        },
        "choice": {"mine": "“Rotterdam”", "theirs": "“Delft”", "by": "Paul Okoye", "chosen": "mine"},
        "offers": [
            {
                "offer": {"sentence": "They have 250 people by now.", "reason": "", "is_held": False},
                "field": "limit",
                "label": "People",
                "value": "250",
                "words": "250",
                "before": "Not known",
            }
        ],
        "record": Named("Delta Lines"),
    }


def _experiment() -> dict[str, Any]:
    return {
        "touches": [
            {"day": 0, "name": "E-mail", "icon": "mail", "note": "280 sent", "variants": ["A", "B"]},
            {"day": 3, "name": "LinkedIn", "icon": "brand-linkedin", "note": "96 asked"},
            {"day": 7, "name": "Second e-mail", "icon": "mail", "note": "112 sent"},
        ],
        "arms": [
            _arm("A", "Short opening", 8, 142),
            _arm("B", "Question", 19, 138),
            _arm("C", "Number", 11, 120),
        ],
        "lines": [
            {"name": "One look", "estimate": 0.081, "low": 0.012, "high": 0.15, "kind": "once"},
            {"name": "Every look", "estimate": 0.081, "low": -0.026, "high": 0.188, "kind": "always"},
        ],
        "statistics": [
            {"label": "Lift", "value": "+144 %", "note": "+11 to +440"},
            {"label": "p, one look", "value": "0.021", "note": "exact 0.026"},
            {"label": "p, every look", "value": "0.28", "note": "limit 0.05"},
        ],
        "planned": [{"label": "A", "have": 142, "planned": 435}, {"label": "B", "have": 138, "planned": 435}],
        "funnel": [
            {"name": "Sent", "count": 280, "note": "of 870", "arms": _split(142, 138)},
            {"name": "Opened", "count": 112, "machines": 61, "arms": _split(45, 67)},
            {"name": "Replied", "count": 27, "arms": _split(8, 19)},
        ],
        "message": {
            "sender": "Ines Okafor",
            "to": "Mara Lindqvist",
            "subject": "Twelve docks, one plan",
            "text": "Hello Mara,\n\nyou look for two planners. May I show you how Delta Lines did without?\n\nInes",
            "footer": "Unsubscribe · 1 Sample Quay",
        },
        "checks": [
            {"ok": True, "text": "Every blank is filled"},
            {"ok": False, "text": "4 people get the fallback"},
        ],
    }


def _work() -> dict[str, Any]:
    now = clock.now()
    deal = {
        "id": 1,
        "url": "#",
        "company": "Delta Lines",
        "product": "Planner",
        "amount": 26700,
        "currency": "USD",
    }
    return {
        "readings": [
            {"title": "Delta Lines", "detail": "$26,700", "kind": "company"},
            {"title": "Delft Docks", "kind": "company"},
        ],
        "steps": [
            {
                "state": "done",
                "tool": "plan",
                "effect": "read",
                "text": "3 steps",
                "started": 0.2,
                "seconds": 1.0,
            },
            {
                "state": "warned",
                "tool": "experiment.plan",
                "effect": "write",
                "text": "Too few people",
                "started": 7,
                "seconds": 2.2,
                "undo_url": "#",
            },
            {
                "state": "waiting",
                "tool": "campaign.launch",
                "effect": "outside",
                "text": "A person decides",
                "started": 33,
                "seconds": 0.2,
            },
        ],
        "approval": {
            "id": "sample",
            "question": "Send the first mail to 18 people?",
            "explanation": "It leaves at 10:00 in the reader's own time.",
            "arguments": [{"name": "per_day", "value": "40", "source": "mailbox", "edit_url": "#"}],
            "changes": [{"name": "state", "before": "draft", "after": "active"}],
            "undo_text": "Possible until the first mail has left.",
            "expires_text": "until 17:00",
            "fingerprint": "9f3c…41e1",
        },
        "stages": [
            {"name": "Qualify", "total": 0, "note": "chance 10 %", "deals": []},
            {
                "name": "Offer",
                "total": 26700,
                "note": "chance 40 %",
                "deals": [{**deal, "age_days": 12, "owner": "Ines Okafor", "next_step": "Call on Monday"}],
            },
        ],
        "thread": [
            {
                "author": "Ines",
                "is_mine": True,
                "at": now - timedelta(days=2),
                "text": "Find operations leads",
                "findings": [{"count": 41, "text": "companies"}],
            },
            {
                "author": "GTM OS",
                "kind": "agent",
                "at": now - timedelta(minutes=3),
                "text": "22 are graded.",
                "actions": [{"label": "Open", "url": "#"}],
            },
        ],
        "plan": {
            "intent_label": "research",
            "elapsed_ms": 18,
            "chips": [{"key": "title", "name": "Title", "value": "Operations"}],
            "options": [
                {
                    "choice": "run",
                    "title": "Run this research",
                    "detail": "changes nothing",
                    "icon": "radar-2",
                }
            ],
            "records": [{"url": "#", "name": "Delta Lines", "kind": "company", "detail": "210 people"}],
        },
    }


def _arm(label: str, name: str, count: int, base: int) -> dict[str, Any]:
    low, high = wilson(count, base)
    return {
        "label": label,
        "name": name,
        "count": count,
        "base": base,
        "rate": count / base,
        "low": low,
        "high": high,
    }


def _split(first: int, second: int) -> list[dict[str, Any]]:
    return [{"label": "A", "count": first}, {"label": "B", "count": second}]


def _prospect(
    key: int, name: str, title: str, grade: str, state: str, *, blocked: str = ""
) -> dict[str, Any]:
    return {
        "id": key,
        "name": name,
        "title": title,
        "grade": grade,
        "state": state,
        "blocked": blocked,
        "pill": {"text": "no mail", "tone": "bad"} if blocked else {"text": "verified", "tone": "good"},
        "company": {"name": "Delta Lines", "detail": "210 people", "url": "#"},
        "scores": [
            {"name": "Fit", "value": 0.94, "reason": "size fits"},
            {"name": "Intent", "value": 0.58, "reason": "one signal"},
        ],
        "signals": [{"icon": "briefcase", "text": "Looks for planners", "when": "18 Nov"}],
    }
