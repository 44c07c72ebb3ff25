"""Lists from the command line."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from crm.models import Company, Deal, ImportBatch, Pipeline, Stage
from gtmos.kernel.models import Change, EventRecord

pytestmark = pytest.mark.django_db

LIST = 'Name,Website,Email,Notes\nAda,a.example,ada@a.example,"one\ntwo\nthree"\nBo,b.example,bo@b.example,\nCy,c.example,no address,\n'


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture
def people(tmp_path: Path) -> str:
    path = tmp_path / "people.csv"
    path.write_text(LIST)
    return str(path)


def said(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("import_csv", *arguments, "--json", stdout=out)
    result: dict[str, Any] = json.loads(out.getvalue())
    return result


def test_a_dry_run_says_what_the_import_would_do(people: str) -> None:
    told = said(people, "--into", "contacts", "--dry-run")
    done = said(people, "--into", "contacts")

    own = {"seconds", "rejected_file"}
    assert {key: told[key] for key in done if key not in own} == {
        key: value for key, value in done.items() if key not in own
    }
    assert (told["rows"], told["rejected"], told["created"]["contacts"]) == (3, 1, 2)
    assert told["columns"]["Email"] == "contact.email"


def test_a_dry_run_leaves_nothing_behind(people: str, files: Path) -> None:
    said(people, "--dry-run")

    kept = [model.objects.count() for model in (Company, Deal, ImportBatch, Pipeline, Stage, Change)]
    assert (kept, EventRecord.objects.count()) == ([0, 0, 0, 0, 0, 0], 0)
    assert [path for path in files.rglob("*") if path.is_file()] == []


def test_a_dry_run_of_deals_adds_their_amounts_up(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text("Deal Name,Amount,Company Name,Deal Stage\nBig,500,Zed,Closed won\nSmall,5,Zed,Lead\n")

    told = said(str(path), "--dry-run")

    assert told["amounts"] == {"won": "500", "lost": "0", "open": "5"}
    assert Deal.objects.count() == 0


def test_a_file_that_is_no_list_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"")

    with pytest.raises(CommandError, match="The file is empty"):
        said(str(path), "--dry-run")
