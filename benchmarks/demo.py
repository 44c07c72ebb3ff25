"""The main job without a screen, three times, with the audience's truth beside our verdict.

    python -m benchmarks.demo [--only small]

Each time a throw-away installation is started whole, as `make run` would, and everything is done by sentences and by the
audience's mails. The last line is JSON.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.waiting import until
from gtmos.runtime.ports import free_port
from gtmos.runtime.stores import running

WORLDS = {"small": (18, ""), "b_better": (0, "B"), "no_difference": (0, "")}


def main() -> int:
    only = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else ""
    worlds = [only] if only else list(WORLDS)
    figures = {name: apart(name) for name in worlds}
    held = all(world.get("ok") for world in figures.values())
    print(json.dumps({**figures, "ok": held}))
    return 0 if held else 1


def apart(name: str) -> dict[str, Any]:
    """In a process of its own, because each has a database of its own."""
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks.demo", "--one", name],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    lines = result.stdout.strip().splitlines()
    print("\n".join(lines[:-1]), flush=True)
    try:
        return dict(json.loads(lines[-1]))
    except (IndexError, ValueError):
        return {"ok": False, "short_of": [f"ended with {result.returncode}"]}


def one(name: str) -> dict[str, Any]:
    from outreach.experiments.sample_size import needed_per_arm

    people = WORLDS[name][0] or 2 * needed_per_arm(0.05, 0.10, alpha=0.05, power=0.8).always_valid
    with tempfile.TemporaryDirectory(prefix="gtmos-demo-") as home:
        Path(home).chmod(0o755)
        os.environ |= {
            "GTMOS_HOME": home,
            "PORT": str(free_port()),
            "GTMOS_DEMO_PASSWORD": "only-for-this-run",
        }
        command("seed_demo", "--chiefs", str(people), "--daily-cap", "5000")
        product = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            stdout=subprocess.DEVNULL,
            stderr=(Path(home) / "up.log").open("w"),
        )
        try:
            return walked(name, Path(home))
        finally:
            product.send_signal(signal.SIGTERM)
            product.wait(60)


def command(*words: str) -> str:
    """As a person at a terminal would."""
    if words[0] == "seed_demo":
        subprocess.run([sys.executable, "-W", "ignore", "manage.py", "migrate", "-v", "0"], check=True)
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", *words], stdout=subprocess.PIPE, text=True, check=True
    )
    return result.stdout


def walked(name: str, home: Path) -> dict[str, Any]:
    addresses = until(lambda: running(home) if (home / "stores.json").exists() else None, "the stores")
    addresses.publish()
    os.environ["DJANGO_SETTINGS_MODULE"] = "gtmos.settings"
    import django

    django.setup()
    from gtmos.workspace.selectors.readiness import readiness

    until(lambda: readiness()["ok"], f"readiness: {readiness()}", seconds=120)
    from benchmarks.walk import Walk

    return Walk(name, home, better=WORLDS[name][1]).go()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(sys.argv[2])))
    else:
        sys.exit(main())
