"""What is looked for again and again."""

from gtmos.kernel import jobs
from gtmos.kernel.schedule import every


@every(30, "agents.sweep_runs")
def sweep_runs() -> None:
    """Take up runs that a crash left behind, and close approvals that nobody gave."""
    jobs.enqueue("agents.sweep_runs")


@every(30, "agents.sweep_inputs")
def sweep_inputs() -> None:
    """Find inputs whose bell was lost or whose worker died."""
    jobs.enqueue("agents.take_inputs")
