"""Tests decide by the rule that holds at every look, or by a person, and then say so."""

from datetime import timedelta

import pytest

from gtmos.context.models import Assumption, Evidence
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotPermittedError
from gtmos.kernel.people.models import Role
from outreach.enums import ExperimentState, TouchState
from outreach.models import Enrollment, Experiment, Touch
from outreach.selectors.readiness import audience_warning, findings
from outreach.services import campaigns, experiments
from outreach.services.recipients import split_people
from outreach.tests.campaign_builders import (
    a_campaign,
    a_reader,
    a_touch,
    an_actor,
    an_approved_campaign,
    running,
)

pytestmark = pytest.mark.django_db

SUBJECTS = ("Join our growth", "Scale with us")


def a_tested_campaign(people: int, **fields):
    return running(an_approved_campaign(people, ab_element="subject", ab_variants=SUBJECTS, **fields))


def sent_and_answered(campaign, answers: dict[str, tuple[int, int]]) -> Experiment:
    """So many first mails sent and answered for each letter; the least sample is made small."""
    experiment = experiments.experiment_of(campaign)
    Experiment.objects.update(minimum_per_arm=10)
    for variant in experiment.variants.all():
        trials, replies = answers[variant.letter]
        people = list(campaign.enrollments.filter(touches__isnull=True)[:trials])
        Enrollment.objects.filter(pk__in=[each.pk for each in people]).update(variant=variant)
        for place, enrollment in enumerate(people):
            enrollment.variant = variant
            a_touch(enrollment, replied_at=clock.now() if place < replies else None)
    return experiment


def test_everybody_gets_one_variant_by_chance_and_always_the_same():
    campaign = a_campaign(60, ab_element="subject", ab_variants=SUBJECTS)
    before = dict(campaign.enrollments.values_list("pk", "variant__letter"))

    reassigned = split_people(experiments.experiment_of(campaign))

    assert reassigned == 60
    assert dict(campaign.enrollments.values_list("pk", "variant__letter")) == before
    assert 15 < list(before.values()).count("A") < 45


def test_shares_are_kept():
    campaign = a_campaign(60, ab_element="subject", ab_variants=SUBJECTS, ab_split=(90, 10))

    assert campaign.enrollments.filter(variant__letter="A").count() > 45


@pytest.mark.parametrize(
    ("element", "variants", "split"),
    [
        ("send_time", SUBJECTS, ()),
        ("subject", ("a", "b", "c", "d"), ()),
        ("subject", ("same", "same"), ()),
        ("subject", ("Hi {Frist}", "b"), ()),
        ("cta", ("only one",), ()),
        ("subject", SUBJECTS, (1, 0)),
        ("subject", SUBJECTS, (1,)),
    ],
)
def test_a_test_that_cannot_be_judged_is_refused(element, variants, split):
    with pytest.raises(InvalidInputError):
        a_campaign(ab_element=element, ab_variants=variants, ab_split=split)


def test_the_plan_says_how_many_people_the_deciding_rule_needs_and_warns_when_they_are_too_few():
    campaign = a_campaign(3, ab_element="subject", ab_variants=SUBJECTS)
    experiment = experiments.experiment_of(campaign)

    assert experiment.planned_per_arm == 875
    assert audience_warning(experiment, 18) == (
        "18 people cannot decide this test: it needs 875 in each arm under the rule that decides, "
        "435 if looked at only once."
    )
    assert audience_warning(experiment, 1750) == ""
    assert "test_too_small" in {finding.code for finding in findings(campaign)}


def test_a_look_counts_first_mails_and_human_replies_of_each_variant():
    campaign = a_tested_campaign(8)
    experiment = sent_and_answered(campaign, {"A": (4, 1), "B": (4, 2)})
    first = Touch.objects.filter(variant__letter="B", replied_at__isnull=False).first()
    Touch.objects.filter(pk=first.pk).update(reply_category="out_of_office")

    seen = experiments.look_at(experiment, actor=SYSTEM)

    assert [(arm["name"], arm["trials"], arm["successes"]) for arm in seen.evaluation["variants"]] == [
        ("A", 4, 1),
        ("B", 4, 1),
    ]
    assert (seen.looks, seen.state) == (1, ExperimentState.RUNNING)


