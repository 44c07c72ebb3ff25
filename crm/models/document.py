"""Files that are kept beside a record: a company, a person, a deal, a product, a campaign."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from crm.enums import DocumentSubject
from gtmos.kernel.records import Record


class Document(Record):
    """Who may see the record may see its documents. A deleted one is kept until it is restored or cleared away."""

    subject_type = models.CharField(max_length=20, choices=DocumentSubject.choices)
    subject_id = models.UUIDField()
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100, help_text="By what stands in the file.")
    size_bytes = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file.")
    # A name of its own in the storage: what people call a file never becomes a path.
    file = models.FileField(upload_to="documents", max_length=200, blank=True, default="")
    words = models.TextField(blank=True, help_text="What can be found by the search.")
    words_read_at = models.DateTimeField(null=True, blank=True, help_text="Empty until the words are read.")
    words_fault = models.CharField(max_length=200, blank=True, help_text="Why no words could be read.")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("subject_type", "subject_id", "digest", "name"),
                condition=Q(deleted_at__isnull=True),
                name="crm_document_once",
            ),
        )
        indexes = (
            models.Index(fields=("subject_type", "subject_id"), name="crm_document_of"),
            models.Index(fields=("-created_at", "-id"), name="crm_document_newest"),
            models.Index(OpClass(Lower("name"), name="text_pattern_ops"), name="crm_document_begins"),
            models.Index(
                fields=("created_at",), name="crm_document_unread", condition=Q(words_read_at__isnull=True)
            ),
            GinIndex(SearchVector("name", "words", config="simple"), name="crm_document_words"),
        )

    def __str__(self) -> str:
        return self.name
