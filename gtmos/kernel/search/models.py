"""What was read for its meaning, and what is still to be read."""

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast
from django.utils import timezone
from pgvector.django import HalfVectorField, HnswIndex

DIMENSIONS = 384  # of the built-in model


class Embedding(models.Model):
    """One passage of a record's text with its vector. Made from the record at any time, so never the only copy."""

    id = models.BigAutoField(primary_key=True)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    source_version = models.PositiveIntegerField(help_text="The version of the record that was read.")
    number = models.PositiveSmallIntegerField(default=0, help_text="Its place in the record's text.")
    text = models.TextField()
    model = models.CharField(max_length=80, help_text="Vectors of different models are never compared.")
    dimensions = models.PositiveSmallIntegerField()
    vector = HalfVectorField()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("subject_type", "subject_id", "number"), name="kernel_embedding_once"
            ),
        )
        indexes = (
            HnswIndex(
                OpClass(Cast("vector", HalfVectorField(dimensions=DIMENSIONS)), name="halfvec_cosine_ops"),
                name="kernel_embedding_near_384",
                m=16,
                ef_construction=64,
                condition=Q(dimensions=DIMENSIONS),
            ),
        )

    def __str__(self) -> str:
        return self.text[:60]


class EmbeddingJob(models.Model):
    """A record whose text is to be read. Gone when it is done."""

    id = models.BigAutoField(primary_key=True)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    changed_at = models.DateTimeField(help_text="The newest are read first.")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-changed_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("subject_type", "subject_id"), name="kernel_embedding_job_once"),
        )
        indexes = (models.Index(fields=("-changed_at", "-id"), name="kernel_embedding_job_newest"),)

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}"


class ReadingPlace(models.Model):
    """How far the records of one kind have been looked through: forward from here, and backward to the first."""

    kind = models.CharField(max_length=40, primary_key=True)
    forward_at = models.DateTimeField(help_text="Changes up to here are noted.")
    backward_at = models.DateTimeField(
        null=True, help_text="Older records are still to be noted; empty when all are."
    )
    model = models.CharField(max_length=80, help_text="Another model begins anew.")

    class Meta:
        ordering = ("kind",)

    def __str__(self) -> str:
        return self.kind
