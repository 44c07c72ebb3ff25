"""The form of a row at the RevOps desk: which version it was opened in, and what a service said against it."""

from typing import Any

from django import forms

from gtmos.kernel.desk_dress import dress, without_names

OPENED = "opened_version"


class DeskForm(forms.ModelForm[Any]):
    """Types and lengths are checked here; what may stand beside what is for the service to say."""

    opened_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    refusal = ""  # why a service did not save it

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[OPENED].initial = getattr(self.instance, "version", None)
        dress(self.fields)

    def _post_clean(self) -> None:
        """What a service refused stands over what was written; nothing of it is lost."""
        super()._post_clean()  # type: ignore[misc]  # the stubs leave it out
        if self.refusal:
            self.add_error(None, self.refusal)

    def _update_errors(self, errors: Any) -> None:
        """A constraint that only the database has a name for says nothing to people; the service says it in words."""
        super()._update_errors(without_names(errors, self._meta.model))  # type: ignore[misc]  # as above

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # the stubs leave it out
        conditional = (
            each for each in self._meta.model._meta.constraints if getattr(each, "condition", None)
        )
        return excluded.union(*(getattr(each, "fields", ()) for each in conditional))
