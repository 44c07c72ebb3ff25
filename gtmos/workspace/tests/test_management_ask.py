"""Asking from the command line."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from crm.models import Company, Task
from gtmos.kernel.people.models import ApiToken, Role, User
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db

WORLD = {
    "now": "2026-03-11T10:00:00",
    "timezone": "America/New_York",
    "currency": "USD",
    "me": "Alex Rivera",
    "users": [{"name": "Alex Rivera", "role": "ae"}],
    "companies": ["Globex"],
    "contacts": [
        {"name": "Hank Scorpio", "title": "CEO", "company": "Globex", "email": "hank@globex.example"}
    ],
    "deals": [{"name": "Globex Annual", "company": "Globex", "stage": "discovery", "amount": 90000}],
    "deal_stages": ["lead", "discovery", "proposal", "closed_won", "closed_lost"],
}
ITEMS = [
    {"id": "1", "command": "move Globex Annual to proposal", "context": {}},
    {"id": "2", "command": "move Globex Annual to proposal", "context": {}, "role": "viewer"},
]


def said(*arguments):
    out = StringIO()
    call_command("ask", *arguments, stdout=out)
    return out.getvalue()


def test_a_batch_is_planned_in_its_own_workspace_which_is_gone_afterwards(tmp_path):
    batch, world = tmp_path / "batch.jsonl", tmp_path / "world.json"
    batch.write_text("\n".join(json.dumps(item) for item in ITEMS))
    world.write_text(json.dumps(WORLD))

    lines = said("--batch", str(batch), "--world", str(world), "--plan-only").splitlines()

    first, second = (json.loads(line) for line in lines)
    slots = {"deal": "Globex Annual", "set": {"stage": "proposal"}}
    assert first["steps"] == [{"intent": "deal.update", "slots": slots}]
    assert (second["outcome"], second["reason"], second["steps"]) == ("refuse", "permission", [])
    assert (Company.objects.count(), User.objects.count()) == (0, 0)


def test_a_sentence_is_done_with_the_rights_of_the_person_named():
    user = a_user(name="Kary Hendrixson")

    lines = said("remind me to call the office tomorrow", "--as", user.email, "--json").splitlines()

    parts = [json.loads(line) for line in lines]
    assert [part["type"] for part in parts] == ["plan", "step", "result"]
    assert Task.objects.get().owner == user


def test_plan_only_changes_nothing():
    user = a_user(role=Role.AE)

    said("remind me to call the office tomorrow", "--as", user.email, "--plan-only")

    assert Task.objects.count() == 0


def test_a_person_who_is_not_here_is_said_so():
    with pytest.raises(CommandError, match=r"Nobody here has the address x@y\.example"):
        said("help", "--as", "x@y.example")


def test_a_token_is_shown_once_and_kept_as_a_digest():
    user = a_user()
    out = StringIO()

    call_command("token", user.email, "--scopes", "read,write", stdout=out)

    stored = ApiToken.objects.get(user=user)
    assert stored.scopes == ["read", "write"]
    assert stored.digest not in out.getvalue()
