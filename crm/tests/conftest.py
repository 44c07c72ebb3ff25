"""What tests of imports start from, and an administrator before the pages."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from crm.services.pipelines import ensure_default_pipeline
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_user, an_actor


@pytest.fixture
def import_files(settings: Any, tmp_path: Path) -> None:
    """Uploaded files lie in a folder of the test."""
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def me(import_files: None) -> Actor:
    """Somebody who imports."""
    del import_files
    ensure_default_pipeline(actor=SYSTEM)
    return Actor.of(a_user())


@pytest.fixture
def admin() -> Actor:
    return an_actor(Role.ADMIN)


@pytest.fixture
def browser(client: Client, admin: Actor) -> Client:
    assert admin.user is not None
    client.force_login(admin.user)
    return client
