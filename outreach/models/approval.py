"""What an approval covers, person by person."""

from django.db import models

from outreach.models.campaign import Enrollment


class ApprovedContent(models.Model):
    """Digests of the mails as they read when the campaign was approved: each step, in each variant it is tested in.

    A row of its own beside the enrolment: the hand-over locks that one, and an approval must not wait for it.
    """

    enrollment = models.OneToOneField(
        Enrollment, primary_key=True, on_delete=models.CASCADE, related_name="approved_content"
    )
    digests = models.TextField(help_text="Divided by spaces.")

    class Meta:
        verbose_name = "approved content"
        verbose_name_plural = "approved contents"

    def __str__(self) -> str:
        return f"Approved for {self.enrollment_id}"
