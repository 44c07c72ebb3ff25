"""What is looked for again and again."""

from gtmos.kernel import jobs
from gtmos.kernel.schedule import every


@every(30, "agents.sweep_runs")
def sweep_runs() -> None:
    """Take up runs that a crash left behind, and close approvals that nobody gave."""
    jobs.enqueue("agents.sweep_runs")
