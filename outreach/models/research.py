"""Looking for people who fit: the job, what it found, and searches worth keeping."""

from django.db import models

from crm.models import Company, Contact
from gtmos.kernel.fsm import StateField, StateMixin, transition
from gtmos.kernel.records import OwnedRecord, Record
from outreach.enums import ProspectState, ResearchState

S = ResearchState


class ResearchJob(StateMixin, OwnedRecord):
    """One search over the organisation's own records and imported signals, done row by row in the background."""

    name = models.CharField(max_length=200)
    command = models.TextField(blank=True, help_text="The words it was asked with.")
    criteria = models.JSONField(default=dict, help_text="The criteria as understood, in the planner's slots.")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="refinements"
    )
    state = StateField(choices=S.choices, default=S.QUEUED)
    companies_total = models.PositiveIntegerField(default=0)
    companies_examined = models.PositiveIntegerField(default=0)
    companies_found = models.PositiveIntegerField(default=0)
    contacts_examined = models.PositiveIntegerField(default=0)
    contacts_found = models.PositiveIntegerField(default=0)
    scored = models.PositiveIntegerField(default=0)
    blocked = models.PositiveIntegerField(default=0, help_text="Found, but may not be written to.")
    signals_known = models.PositiveIntegerField(default=0)
    cursor = models.CharField(max_length=80, blank=True, help_text="Where a restarted worker goes on.")
    left_out = models.JSONField(
        default=dict,
        help_text="For each criterion: how many rows it kept out, of how many nothing was known, how many it alone kept out.",
    )
    saved_search = models.ForeignKey(
        "outreach.SavedSearch", null=True, blank=True, on_delete=models.SET_NULL, related_name="runs"
    )
    scoring = models.ForeignKey(
        "outreach.ScoringWeights",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The weights it began with; none are the built-in ones.",
    )
    error = models.CharField(max_length=500, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-created_at",)
        indexes = (
            models.Index(fields=("-created_at", "-id"), name="outreach_research_newest"),
            models.Index(
                fields=("lease_until",),
                name="outreach_research_unfinished",
                condition=models.Q(state__in=("queued", "processing")),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @transition(field=state, source=[S.QUEUED, S.PROCESSING], target=S.PROCESSING)
    def begin(self) -> None:
        pass

    @transition(field=state, source=S.PROCESSING, target=S.DONE)
    def finish(self) -> None:
        pass

    @transition(field=state, source=S.PROCESSING, target=S.PARTIAL)
    def finish_partly(self) -> None:
        pass

    @transition(field=state, source=[S.QUEUED, S.PROCESSING], target=S.FAILED)
    def fail(self) -> None:
        pass

    @transition(field=state, source=[S.QUEUED, S.PROCESSING], target=S.CANCELLED)
    def cancel(self) -> None:
        pass


class Prospect(Record):
    """One person, or one company, that a job found, with every part of its score."""

    job = models.ForeignKey(ResearchJob, on_delete=models.CASCADE, related_name="prospects")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="prospects"
    )
    state = models.CharField(max_length=10, choices=ProspectState.choices, default=ProspectState.NEW)
    fit_score = models.FloatField(default=0)
    intent_score = models.FloatField(default=0)
    priority_score = models.FloatField(default=0)
    tier = models.PositiveSmallIntegerField(null=True, blank=True)
    is_new = models.BooleanField(default=True, help_text="No earlier run of the same saved search found it.")
    previous_state = models.CharField(max_length=10, blank=True, help_text="Before the last decision.")
    decision = models.UUIDField(
        null=True, blank=True, help_text="The last decision, to take it back as a whole."
    )
    parts = models.JSONField(default=list, help_text="Each criterion: value, weight, reason.")
    signals = models.JSONField(default=list, help_text="The dated signals behind the intent score.")
    blocked_reason = models.CharField(max_length=200, blank=True, help_text="Why they may not be written to.")

    class Meta:
        ordering = ("-priority_score", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("job", "company", "contact"), name="outreach_prospect_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=models.Q(
                    fit_score__range=(0, 1), intent_score__range=(0, 1), priority_score__range=(0, 1)
                ),
                name="outreach_scores_are_0_to_1",
            ),
        )
        indexes = (
            models.Index(fields=("job", "-priority_score", "id"), name="outreach_prospect_best"),
            models.Index(
                fields=("decision",),
                name="outreach_prospect_decision",
                condition=models.Q(decision__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return str(self.contact or self.company)


class SavedSearch(OwnedRecord):
    """Criteria worth running again; a later run shows who is new."""

    name = models.CharField(max_length=200)
    criteria = models.JSONField(default=dict)
    command = models.TextField(blank=True)
    last_job = models.ForeignKey(
        ResearchJob, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_shared = models.BooleanField(default=False)

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "saved searches"
        constraints = (models.UniqueConstraint(fields=("owner", "name"), name="outreach_saved_search_once"),)

    def __str__(self) -> str:
        return self.name
