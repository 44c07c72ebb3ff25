"""Every setting an operator may change: typed, documented, with an embedded default.

Read from the environment once, at first import. It knows nothing else of the product, so that settings, the runtime
and the sandbox may all read it. `python -m gtmos.env` prints each setting with its type, default and effect.
"""

import os
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")
YES = frozenset({"1", "true", "yes", "on"})
NAME_PORT = 53
NO = frozenset({"0", "false", "no", "off"})


class EnvironmentFault(SystemExit):
    """A setting is malformed or missing: the process ends with a sentence that says what to write instead."""


def setting(variable: str, default: str, effect: str, *, secret: bool = False) -> Any:
    """A field with the words the settings page prints for it; a secret stays out of logs and error pages."""
    return field(repr=not secret, metadata={"variable": variable, "default": default, "effect": effect})


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    # Stores. The embedded ones are attached before Django is configured, by setting these two variables.
    database_url: str = setting(
        "DATABASE_URL", "embedded", "PostgreSQL 16 or newer with pgvector 0.8", secret=True
    )
    redis_url: str = setting(
        "REDIS_URL", "embedded", "Redis or Valkey: job broker and live updates", secret=True
    )
    # The outside world. Nothing leaves the machine while these are empty.
    email_url: str = setting("EMAIL_URL", "sandbox", "SMTP server that carries outgoing mail", secret=True)
    inbox_url: str = setting("INBOX_URL", "sandbox", "IMAP mailbox that receives replies", secret=True)
    calendar_url: str = setting(
        "CALENDAR_URL", "none", "CalDAV calendar; checked at the start, and read by nothing yet", secret=True
    )
    sandbox: bool = setting(
        "GTMOS_SANDBOX", "1", "With 0, and only when EMAIL_URL is set too, mail really leaves the machine"
    )
    openai_api_key: str = setting("OPENAI_API_KEY", "none", "Key of the model endpoint", secret=True)
    openai_base_url: str = setting("OPENAI_BASE_URL", "the provider's", "Any OpenAI-compatible endpoint")
    openai_model: str = setting("OPENAI_MODEL", "none", "Model the agents ask")
    apollo_api_key: str = setting("APOLLO_API_KEY", "none", "Key of the Apollo data source", secret=True)
    lease_seconds: int = setting(
        "GTMOS_LEASE_SECONDS", "900", "How long the mails of a worker that died wait for another one"
    )
    pooled: bool = setting(
        "GTMOS_POOL", "0", "Keep a pool of database connections; the web server sets it for itself"
    )
    secrets_keys: tuple[str, ...] = setting(
        "GTMOS_SECRETS_KEYS",
        "SECRET_KEY",
        "Keys that seal kept secrets, the newest first, separated by commas",
        secret=True,
    )
    private_hosts: tuple[str, ...] = setting(
        "GTMOS_PRIVATE_HOSTS", "none", "Hosts that webhooks may reach although they are not public"
    )
    api_limit: int = setting(
        "GTMOS_API_LIMIT", "600", "API requests a minute and token; events may be 20 times as many"
    )
    session_idle_minutes: int = setting(
        "GTMOS_SESSION_IDLE_MINUTES", "480", "A session ends after so many minutes without a request"
    )
    session_longest_hours: int = setting(
        "GTMOS_SESSION_HOURS", "168", "A session ends so many hours after signing in, whatever is done in it"
    )
    notice_from: str = setting(
        "GTMOS_NOTICE_FROM",
        "no-reply at the host of PUBLIC_URL",
        "Address that invitations and new passwords are sent from",
    )
    name_server: str = setting(
        "GTMOS_NAME_SERVER",
        "the machine's own; none in the sandbox",
        "Name server that records of our sending domains are read from, as address or address:port",
    )
    test_database: str = setting("GTMOS_TEST_DB", "test_gtmos", "Name of the database that tests make")
    # This installation.
    production: bool = setting("GTMOS_ENV", "development", "With `production`, unsafe defaults are errors")
    debug: bool = setting(
        "DEBUG", "0", "Detailed error pages and every statement kept; refused in production"
    )
    secret_key: str = setting(
        "SECRET_KEY",
        "made once, kept in GTMOS_HOME",
        "Signs sessions and links; needed in production",
        secret=True,
    )
    allowed_hosts: tuple[str, ...] = setting(
        "ALLOWED_HOSTS", "loopback, in production none", "Host names served, separated by commas"
    )
    home: Path = setting(  # noqa: RUF009 -- setting() is dataclasses.field with documentation
        "GTMOS_HOME", "var/", "Directory of all state: stores, logs, keys"
    )
    demo_password: str = setting(
        "GTMOS_DEMO_PASSWORD", "made once, kept in GTMOS_HOME", "Password of the demo sign-in", secret=True
    )
    # Addresses on loopback.
    port: int = setting("PORT", "8000", "Port of the pages and the API")
    public_url: str = setting(
        "PUBLIC_URL", "http://127.0.0.1:PORT", "Address that links in mails point to; https in production"
    )
    sandbox_smtp_port: int = setting(
        "GTMOS_SANDBOX_SMTP_PORT", "PORT + 25", "Port on which the sandbox takes outgoing mail"
    )
    inbound_smtp_port: int = setting(
        "GTMOS_INBOUND_PORT", "PORT + 26", "Port on which replies and bounces come in by SMTP"
    )


