"""Where the sandbox keeps its files and which ports it uses, read from the environment it was started with."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent.parent
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Places:
    """`hosts` are the only ones that the people of the sandbox ever visit."""

    directory: Path
    smtp_port: int
    inbound_port: int
    hosts: frozenset[str] = LOOPBACK

    @property
    def index(self) -> Path:
        return self.directory / "index.jsonl"

    @property
    def control(self) -> Path:
        return self.directory / "audience.json"

    def mail(self, mail_id: str) -> Path:
        return self.directory / "mail" / mail_id.partition("-")[0] / f"{mail_id}.eml"

    def truth(self, name: str) -> Path:
        return self.directory / f"truth-{name}.json"

    def actions(self, name: str) -> Path:
        return self.directory / f"actions-{name}.jsonl"


def places(environ: Mapping[str, str] = os.environ) -> Places:
    home = Path(environ.get("GTMOS_HOME") or ROOT / "var")
    port = int(environ.get("PORT") or 8000)
    public = urlsplit(environ.get("PUBLIC_URL") or "").hostname
    return Places(
        directory=home / "sandbox",
        smtp_port=int(environ.get("GTMOS_SANDBOX_SMTP_PORT") or port + 25),
        inbound_port=int(environ.get("GTMOS_INBOUND_PORT") or port + 26),
        hosts=LOOPBACK | ({public} if public else frozenset()),
    )