def test_a_proof_promotes_by_itself_moves_a_belief_and_gives_the_rest_the_winner():
    campaign = a_tested_campaign(90)
    experiment = sent_and_answered(campaign, {"A": (40, 1), "B": (40, 30)})

    decided = experiments.look_at(experiment, actor=SYSTEM)
    again = experiments.look_at(experiment, actor=SYSTEM)

    assert (decided.state, decided.promoted.letter) == (ExperimentState.PROMOTED, "B")
    assert again.looks == 1
    assert set(campaign.enrollments.filter(touches__isnull=True).values_list("variant__letter", "split")) == {
        ("B", 0)
    }
    evidence = Evidence.objects.get()
    assert (evidence.confidence_before, evidence.confidence_after) == (0.5, 0.8)
    assert Assumption.objects.get().statement == (
        "In outreach the subject “Scale with us” brings more human replies than “Join our growth”"
    )
    fact = EventRecord.objects.get(name="outreach.experiment_decided").payload
    assert (fact["by"], fact["letter"], fact["is_proven"]) == ("rule", "B", True)


def test_a_proof_is_only_suggested_when_the_test_does_not_promote_itself():
    campaign = a_tested_campaign(80)
    experiment = sent_and_answered(campaign, {"A": (40, 1), "B": (40, 30)})
    Experiment.objects.update(promotes_itself=False)

    seen = experiments.look_at(experiment, actor=SYSTEM)
    experiments.look_at(experiment, actor=SYSTEM)

    assert seen.state == ExperimentState.RUNNING
    assert EventRecord.objects.filter(name="outreach.experiment_proven").count() == 1


def test_a_test_that_reached_its_plan_without_a_proof_ends_undecided():
    campaign = a_tested_campaign(40)
    experiment = sent_and_answered(campaign, {"A": (20, 2), "B": (20, 3)})
    Experiment.objects.update(planned_per_arm=20)
    Touch.objects.update(sent_at=clock.now() - timedelta(days=7))

    ended = experiments.look_at(experiment, actor=SYSTEM)

    assert ended.state == ExperimentState.INCONCLUSIVE
    assert Evidence.objects.get().supports is False


def test_a_test_is_not_ended_before_the_last_of_its_planned_sample_had_time_to_answer():
    campaign = a_tested_campaign(40)
    experiment = sent_and_answered(campaign, {"A": (20, 0), "B": (20, 0)})
    Experiment.objects.update(planned_per_arm=20)
    Touch.objects.update(sent_at=clock.now() - timedelta(days=7))
    last = Touch.objects.filter(variant__letter="B").latest("pk")
    Touch.objects.filter(pk=last.pk).update(sent_at=clock.now() - timedelta(days=6))

    waiting = experiments.look_at(experiment, actor=SYSTEM)
    Touch.objects.filter(variant__letter="B").update(replied_at=clock.now())
    proven = experiments.look_at(experiment, actor=SYSTEM)

    assert (waiting.state, waiting.evaluation["verdict_code"]) == (ExperimentState.RUNNING, "keep_testing")
    assert (proven.state, proven.promoted.letter) == (ExperimentState.PROMOTED, "B")
    assert list(Evidence.objects.values_list("supports", "weight")) == [(True, 3.0)]


def test_a_test_that_ended_undecided_and_was_taken_up_again_still_teaches_what_it_proves():
    campaign = a_tested_campaign(40)
    experiment = sent_and_answered(campaign, {"A": (20, 0), "B": (20, 0)})
    Experiment.objects.update(planned_per_arm=20)
    Touch.objects.update(sent_at=clock.now() - timedelta(days=7))
    experiments.look_at(experiment, actor=SYSTEM)
    experiments.unpromote(campaign, actor=SYSTEM)
    Touch.objects.filter(variant__letter="B").update(replied_at=clock.now())

    experiments.look_at(experiment, actor=SYSTEM)

    learned = Evidence.objects.order_by("created_at").values_list("supports", "weight")
    assert list(learned) == [(False, 1.0), (True, 3.0)]


def test_a_campaign_that_completes_ends_its_test_and_too_few_people_teach_nothing():
    campaign = a_tested_campaign(2)

    campaigns.complete_campaign(campaign, actor=SYSTEM)

    assert experiments.experiment_of(campaign).state == ExperimentState.INCONCLUSIVE
    assert Evidence.objects.count() == 0