def read(environ: Mapping[str, str]) -> Environment:
    """All settings; raises EnvironmentFault with one sentence when a value is malformed."""
    production = _one_of(environ, "GTMOS_ENV", ("development", "production")) == "production"
    home = Path(environ.get("GTMOS_HOME", "").strip() or BASE_DIR / "var").expanduser().absolute()
    port = _port(environ, "PORT", 8000)
    secret_key = _secret_key(environ, home, production=production)
    email_url = _url(environ, "EMAIL_URL", ("smtp", "smtps", "smtp+tls"))
    return Environment(
        database_url=_url(environ, "DATABASE_URL", ("postgres", "postgresql")),
        redis_url=_url(environ, "REDIS_URL", ("redis", "rediss", "unix", "redis+socket")),
        email_url=email_url,
        inbox_url=_url(environ, "INBOX_URL", ("imap", "imaps", "imap+tls")),
        calendar_url=_url(environ, "CALENDAR_URL", ("http", "https", "caldav", "caldavs")),
        sandbox=not (email_url and not _flag(environ, "GTMOS_SANDBOX", default=True)),
        openai_api_key=_text(environ, "OPENAI_API_KEY"),
        openai_base_url=_url(environ, "OPENAI_BASE_URL", ("http", "https")),
        openai_model=_text(environ, "OPENAI_MODEL"),
        apollo_api_key=_text(environ, "APOLLO_API_KEY"),
        test_database=_text(environ, "GTMOS_TEST_DB") or "test_gtmos",
        lease_seconds=_seconds(environ, "GTMOS_LEASE_SECONDS", 900),
        api_limit=_number(environ, "GTMOS_API_LIMIT", 600),
        session_idle_minutes=_number(environ, "GTMOS_SESSION_IDLE_MINUTES", 480),
        session_longest_hours=_number(environ, "GTMOS_SESSION_HOURS", 168),
        notice_from=_text(environ, "GTMOS_NOTICE_FROM"),
        name_server=_name_server(environ, "GTMOS_NAME_SERVER"),
        pooled=_flag(environ, "GTMOS_POOL", default=False),
        production=production,
        debug=_flag(environ, "DEBUG", default=False),
        secret_key=secret_key,
        allowed_hosts=_hosts(environ, () if production else LOOPBACK_HOSTS),
        home=home,
        secrets_keys=_secrets_keys(environ, secret_key),
        private_hosts=_names(environ, "GTMOS_PRIVATE_HOSTS"),
        demo_password=_demo_password(environ, home, production=production),
        port=port,
        public_url=(_url(environ, "PUBLIC_URL", ("https", "http")) or f"http://127.0.0.1:{port}").rstrip("/"),
        sandbox_smtp_port=_port(environ, "GTMOS_SANDBOX_SMTP_PORT", port + 25),
        inbound_smtp_port=_port(environ, "GTMOS_INBOUND_PORT", port + 26),
    )


