"""Bells of runs."""

from celery import shared_task

from agents.services.sweeping import sweep_runs


@shared_task(name="agents.sweep_runs")
def sweep() -> int:
    return sweep_runs()
