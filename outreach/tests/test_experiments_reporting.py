import io
import json

import pytest
from django.core.management import call_command

from outreach.experiments.errors import InvalidExperimentError
from outreach.experiments.reporting import evaluate_payload, figures

EXAMPLE = {
    "variants": [{"name": "A", "trials": 142, "successes": 8}, {"name": "B", "trials": 138, "successes": 19}],
    "looks": 40,
    "alpha": 0.05,
}


def variant(**changes):
    return {"name": "B", "trials": 138, "successes": 19, **changes}


def run_command(monkeypatch, text, *arguments):
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command("evaluate_experiment", *arguments, stdout=out, stderr=err)
    except SystemExit as stopped:
        code = stopped.code
    return code, out.getvalue(), err.getvalue()


def test_the_command_prints_every_promised_figure(monkeypatch):
    code, out, err = run_command(monkeypatch, json.dumps(EXAMPLE), "--json")

    result = json.loads(out)
    assert (code, err) == (0, "")
    assert [round(result[key], 4) for key in ("z", "p_value", "lift")] == [2.3054, 0.0211, 1.4438]
    assert result["p_value_fisher"] == pytest.approx(0.0256, abs=1e-4)
    assert result["ci95_difference"] == pytest.approx([0.0125, 0.1502], abs=1e-4)
    assert result["ci95_lift"] == pytest.approx([0.1068, 4.3963], abs=1e-4)
    assert result["sequential"]["decision"] == result["verdict"] == "keep testing"
    assert 0.2 < result["sequential"]["p_value"] < 0.4
    assert result["needed_per_arm"] > result["needed_one_look"] == 207
    assert result["sample_ratio_p"] == pytest.approx(0.811, abs=1e-3)


def test_the_command_says_it_in_words_without_json(monkeypatch):
    _, out, _ = run_command(monkeypatch, json.dumps(EXAMPLE))

    assert out.splitlines()[0] == "B is leading, not proven"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "Standard input is not JSON"),
        ("", "Standard input is not JSON"),
        (json.dumps({**EXAMPLE, "alpha": 5}), "Alpha must lie between 0 and 1, not 5.0."),
    ],
)
def test_the_command_refuses_in_a_sentence_with_exit_code_two(monkeypatch, text, sentence):
    code, out, err = run_command(monkeypatch, text, "--json")

    assert (code, out) == (2, "")
    assert err.startswith(sentence)
    assert err.count("\n") == 1


def test_figures_survive_json_for_empty_cells_and_several_variants():
    payload = {"variants": [variant(name=name, trials=150, successes=0) for name in "ABC"]}

    result = json.loads(json.dumps(figures(evaluate_payload(payload)), allow_nan=False))

    assert (result["lift"], result["ci95_lift"], result["needed_per_arm"]) == (None, None, None)
    assert [item["variant"] for item in result["comparisons"]] == ["B", "C"]


def test_a_plan_and_weights_are_read():
    payload = {
        "variants": [variant(name="A", trials=100, weight=1), variant(trials=300, weight=3)],
        "baseline": 0.05,
        "target": 0.1,
        "minimum": 50,
        "planned_per_arm": 435,
    }

    result = figures(evaluate_payload(payload))

    assert (result["sample_ratio_p"], result["needed_one_look"], result["minimum"]) == (1.0, 435, 50)
    assert result["needed_for"] == {"baseline": 0.05, "target": 0.1, "source": "planned"}


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ([], 'Expected an object with "variants".'),
        ({}, '"variants" must be a list of variants with name, trials and successes.'),
        ({"variants": [variant()]}, "A test needs a control and at least one more variant."),
        ({"variants": [1, 2]}, "Each variant must be an object with name, trials and successes."),
        ({"variants": [variant(name=None)]}, "Every variant needs a name."),
        ({"variants": [variant(trials="many")]}, "B: trials must be a whole number."),
        ({"variants": [variant(successes=True)]}, "B: successes must be a whole number."),
        (
            {"variants": [variant(trials=0, successes=0)]},
            "B has no trials yet, so there is nothing to compare.",
        ),
        ({"variants": [variant(successes=139)]}, "B: 139 successes cannot come from 138 trials."),
        ({"variants": [variant(successes=-1)]}, "B: counts cannot be negative."),
        ({**EXAMPLE, "looks": 0}, "The number of looks must be one or more."),
        ({**EXAMPLE, "alpha": "low"}, "alpha must be a number."),
    ],
)
def test_an_impossible_payload_is_refused_in_a_sentence(payload, sentence):
    with pytest.raises(InvalidExperimentError) as refused:
        evaluate_payload(payload)

    assert str(refused.value) == sentence