def kept_secret(path: Path, make: Callable[[], str]) -> str:
    """The secret in this file; made once, readable by its owner alone, also when two processes start together."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        secret = make()
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secret)
        # Unlike a rename, a link never replaces the secret another process has just made.
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def _secret_key(environ: Mapping[str, str], home: Path, *, production: bool) -> str:
    given = _text(environ, "SECRET_KEY")
    if given:
        return given
    if production:
        raise EnvironmentFault("SECRET_KEY is not set. In production set it to 50 or more random characters.")
    return _kept(home / "secret_key", lambda: secrets.token_urlsafe(50))


def _secrets_keys(environ: Mapping[str, str], secret_key: str) -> tuple[str, ...]:
    given = _names(environ, "GTMOS_SECRETS_KEYS")
    if any(len(key) < 32 for key in given):
        raise EnvironmentFault(
            "GTMOS_SECRETS_KEYS holds a key of fewer than 32 characters. Write longer ones."
        )
    return given or (secret_key,)


def _names(environ: Mapping[str, str], variable: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in _text(environ, variable).split(",") if name.strip())


def _demo_password(environ: Mapping[str, str], home: Path, *, production: bool) -> str:
    given = _text(environ, "GTMOS_DEMO_PASSWORD")
    if given or production:
        return given
    return _kept(home / "demo_password", lambda: secrets.token_urlsafe(9))


def _kept(path: Path, make: Callable[[], str]) -> str:
    try:
        return kept_secret(path, make)
    except OSError as error:
        raise EnvironmentFault(
            f"{path} cannot be written ({error.strerror}). Set GTMOS_HOME to a directory you may write to."
        ) from error


def _text(environ: Mapping[str, str], variable: str) -> str:
    return environ.get(variable, "").strip()


def _one_of(environ: Mapping[str, str], variable: str, allowed: tuple[str, ...]) -> str:
    value = _text(environ, variable) or allowed[0]
    if value not in allowed:
        raise EnvironmentFault(f"{variable} is {value!r}. Write one of: {', '.join(allowed)}.")
    return value


def _flag(environ: Mapping[str, str], variable: str, *, default: bool) -> bool:
    value = _text(environ, variable).lower()
    if not value:
        return default
    if value not in YES | NO:
        raise EnvironmentFault(f"{variable} is {value!r}. Write 1 or 0.")
    return value in YES


def _port(environ: Mapping[str, str], variable: str, default: int) -> int:
    value = _text(environ, variable) or str(default)
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise EnvironmentFault(f"{variable} is {value!r}. Write a port number from 1 to 65535.")
    return int(value)


def _seconds(environ: Mapping[str, str], variable: str, default: int) -> int:
    value = _text(environ, variable) or str(default)
    if not value.isdecimal() or not 8 <= int(value) <= 86_400:
        raise EnvironmentFault(f"{variable} is {value!r}. Write a number of seconds from 8 to 86400.")
    return int(value)


def _number(environ: Mapping[str, str], variable: str, default: int) -> int:
    value = _text(environ, variable) or str(default)
    if not value.isdecimal() or not 0 < int(value) < 1_000_000:
        raise EnvironmentFault(f"{variable} is {value!r}. Write a number from 1 to 999999.")
    return int(value)


def _url(environ: Mapping[str, str], variable: str, schemes: tuple[str, ...]) -> str:
    value = _text(environ, variable)
    if not value:
        return ""
    # The value may hold a password, so the sentence names the variable and never repeats the address.
    expected = f"Write an address that begins with {' or '.join(f'{scheme}://' for scheme in schemes)}."
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 -- reading it is what checks it
    except ValueError as error:
        raise EnvironmentFault(f"{variable} is not an address. {expected}") from error
    if parts.scheme not in schemes or not (parts.netloc or parts.path):
        raise EnvironmentFault(f"{variable} is not an address this product understands. {expected}")
    return value


def _name_server(environ: Mapping[str, str], variable: str) -> str:
    """An address of version 6 stands in brackets where a port follows; the resolver takes no names."""
    value = _text(environ, variable)
    try:
        if value:
            server_of(value)
    except ValueError as error:
        raise EnvironmentFault(
            f"{variable} is {value!r}. Write an IP address, or 192.0.2.1:53 or [2001:db8::1]:53 with a port."
        ) from error
    return value


def server_of(value: str) -> tuple[str, int]:
    """The address and port; raises ValueError on anything else."""
    try:
        return str(ip_address(value)), NAME_PORT
    except ValueError:
        address, colon, port = value.rpartition(":")
        is_6 = address.startswith("[") and address.endswith("]")
        found = ip_address(address[1:-1] if is_6 else address)
        if not colon or (found.version == 6) != is_6 or not port.isdecimal() or not 0 < int(port) < 65536:
            raise
        return str(found), int(port)


def _hosts(environ: Mapping[str, str], default: tuple[str, ...]) -> tuple[str, ...]:
    hosts = tuple(host.strip() for host in _text(environ, "ALLOWED_HOSTS").split(",") if host.strip())
    for host in hosts:
        if "/" in host or " " in host:
            raise EnvironmentFault(
                f"ALLOWED_HOSTS holds {host!r}. Write host names only, separated by commas."
            )
    return hosts or default


def settings_table() -> str:
    """Every setting with its type, default and effect, as Markdown."""
    rows = ["| Variable | Type | Default | Effect |", "| --- | --- | --- | --- |"]
    for each in fields(Environment):
        words = each.metadata
        kind = getattr(each.type, "__name__", str(each.type))
        rows.append(f"| `{words['variable']}` | {kind} | {words['default']} | {words['effect']} |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.stdout.write(settings_table() + "\n")
else:
    env = read(os.environ)
