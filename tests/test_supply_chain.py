"""What the product is made of: pinned with hashes, under licences we may use, and without a secret of ours."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
APPS = ("gtmos", "crm", "outreach", "issues", "journeys", "agents")
ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "LGPL-3.0-only",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-2.0",
    "PSF-2.0",
    "PostgreSQL",
    "Unlicense",
    "Zlib",
}  # fmt: skip -- a list of names
# How packages say it that do not use the names of SPDX.
SAID = {
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "BSD": "BSD-3-Clause",
    "BSD 3-Clause": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "ISC License (ISCL)": "ISC",
    "The Unlicense (Unlicense)": "Unlicense",
}
SECRETS = {
    "a private key": r"-----BEGIN (RSA |EC |OPENSSH |DSA |PGP )?PRIVATE KEY",
    "a key of AWS": r"\b(AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token of GitHub": r"\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{50,})",
    "a token of Slack": r"\bxox[abprs]-[0-9A-Za-z-]{20,}",
    "a key of OpenAI": r"\bsk-(proj-|ant-)?[A-Za-z0-9_-]{32,}",
    "a key of Stripe": r"\b[rs]k_live_[0-9A-Za-z]{20,}",
    "a key of Google": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "a key of SendGrid": r"\bSG\.[\w-]{20,}\.[\w-]{20,}",
    "a webhook's secret": r"\bwhsec_[A-Za-z0-9+/]{32,}",
    "a token with claims": r"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[\w-]{10,}",
    "a password in an address": r"\b[a-z+]{3,12}://[^\s:/@'\"{}$<>]+:[^\s:/@'\"{}$<>]{8,}@(?!127\.|localhost)[\w.-]+\.(?!example|test|invalid)[a-z]{2,}",
    "a value called a secret": r"(?i)\b(secret_key|api_key|password|token)\s*=\s*[\"'](?=[^\"']*\d)(?=[^\"']*[a-z])(?=[^\"']*[A-Z])[A-Za-z0-9+/_=-]{24,}[\"']",
}


def named(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(file: str) -> dict[str, Requirement]:
    lines = (line.partition(" #")[0].strip() for line in (ROOT / file).read_text().splitlines())
    wanted = [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]
    return {named(each.name): each for each in wanted}


def locked(file: str) -> dict[str, tuple[Requirement, list[str]]]:
    """Each package with the hashes of its files."""
    whole = (ROOT / file).read_text().replace("\\\n", " ")
    found = {}
    for line in whole.splitlines():
        if line and not line.startswith("#"):
            wanted, *hashes = re.split(r"\s+--hash=", line)
            one = Requirement(wanted)
            found[named(one.name)] = (one, hashes)
    return found


def applies(one: Requirement) -> bool:
    return one.marker is None or one.marker.evaluate()


@pytest.mark.parametrize("file", ["requirements", "requirements-dev"])
def test_each_package_has_one_version_and_the_hashes_of_its_files(file: str) -> None:
    wanted, held = pinned(f"{file}.txt"), locked(f"{file}.lock")

    assert [name for name, one in wanted.items() if not re.fullmatch(r"==[^*,]+", str(one.specifier))] == []
    assert [name for name, one in wanted.items() if str(held[name][0].specifier) != str(one.specifier)] == []
    assert [name for name, (_, hashes) in held.items() if not hashes] == []
    assert [
        each
        for _, hashes in held.values()
        for each in hashes
        if not re.fullmatch(r"sha256:[0-9a-f]{64}", each.strip())
    ] == []


def test_what_tests_and_runs_use_of_a_package_is_the_same_version() -> None:
    run, dev = locked("requirements.lock"), locked("requirements-dev.lock")

    assert {
        name: one for name, one in run.items() if str(dev[name][0].specifier) != str(one[0].specifier)
    } == {}


def test_what_is_installed_is_what_is_pinned() -> None:
    held = {**pinned("requirements.txt"), **pinned("requirements-dev.txt")}

    assert {
        name: metadata.version(one.name)
        for name, one in held.items()
        if applies(one) and metadata.version(one.name) not in one.specifier
    } == {}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def product_code() -> list[Path]:
    found = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "tests" not in path.parts]
    return [*found, ROOT / "manage.py"]


def test_whatever_the_product_imports_is_asked_for_by_name() -> None:
    given = {named(name) for name in pinned("requirements.txt")} | {"django-stubs-ext"}
    owners = metadata.packages_distributions()
    used = (
        {name for path in product_code() for name in imports(path)} - set(sys.stdlib_module_names) - set(APPS)
    )

    assert {name for name in used if not {named(each) for each in owners.get(name, ())} & given} == set()
    assert len(used) > 25


def licences(of: metadata.Distribution) -> set[str]:
    """In the names of SPDX; of a choice each, since one suffices, and all of a sum."""
    about = of.metadata
    said = about.get("License-Expression") or ""
    if not said:
        classifiers = [
            each.rpartition(":: ")[2]
            for each in about.get_all("Classifier") or ()
            if each.startswith("License ::")
        ]
        known = [each for each in classifiers if each != "OSI Approved"]
        said = known[0] if known else (about.get("License") or "not said").splitlines()[0]
    if said in SAID:
        return {SAID[said]}
    choices = [
        {SAID.get(each.strip(" ()"), each.strip(" ()")) for each in part.split(" AND ")}
        for part in said.split(" OR ")
    ]
    return next((each for each in choices if each <= ALLOWED), choices[0])


def test_every_package_that_runs_has_a_licence_we_may_use() -> None:
    used = [one for one, _ in locked("requirements.lock").values() if applies(one)]

    found = {one.name: licences(metadata.distribution(one.name)) for one in used}

    assert {name: says for name, says in found.items() if not says <= ALLOWED} == {}
    assert len(found) > 70


def committed() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True
    ).stdout.decode()
    return [
        ROOT / name
        for name in listed.split("\0")
        if name and not name.endswith((".woff2", ".png", ".gz", ".lock"))
    ]


def secrets_in(text: str) -> list[str]:
    return [what for what, pattern in SECRETS.items() if re.search(pattern, text)]


def test_no_secret_is_committed() -> None:
    files = [path for path in committed() if path.is_file()]

    found = {
        str(path.relative_to(ROOT)): what
        for path in files
        if (what := secrets_in(path.read_text(errors="replace")))
    }

    assert found == {}
    assert len(files) > 500


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("-----BEGIN " + "PRIVATE KEY-----", "a private key"),
        ("key = AKIA" + "ABCDEFGHIJKLMNOP", "a key of AWS"),
        ("ghp_" + "a1" * 18, "a token of GitHub"),
        ("sk-proj-" + "a1B2" * 10, "a key of OpenAI"),
        ("smtp://kary:" + "hunter2hunter2@mail.contoso.com", "a password in an address"),
        ("API_KEY = '" + "aB3" * 10 + "'", "a value called a secret"),
    ],
)
def test_a_secret_would_be_found(text: str, what: str) -> None:
    assert secrets_in(f"here\n{text}\nthere") == [what]


def test_a_licence_that_binds_us_would_be_found() -> None:
    class Copyleft:
        metadata = {"License-Expression": "GPL-3.0-only OR AGPL-3.0-only"}

    assert licences(Copyleft()) - ALLOWED == {"GPL-3.0-only"}  # type: ignore[arg-type]
