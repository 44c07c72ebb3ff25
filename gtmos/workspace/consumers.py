"""The one socket: says which topics changed, and who else has a record open. Pages read the truth again by HTTP."""

import logging
import re
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from redis.exceptions import RedisError

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.live import group_of
from gtmos.workspace.channels.presence import Present, leave, present, renew
from gtmos.workspace.selectors.topics import RECORDS, may_follow, may_follow_all
from gtmos.workspace.services.presence import COMPONENT, EDITING, IDLE, change_component

logger = logging.getLogger(__name__)
MOST_TOPICS = 50
LABEL = re.compile(r"[\w .,'’()/-]{0,60}")
NOBODY = Present("", "")


class LiveConsumer(AsyncJsonWebsocketConsumer):
    """`{"follow": ["campaign:<uuid>", …]}` in; `{"topic", "kind"}` out; the first is "ready", and "following" comes once.

    `{"present": "deal:<uuid>", "field", "label"}` in, again every few seconds: "I have it open, and am in this field".
    `{"topic", "kind": "presence", "people"}` out.
    """

    async def connect(self) -> None:
        self.followed: set[str] = set()
        self.present: dict[str, Present] = {}
        user = self.scope.get("user")
        if user is None or not user.is_authenticated:
            await self.close(code=4401)
            return
        await self.accept()
        await self._follow(f"user:{user.pk}")
        await self.send_json({"topic": "", "kind": "ready"})  # comes only when the broker works

    async def disconnect(self, code: int) -> None:
        del code
        for topic in [*self.present]:
            await self._leave(topic)
        for topic in self.followed:
            await self.channel_layer.group_discard(group_of(topic), self.channel_name)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        del kwargs
        given = content if isinstance(content, dict) else {}
        wanted = given.get("follow", [])
        for topic in [name for name in wanted if isinstance(name, str)][:MOST_TOPICS]:
            if await self._allowed(topic):
                await self._follow(topic)
                await self.send_json({"topic": topic, "kind": "following"})  # nothing is missed from here on
        if given.get("present") in self.followed:
            await self._be_present(given["present"], given.get("field"), given.get("label"))

    async def live_changed(self, message: dict[str, Any]) -> None:
        await self.send_json({"topic": message["topic"], "kind": message["kind"]})

    async def live_present(self, message: dict[str, Any]) -> None:
        """Somebody came, went, or is in another field: whoever has the record open is told at once."""
        await self._tell_present(message["topic"])

    async def _be_present(self, topic: str, field: Any, label: Any) -> None:
        if topic.partition(":")[0] not in RECORDS:
            return
        user, before = self.scope["user"], self.present.get(topic, NOBODY)
        field = field if isinstance(field, str) and COMPONENT.fullmatch(field) else ""
        label = label if field and isinstance(label, str) and LABEL.fullmatch(label) else ""
        now = self.present[topic] = Present(str(user.pk), str(user), field, label)
        try:
            await renew(self.channel_layer.connection(0), topic, self.channel_name, now)
        except (RedisError, OSError):
            logger.warning("who has a record open is not known while the broker is down")
            return
        if now == before:
            await self._tell_present(topic)
            return
        await self.channel_layer.group_send(group_of(topic), {"type": "live.present", "topic": topic})
        await self._note(topic, before.field, now.field)

    async def _note(self, topic: str, before: str, now: str) -> None:
        """The fact of it, in the order in which it happened."""
        kind, _, key = topic.partition(":")
        for component, state in ((before, IDLE), (now, EDITING)):
            if component and before != now:
                try:
                    await database_sync_to_async(change_component)(
                        kind, UUID(key), component=component, state=state, actor=Actor.of(self.scope["user"])
                    )
                except DomainError:
                    return  # the record is no longer theirs to see

    async def _leave(self, topic: str) -> None:
        before = self.present.pop(topic)
        try:
            await leave(self.channel_layer.connection(0), topic, self.channel_name)
            await self.channel_layer.group_send(group_of(topic), {"type": "live.present", "topic": topic})
        except (RedisError, OSError):
            return  # it runs out by itself
        await self._note(topic, before.field, "")

    async def _tell_present(self, topic: str) -> None:
        try:
            found = await present(self.channel_layer.connection(0), topic)
        except (RedisError, OSError):
            return
        me = str(self.scope["user"].pk)
        people = [
            {"name": each.name, "field": each.field, "label": each.label} for each in found if each.user != me
        ]
        await self.send_json({"topic": topic, "kind": "presence", "people": people})

    async def _follow(self, topic: str) -> None:
        if topic in self.followed or len(self.followed) >= MOST_TOPICS:
            return
        self.followed.add(topic)
        await self.channel_layer.group_add(group_of(topic), self.channel_name)

    async def _allowed(self, topic: str) -> bool:
        noun, _, key = topic.partition(":")
        try:
            UUID(key)
        except ValueError:
            return key == "all" and await self._may_follow_all(noun)
        actor = Actor.of(self.scope["user"])
        return bool(await database_sync_to_async(may_follow)(noun, UUID(key), actor=actor))

    async def _may_follow_all(self, noun: str) -> bool:
        actor = Actor.of(self.scope["user"])
        return noun == "workspace" or bool(await database_sync_to_async(may_follow_all)(noun, actor=actor))
