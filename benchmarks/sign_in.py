"""Can somebody tell from the clock who has an account? Signing in and asking for a new password, timed.

Addresses that are known, unknown and deactivated are asked in mixed order, each with a wrong password. Printed is how
the median of each kind stands to that of the known ones, with a 95 % interval from 2,000 redrawn samples. Wall time is
what a stranger sees; processor time is what the machine did, whoever else was busy on it.

    python -m benchmarks.sign_in [--tries 400]
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from random import Random
from statistics import median
from typing import Any

from benchmarks.stage import fresh_stores, misses

KINDS = ("known", "unknown", "deactivated")
DOORS = {"sign_in": "/login/", "new_password": "/login/forgot/"}
PEOPLE, SEED, REDRAWN = 20, 8, 2000
WIDEST = 0.1  # a median may differ by a tenth
PASSWORD = "a long enough sentence"  # noqa: S105 -- of people who are thrown away with their stores


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--tries", type=int, default=400, help="of each kind at each door")
    tries: int = options.parse_args().tries
    with fresh_stores():
        figures: dict[str, Any] = {
            door: compared(timed(address, tries), Random(SEED)) for door, address in DOORS.items()
        }
    short_of = misses(*(limit for door, found in figures.items() for limit in limits(door, found)))
    print(json.dumps({**figures, "tries": tries, "ok": not short_of, "short_of": short_of}))
    return 1 if short_of else 0


def limits(door: str, found: dict[str, Any]) -> list[tuple[bool, str]]:
    return [
        (abs(values["processor_ratio"][0] - 1) <= WIDEST, f"{door}: {kind} takes another time than known")
        for kind, values in found.items()
        if kind != "known"
    ]


def timed(address: str, tries: int) -> dict[str, list[tuple[float, float]]]:
    """Wall and processor seconds of each try, by kind."""
    from django.test import Client

    from gtmos.kernel.signin.models import FailedTry, SignInLink

    draw, taken = Random(SEED), defaultdict[str, list[tuple[float, float]]](list)
    emails = addresses()
    for number in range(-5, tries):  # the first ones warm everything up
        for kind in draw.sample(KINDS, len(KINDS)):
            client, email = Client(SERVER_NAME="localhost"), emails[kind](number)
            form = {"username": email, "email": email, "password": "wrong"}
            wall, processor = time.perf_counter(), time.process_time()
            answer = client.post(address, form)
            spent = (time.perf_counter() - wall, time.process_time() - processor)
            assert answer.status_code in {200, 302}, answer.status_code
            if number >= 0:
                taken[kind].append(spent)
        FailedTry.objects.all().delete()
        SignInLink.objects.all().delete()
    return taken


def addresses() -> dict[str, Any]:
    from gtmos.kernel.people.models import User

    for kind in ("known", "deactivated"):
        for number in range(PEOPLE):
            name = f"{kind}{number}@timing.example"
            if not User.objects.filter(email=name).exists():
                user = User.objects.create_user(name, PASSWORD, name=f"{kind} {number}")
                User.objects.filter(pk=user.pk).update(is_active=kind == "known")
    return {
        "known": lambda number: f"known{number % PEOPLE}@timing.example",
        "deactivated": lambda number: f"deactivated{number % PEOPLE}@timing.example",
        "unknown": lambda number: f"nobody{number}@timing.example",
    }


def compared(taken: dict[str, list[tuple[float, float]]], draw: Random) -> dict[str, Any]:
    found = {}
    for kind in KINDS:
        sides = {}
        for side, name in enumerate(("wall", "processor")):
            known, other = ([each[side] for each in taken[one]] for one in ("known", kind))
            sides[f"{name}_ms"] = round(median(other) * 1000, 2)
            sides[f"{name}_ratio"] = ratio(known, other, draw)
        found[kind] = sides
    return found


def ratio(known: list[float], other: list[float], draw: Random) -> tuple[float, float, float]:
    """Of the medians, with the bounds between which 95 % of redrawn samples lie."""
    redrawn = sorted(
        median(draw.choices(other, k=len(other))) / median(draw.choices(known, k=len(known)))
        for _ in range(REDRAWN)
    )
    low, high = redrawn[REDRAWN // 40], redrawn[-REDRAWN // 40]
    return round(median(other) / median(known), 3), round(low, 3), round(high, 3)


if __name__ == "__main__":
    sys.exit(main())
