"""How searches and what they found look in the API."""

from typing import Any

from rest_framework import serializers

from outreach.enums import ProspectState
from outreach.models import Prospect, ResearchJob, SavedSearch
from outreach.scoring.criteria import OPERATIONS
from outreach.scoring.formulas import GRADES, grade

LETTERS = tuple(letter for letter, _ in GRADES)


class ResearchShape(serializers.ModelSerializer[ResearchJob]):
    class Meta:
        model = ResearchJob
        fields = (
            *("id", "name", "command", "criteria", "parent", "saved_search", "state", "owner", "team"),
            *(
                "companies_total",
                "companies_examined",
                "companies_found",
                "contacts_examined",
                "contacts_found",
            ),
            *("scored", "blocked", "signals_known", "left_out", "error", "started_at", "finished_at"),
            *("created_at", "updated_at", "version"),
        )
        read_only_fields = fields


class ResearchWish(serializers.Serializer[Any]):
    """`criteria` holds the slots of a search, for example `{"titles": ["CMO"], "locations": ["New York"]}`."""

    criteria = serializers.DictField()
    name = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")
    command = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")


class RefinementWish(serializers.Serializer[Any]):
    op = serializers.ChoiceField(choices=OPERATIONS)
    changes = serializers.DictField()
    command = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")


class ChoiceShape(serializers.Serializer[Any]):
    """Whom a decision is about. With nothing said it is about everybody who was found."""

    prospects = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=10_000)
    top_n = serializers.IntegerField(required=False, min_value=1)
    min_grade = serializers.ChoiceField(choices=LETTERS, required=False)
    max_grade = serializers.ChoiceField(choices=LETTERS, required=False)
    names = serializers.ListField(child=serializers.CharField(max_length=255), required=False, max_length=200)


class DecisionShape(serializers.Serializer[Any]):
    """`blocked` are those who may not be written to; they stay as they are. `id` takes the decision back."""

    id = serializers.UUIDField()
    count = serializers.IntegerField()
    blocked = serializers.IntegerField()


class UndoShape(serializers.Serializer[Any]):
    decision = serializers.UUIDField()


class UndoneShape(serializers.Serializer[Any]):
    count = serializers.IntegerField()


class ProspectShape(serializers.ModelSerializer[Prospect]):
    research = serializers.UUIDField(source="job_id", read_only=True)
    company_name = serializers.CharField(source="company.name", read_only=True)
    contact_name = serializers.CharField(source="contact.name", read_only=True, default=None, allow_null=True)
    grade = serializers.SerializerMethodField()

    class Meta:
        model = Prospect
        fields = (
            *(
                "id",
                "research",
                "company",
                "company_name",
                "contact",
                "contact_name",
                "state",
                "grade",
                "tier",
            ),
            *("fit_score", "intent_score", "priority_score", "parts", "signals", "blocked_reason", "is_new"),
            *("created_at", "updated_at"),
        )
        read_only_fields = fields

    def get_grade(self, prospect: Prospect) -> str:
        return grade(prospect.priority_score)


class SavedSearchShape(serializers.ModelSerializer[SavedSearch]):
    class Meta:
        model = SavedSearch
        fields = (
            *("id", "name", "criteria", "command", "last_job", "is_shared", "owner"),
            *("created_at", "updated_at", "version"),
        )
        read_only_fields = fields


class SaveWish(serializers.Serializer[Any]):
    research = serializers.UUIDField()
    name = serializers.CharField(max_length=200)


PROSPECT_STATES = tuple(ProspectState.values)
