"""Conversations: what was asked, what was answered, kept for the next day."""

from django.db import models

from agents.enums import Trust
from gtmos.kernel.records import OwnedRecord, Record


class Thread(OwnedRecord):
    """One line of work. `context` is what "it", "them" and "the prospects I just found" mean."""

    stays_with_author = True  # nobody takes it over when its owner leaves

    title = models.CharField(max_length=200, default="New thread")
    context = models.JSONField(default=dict)
    last_message_at = models.DateTimeField(null=True, blank=True)
    is_shared = models.BooleanField(default=False)

    class Meta:
        ordering = ("-last_message_at", "-created_at")

    def __str__(self) -> str:
        return self.title


class Message(Record):
    """One thing said, by a person or by the product. Branches by its parent."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="messages")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="answers"
    )
    trust = models.CharField(max_length=10, choices=Trust.choices)
    author = models.ForeignKey(
        "kernel.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    text = models.TextField()
    card = models.JSONField(default=dict, help_text="What the page draws: counts, chips, buttons, links.")
    run = models.ForeignKey(
        "agents.Run", null=True, blank=True, on_delete=models.SET_NULL, related_name="messages"
    )

    class Meta:
        ordering = ("created_at",)
        indexes = (models.Index(fields=("thread", "created_at"), name="agents_message_of_thread"),)

    def __str__(self) -> str:
        return self.text[:60]
