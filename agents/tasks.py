"""Bells of runs."""

from celery import shared_task

from agents.services.inputs import work_off_all
from agents.services.sweeping import sweep_runs


@shared_task(name="agents.sweep_runs")
def sweep() -> int:
    return sweep_runs()


@shared_task(name="agents.take_inputs")
def take_inputs() -> int:
    return work_off_all()
