"""Judge an experiment from counts on standard input."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from outreach.experiments.errors import InvalidExperimentError
from outreach.experiments.evaluation import Evaluation
from outreach.experiments.reporting import evaluate_payload, figures
from outreach.experiments.wording import describe

WRONG_INPUT = 2


class Command(BaseCommand):
    help = (
        'Read {"variants": [{"name", "trials", "successes"}, …], "looks": n, "alpha": 0.05} on standard '
        "input, the control first, and print the verdict with all figures."
    )
    # Figures need no database and no settings: nothing is checked that could fail for other reasons.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            evaluation = evaluate_payload(json.load(sys.stdin))
        except InvalidExperimentError as error:
            self._refuse(str(error))
        except ValueError as error:
            # Broken JSON, or bytes that are no text.
            self._refuse(f"Standard input is not JSON: {error}.")
        else:
            self._print(evaluation, as_json=options["json"])

    def _print(self, evaluation: Evaluation, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(figures(evaluation), ensure_ascii=False, allow_nan=False))
            return
        words = describe(evaluation)
        self.stdout.write(f"{words.title}\n{words.detail}")

    def _refuse(self, sentence: str) -> None:
        self.stderr.write(sentence)
        raise SystemExit(WRONG_INPUT)
