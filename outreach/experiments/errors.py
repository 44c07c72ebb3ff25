"""What the engine refuses, in sentences a person can act on."""


class InvalidExperimentError(ValueError):
    """The counts or settings handed in cannot belong to an experiment."""
