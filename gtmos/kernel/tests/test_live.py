"""Live updates: after the commit, to the group of the topic, and never in the way of the work."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from gtmos.kernel import live

TOPIC = "campaign:0b6c2f9e-0000-4000-8000-000000000001"


def listening() -> str:
    layer = get_channel_layer()
    name = async_to_sync(layer.new_channel)()
    async_to_sync(layer.group_add)(live.group_of(TOPIC), name)
    return name


def test_group_names_hold_only_what_the_layer_allows() -> None:
    assert live.group_of(TOPIC) == "live.campaign.0b6c2f9e-0000-4000-8000-000000000001"


@pytest.mark.django_db
def test_nothing_is_sent_before_the_commit(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        live.push(TOPIC)

    assert len(callbacks) == 1


@pytest.mark.django_db
def test_what_is_rolled_back_is_never_told(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        try:
            with transaction.atomic():
                live.push(TOPIC)
                raise LookupError  # noqa: TRY301 -- the rollback is what is tested
        except LookupError:
            pass

    assert callbacks == []


def test_a_page_that_follows_hears_which_topic_changed_and_not_what() -> None:
    page = listening()

    live.send(TOPIC, "sent")

    heard = async_to_sync(get_channel_layer().receive)(page)
    assert heard == {"type": "live.changed", "topic": TOPIC, "kind": "sent"}


@pytest.mark.django_db
def test_work_on_thousands_of_records_can_stay_quiet(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as callbacks, live.quietly():
        live.push(TOPIC)

    assert callbacks == []


def test_a_layer_that_is_gone_stops_nobody(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {"hosts": ["redis://127.0.0.1:1/0"]},
        }
    }

    live.send(TOPIC, "changed")

    assert [record.message for record in caplog.records] == [
        "live updates are down; pages fall back to polling"
    ]
