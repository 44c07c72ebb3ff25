"""`gtmos.env` stands at the bottom beside the runtime, so its tests stand here."""

import stat
from dataclasses import fields
from pathlib import Path

import pytest

from gtmos.env import BASE_DIR, Environment, EnvironmentFault, kept_secret, read, server_of, settings_table
from gtmos.runtime.places import home_from


def test_with_nothing_set_everything_is_embedded_and_nothing_leaves_the_machine(tmp_path: Path) -> None:
    env = read({"GTMOS_HOME": str(tmp_path)})

    assert (env.database_url, env.redis_url, env.email_url, env.openai_base_url) == ("", "", "", "")
    assert env.sandbox is True
    assert env.allowed_hosts == ("localhost", "127.0.0.1", "[::1]")
    assert (env.port, env.sandbox_smtp_port, env.inbound_smtp_port) == (8000, 8025, 8026)


@pytest.mark.parametrize(
    ("given", "sandbox"),
    [
        ({}, True),
        ({"GTMOS_SANDBOX": "0"}, True),
        ({"EMAIL_URL": "smtp://mail.example"}, True),
        ({"EMAIL_URL": "smtp://mail.example", "GTMOS_SANDBOX": "1"}, True),
        ({"EMAIL_URL": "smtp://mail.example", "GTMOS_SANDBOX": "0"}, False),
    ],
)
def test_mail_leaves_the_machine_only_when_both_settings_say_so(
    tmp_path: Path, given: dict[str, str], *, sandbox: bool
) -> None:
    env = read({"GTMOS_HOME": str(tmp_path), **given})

    assert env.sandbox is sandbox


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("PORT", "80a", "PORT is '80a'. Write a port number from 1 to 65535."),
        ("PORT", "70000", "PORT is '70000'. Write a port number from 1 to 65535."),
        ("DEBUG", "perhaps", "DEBUG is 'perhaps'. Write 1 or 0."),
        ("GTMOS_ENV", "live", "GTMOS_ENV is 'live'. Write one of: development, production."),
        (
            "ALLOWED_HOSTS",
            "https://a.example",
            "ALLOWED_HOSTS holds 'https://a.example'. Write host names only, separated by commas.",
        ),
    ],
)
def test_a_malformed_setting_ends_with_a_sentence_that_says_what_to_write(
    tmp_path: Path, variable: str, value: str, sentence: str
) -> None:
    with pytest.raises(EnvironmentFault) as fault:
        read({"GTMOS_HOME": str(tmp_path), variable: value})

    assert str(fault.value) == sentence


@pytest.mark.parametrize(
    "value", ["localhost:53", "localhost", "127.0.0.1:", "127.0.0.1:0", "[127.0.0.1]:53", "[::1]"]
)
def test_a_name_server_that_is_no_address_is_refused_at_the_start(tmp_path: Path, value: str) -> None:
    with pytest.raises(EnvironmentFault, match=r"GTMOS_NAME_SERVER is .* Write an IP address"):
        read({"GTMOS_HOME": str(tmp_path), "GTMOS_NAME_SERVER": value})


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("127.0.0.1", ("127.0.0.1", 53)),
        ("127.0.0.1:5", ("127.0.0.1", 5)),
        ("::1", ("::1", 53)),
        ("[::1]:5", ("::1", 5)),
    ],
)
def test_a_name_server_is_an_address_with_or_without_a_port(
    tmp_path: Path, value: str, place: tuple[str, int]
) -> None:
    assert server_of(read({"GTMOS_HOME": str(tmp_path), "GTMOS_NAME_SERVER": value}).name_server) == place


def test_the_sentence_about_a_malformed_address_does_not_repeat_its_password(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault) as fault:
        read({"GTMOS_HOME": str(tmp_path), "DATABASE_URL": "mysql://user:hunter2@host/db"})

    assert str(fault.value) == (
        "DATABASE_URL is not an address this product understands. "
        "Write an address that begins with postgres:// or postgresql://."
    )


def test_production_asks_for_a_secret_key(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="SECRET_KEY is not set"):
        read({"GTMOS_HOME": str(tmp_path), "GTMOS_ENV": "production"})


def test_production_has_no_demo_password_no_debug_pages_and_no_hosts(tmp_path: Path) -> None:
    env = read({"GTMOS_HOME": str(tmp_path), "GTMOS_ENV": "production", "SECRET_KEY": "k"})

    assert (env.demo_password, env.debug, env.allowed_hosts) == ("", False, ())
    assert list(tmp_path.iterdir()) == []


def test_a_made_key_stays_the_same_and_is_the_owners_alone(tmp_path: Path) -> None:
    first = read({"GTMOS_HOME": str(tmp_path)})
    second = read({"GTMOS_HOME": str(tmp_path)})

    assert len(first.secret_key) >= 50
    assert (second.secret_key, second.demo_password) == (first.secret_key, first.demo_password)
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_of_two_that_make_the_key_at_once_both_get_the_first(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"

    def overtaken() -> str:
        kept_secret(path, lambda: "first")
        return "second"

    assert kept_secret(path, overtaken) == "first"
    assert [each.name for each in tmp_path.iterdir()] == ["secret_key"]


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(EnvironmentFault, match="Set GTMOS_HOME to a directory you may write to"):
        read({"GTMOS_HOME": str(tmp_path / "file" / "home")})


def test_secrets_stay_out_of_what_is_printed(tmp_path: Path) -> None:
    env = read(
        {"GTMOS_HOME": str(tmp_path), "SECRET_KEY": "hunter2", "DATABASE_URL": "postgresql://u:hunter2@h/d"}
    )

    assert repr(env).count("hunter2") == 0


def test_the_runtime_and_the_settings_agree_on_the_home(tmp_path: Path) -> None:
    homes = [
        home_from({}),
        home_from({"GTMOS_HOME": str(tmp_path)}),
        read({"GTMOS_HOME": str(tmp_path)}).home,
    ]

    assert homes == [BASE_DIR / "var", tmp_path, tmp_path]


def test_every_setting_is_in_the_table() -> None:
    lines = settings_table().splitlines()

    assert len(lines) == len(fields(Environment)) + 2