def test_a_person_may_promote_at_any_time_and_it_is_noted_as_not_proven_with_the_figures():
    campaign, actor = a_tested_campaign(9), an_actor(Role.SDR)
    sent_and_answered(campaign, {"A": (3, 1), "B": (3, 2)})

    promoted = experiments.promote_variant(campaign, "b", actor=actor)

    assert (promoted.state, promoted.decided_by) == (ExperimentState.PROMOTED_BY_HAND, actor.user)
    assert promoted.decision["words"] == "not proven"
    assert promoted.decision["figures"]["variants"][1]["successes"] == 2
    assert set(
        campaign.enrollments.filter(touches__isnull=True).values_list("variant__letter", flat=True)
    ) == {"B"}
    assert Evidence.objects.count() == 0


def test_a_promotion_rewrites_mails_that_only_wait():
    campaign = a_tested_campaign(1)
    enrollment = campaign.enrollments.get()
    other = "B" if enrollment.variant.letter == "A" else "A"
    touch = a_touch(enrollment, state=TouchState.SCHEDULED)

    experiments.promote_variant(campaign, other, actor=SYSTEM)

    touch.refresh_from_db()
    assert (touch.variant.letter, touch.subject) == (other, dict(zip("AB", SUBJECTS, strict=True))[other])


def test_a_promotion_can_be_taken_back_and_who_waits_is_split_as_before():
    campaign = a_tested_campaign(20)
    before = dict(campaign.enrollments.values_list("pk", "variant__letter"))

    experiments.promote_variant(campaign, "A", actor=SYSTEM)
    back = experiments.unpromote(campaign, actor=SYSTEM)

    assert (back.state, back.promoted) == (ExperimentState.RUNNING, None)
    assert dict(campaign.enrollments.values_list("pk", "variant__letter")) == before


def test_who_was_written_to_during_a_promotion_is_no_trial():
    campaign = a_tested_campaign(4)
    experiments.promote_variant(campaign, "A", actor=SYSTEM)
    a_touch(campaign.enrollments.first())
    experiments.unpromote(campaign, actor=SYSTEM)

    seen = experiments.look_at(experiments.experiment_of(campaign), actor=SYSTEM)

    assert [arm["trials"] for arm in seen.evaluation["variants"]] == [0, 0]


def test_a_new_variant_starts_a_new_split_and_leaves_who_was_written_to_alone():
    campaign = a_tested_campaign(60)
    written = campaign.enrollments.first()
    a_touch(written)

    added = experiments.add_variant(campaign, text="A third way", actor=SYSTEM)

    experiment = experiments.experiment_of(campaign)
    assert (added.letter, experiment.split) == ("C", 2)
    written.refresh_from_db()
    assert written.split == 1
    assert campaign.enrollments.filter(variant=added).count() > 8
    assert experiment.planned_per_arm > 875
    seen = experiments.look_at(experiment, actor=SYSTEM)
    assert sum(arm["trials"] for arm in seen.evaluation["variants"]) == 0


def test_a_new_variant_in_a_running_campaign_renews_the_approval():
    campaign = a_tested_campaign(2)
    before = campaign.approved_hash

    experiments.add_variant(campaign, text="A third way", actor=SYSTEM)

    campaign.refresh_from_db()
    assert campaign.approved_hash not in {"", before}


def test_there_are_at_most_three_variants():
    campaign = a_tested_campaign(1)
    experiments.add_variant(campaign, text="A third way", actor=SYSTEM)

    with pytest.raises(DomainError) as refusal:
        experiments.add_variant(campaign, text="A fourth", actor=SYSTEM)

    assert refusal.value.code == "too_many_variants"


def test_who_may_not_send_may_not_promote():
    with pytest.raises(NotPermittedError):
        experiments.promote_variant(a_tested_campaign(1), "A", actor=an_actor(Role.CSM))


def test_tests_are_looked_at_every_quarter_of_an_hour():
    a_tested_campaign(1)

    looks = [experiments.look_at_all(), experiments.look_at_all()]
    Experiment.objects.update(looked_at=clock.now() - timedelta(minutes=16))

    assert [*looks, experiments.look_at_all()] == [1, 0, 1]


def test_a_test_of_the_question_puts_each_variant_in_its_place():
    asks = ("Worth a call, {FirstName}?", "Shall I send two lines?")
    campaign = a_campaign(contacts=[a_reader(first_name="Ann")], ab_element="cta", ab_variants=asks)

    touch = a_touch(campaign.enrollments.get())

    assert touch.body.count("Worth a call, Ann?") + touch.body.count("Shall I send two lines?") == 1
