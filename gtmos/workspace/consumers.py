"""The one socket: says which topics changed. Pages read the truth again by HTTP."""

from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from gtmos.kernel.actors import Actor
from gtmos.kernel.live import group_of
from gtmos.workspace.selectors.topics import may_follow, may_follow_all

MOST_TOPICS = 50


class LiveConsumer(AsyncJsonWebsocketConsumer):
    """`{"follow": ["campaign:<uuid>", …]}` in; `{"topic", "kind"}` out; the first is "ready", and "following" comes once."""

    async def connect(self) -> None:
        self.followed: set[str] = set()
        user = self.scope.get("user")
        if user is None or not user.is_authenticated:
            await self.close(code=4401)
            return
        await self.accept()
        await self._follow(f"user:{user.pk}")
        await self.send_json({"topic": "", "kind": "ready"})  # comes only when the broker works

    async def disconnect(self, code: int) -> None:
        del code
        for topic in self.followed:
            await self.channel_layer.group_discard(group_of(topic), self.channel_name)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        del kwargs
        wanted = content.get("follow", []) if isinstance(content, dict) else []
        for topic in [name for name in wanted if isinstance(name, str)][:MOST_TOPICS]:
            if await self._allowed(topic):
                await self._follow(topic)
                await self.send_json({"topic": topic, "kind": "following"})  # nothing is missed from here on

    async def live_changed(self, message: dict[str, Any]) -> None:
        await self.send_json({"topic": message["topic"], "kind": message["kind"]})

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
