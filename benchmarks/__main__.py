"""All figures in one run: `python -m benchmarks [--quick]`. The last line is JSON with every figure.

Each part runs in a process of its own, so that its memory and its stores are its own.
"""

import json
import subprocess
import sys
from typing import Any

PARTS = (
    "experiments",
    "readings",
    "imports",
    "exports",
    "pages",
    "api",
    "touches",
    "provider_posts",
    "windows",
    "workflows",
    "serving",
    "scale",
)
SMALL = {
    "scale": ["--quick"]
}  # the whole of it needs 30 GB and most of an hour: `python -m benchmarks.scale`


def part(name: str, arguments: list[str]) -> dict[str, Any]:
    print(f"== {name}", flush=True)
    result = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    lines = result.stdout.strip().splitlines()
    try:
        figures = dict(json.loads(lines[-1]))
    except (IndexError, ValueError):
        return {"ok": False, "short_of": [f"{name} ended with {result.returncode} and no figures"]}
    for label, value in figures.items():
        print(f"{label}: {value}")
    return figures


def main() -> int:
    figures: dict[str, Any] = {name: part(name, SMALL.get(name, sys.argv[1:])) for name in PARTS}
    figures["ok"] = all(figures[name].get("ok") for name in PARTS)
    print(json.dumps(figures))
    return 0 if figures["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
