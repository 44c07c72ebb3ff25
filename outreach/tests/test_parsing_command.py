"""The command that classifies message files."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command


def run(*arguments, **options):
    out, errors = StringIO(), StringIO()
    call_command("classify_mail", *arguments, stdout=out, stderr=errors, **options)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def write(folder, name, body="Not interested."):
    path = folder / name
    path.write_text(f"From: ann@firm.example\nTo: sam@gtm.example\nSubject: Re: Hi\n\n{body}\n")
    return str(path)


def test_each_file_gives_one_row(tmp_path):
    rows = run(write(tmp_path, "one.eml"), write(tmp_path, "two.eml", "Please remove me from your list."))

    assert [(row["file"], row["kind"], row["intent"]) for row in rows] == [
        ("one.eml", "reply", "not_interested"),
        ("two.eml", "unsubscribe", "unsubscribe"),
    ]


def test_a_folder_is_read_in_order_of_names(tmp_path):
    write(tmp_path, "b.eml")
    write(tmp_path, "a.eml")

    assert [row["file"] for row in run(batch=str(tmp_path))] == ["a.eml", "b.eml"]


def test_mail_of_our_own_mailboxes_is_marked(tmp_path):
    rows = run(write(tmp_path, "sent.eml"), own=["ann@firm.example"])

    assert [(row["kind"], row["reason"]) for row in rows] == [("other", "own_message")]


def test_an_unreadable_file_is_named_and_the_rest_is_done(tmp_path):
    out, errors = StringIO(), StringIO()
    missing = str(tmp_path / "missing.eml")
    with pytest.raises(CommandError, match="1 of 2 files could not be read"):
        call_command("classify_mail", missing, write(tmp_path, "one.eml"), stdout=out, stderr=errors)

    assert errors.getvalue() == f"{missing} could not be read: No such file or directory.\n"
    assert json.loads(out.getvalue())["file"] == "one.eml"


def test_without_files_the_command_says_what_it_needs():
    with pytest.raises(CommandError, match="Name message files, or a folder with --batch"):
        run()
