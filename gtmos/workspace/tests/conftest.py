"""Whoever configures, and a browser of theirs at the desk."""

import pytest
from django.test import Client

from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.people.services import create_user


@pytest.fixture
def revops(db: None) -> User:
    return create_user("desk@gtmos.example", name="Dana", role=Role.REVOPS, password=None, actor=SYSTEM)


@pytest.fixture
def desk(client: Client, revops: User) -> Client:
    client.force_login(revops)
    return client
