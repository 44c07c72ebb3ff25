"""Scoring weights: written as a draft, tried on what was found, made active, and taken back."""

import pytest
from django.test import Client
from django.urls import reverse

from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import DomainError, NotPermittedError
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.people.services import create_user
from gtmos.kernel.tests.builders import an_actor
from outreach.models import Prospect, ResearchJob, ScoringWeights
from outreach.scoring.formulas import FIT_SHARE, priority
from outreach.scoring.judging import WEIGHTS
from outreach.selectors.scoring_weights import active_weights, tried
from outreach.services.research import run_research, start_research
from outreach.services.scoring_weights import activate_weights, create_weights, update_weights
from outreach.tests.research_builders import a_cmo, is_active

pytestmark = pytest.mark.django_db
SOUGHT = {"titles": ["CMO"], "industries": ["Finance"], "headcount": {"min": 100}}
ONLY_SIZE = dict.fromkeys(WEIGHTS, 0.0) | {"headcount": 1.0}


@pytest.fixture
def actor() -> Actor:
    return an_actor(Role.ADMIN)


@pytest.fixture
def found(actor: Actor) -> ResearchJob:
    """Two of whom one firm's size is not known."""
    is_active(a_cmo(name="Ada Large", employee_size=500))
    a_cmo(name="Bo Unknown")
    return searched(actor)


def searched(actor: Actor) -> ResearchJob:
    job = start_research(SOUGHT, command="", actor=actor)
    run_research(job.pk)
    return ResearchJob.objects.get(pk=job.pk)


def fits(job: ResearchJob) -> dict[str, float]:
    rows = Prospect.objects.filter(job=job).values_list("contact__name", "fit_score")
    return {name: round(score, 4) for name, score in rows}


def test_research_scores_by_the_version_that_was_active_when_it_began(found, actor):
    version = create_weights("Only size", weights=ONLY_SIZE, fit_share=1.0, actor=actor)
    before = fits(found)

    activate_weights(version, actor=actor)
    later = searched(actor)

    # Title 3, industry 2, size 1 and a good address 1 are met; the role in the purchase is not known, 1 × 0.5.
    assert before == {"Ada Large": 7.5 / 8, "Bo Unknown": 7 / 8}
    assert fits(found) == before
    assert fits(later) == {"Ada Large": 1.0, "Bo Unknown": 0.5}
    assert set(Prospect.objects.filter(job=later).values_list("priority_score", flat=True)) == {1.0, 0.5}


def test_one_that_began_before_finishes_by_its_own_weights(found, actor):
    job = start_research(SOUGHT, command="", actor=actor)
    activate_weights(create_weights("Only size", weights=ONLY_SIZE, fit_share=1.0, actor=actor), actor=actor)

    run_research(job.pk)

    assert fits(job) == fits(found)


def test_a_trial_says_what_would_move_and_writes_nothing(found, actor):
    version = create_weights("Only size", weights=ONLY_SIZE, fit_share=FIT_SHARE, actor=actor)
    before = list(Prospect.objects.order_by("pk").values())

    trial = tried(version, actor=actor)

    after = {each.prospect.contact.name: each for each in trial.moved}
    assert (trial.job, trial.count, trial.changed) == (found, 2, 2)
    assert {name: (each.grade_before, each.grade_after) for name, each in after.items()} == {
        "Ada Large": ("A", "A+"),
        "Bo Unknown": ("B", "D"),
    }
    assert after["Bo Unknown"].fit_after == 0.5
    assert after["Bo Unknown"].priority_after == pytest.approx(priority(0.5, 0.0))
    assert sum(now for _, _, now in trial.grades) == 2
    assert list(Prospect.objects.order_by("pk").values()) == before
    assert active_weights() is None


def test_an_earlier_version_is_made_active_again(actor):
    first = activate_weights(create_weights("First", weights={}, fit_share=0.5, actor=actor), actor=actor)
    second = activate_weights(create_weights("Second", weights={}, fit_share=0.9, actor=actor), actor=actor)

    activate_weights(first, actor=actor)

    states = {each.name: each.state for each in ScoringWeights.objects.all()}
    assert states == {"First": "active", "Second": "retired"}
    assert Change.objects.filter(subject_id=second.pk, changed_fields=["state"]).count() == 2
    assert EventRecord.objects.filter(name="outreach.scoring_weights_activated").count() == 3


def test_what_was_active_is_not_changed_any_more(actor):
    version = activate_weights(create_weights("First", weights={}, fit_share=0.5, actor=actor), actor=actor)

    with pytest.raises(DomainError) as refused:
        update_weights(version, changes={"fit_share": 0.1}, actor=actor)

    assert refused.value.code == "not_a_draft"
    assert ScoringWeights.objects.get().fit_share == 0.5


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"weights": {"luck": 1.0}}, "unknown_criterion"),
        ({"weights": {"titles": -1.0}}, "bad_weight"),
        ({"weights": {"titles": float("nan")}}, "bad_weight"),
        ({"weights": {"titles": True}}, "bad_weight"),
        ({"weights": dict.fromkeys(WEIGHTS, 0.0)}, "no_weight"),
        ({"fit_share": 1.5}, "bad_share"),
        ({"name": "  "}, "name_missing"),
    ],
)
def test_weights_that_cannot_score_are_refused_when_they_are_saved(given, code):
    values = {"name": "New", "weights": {}, "fit_share": 0.5} | given

    with pytest.raises(DomainError) as refused:
        create_weights(values.pop("name"), actor=SYSTEM, **values)

    assert refused.value.code == code
    assert not ScoringWeights.objects.exists()


def test_whoever_may_not_configure_sets_no_weights(found):
    rep = an_actor(Role.AE)

    with pytest.raises(NotPermittedError):
        create_weights("New", weights={}, fit_share=0.5, actor=rep)

    assert not ScoringWeights.objects.exists()


@pytest.fixture
def revops() -> User:
    return create_user("desk@gtmos.example", name="Dana", role=Role.REVOPS, password=None, actor=SYSTEM)


def test_revops_sets_tries_and_activates_weights_at_the_desk_alone(client: Client, revops: User, found):
    client.force_login(revops)
    fresh = client.get(reverse("admin:outreach_scoringweights_add")).context["adminform"].form
    shown = {name: fresh.get_initial_for_field(field, name) for name, field in fresh.fields.items()}

    client.post(
        reverse("admin:outreach_scoringweights_add"), shown | {"name": "Size counts", "headcount": "4"}
    )
    version = ScoringWeights.objects.get()
    trial = client.get(reverse("admin:outreach_scoringweights_trial", args=[version.pk]))
    chosen = {"action": "make_active", "_selected_action": [str(version.pk)]}
    client.post(reverse("admin:outreach_scoringweights_changelist"), chosen)

    assert shown["headcount"] == 1.0
    assert version.weights == {**WEIGHTS, "headcount": 4.0}
    assert "Nothing was written" in trial.content.decode()
    assert active_weights() == version
