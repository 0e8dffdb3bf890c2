"""discord.py, unmodified, is aimed at a server on a loopback address, and hurried on between its tries."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any
from unittest.mock import patch

import discord
import yarl


@contextmanager
def aimed(url: str, waits: list[float] | None = None) -> Iterator[None]:
    """Aim discord.py at a server at `http://127.0.0.1:port`, and hurry it on where `waits` is given.

    Hurried, it sleeps for 10 ms at most between tries, and notes in `waits` how long it wanted to.
    """
    with ExitStack() as stack:
        stack.enter_context(patch.object(discord.http.Route, "BASE", f"{url}/api/v10"))
        gateway = yarl.URL(url.replace("http", "ws", 1) + "/")
        stack.enter_context(patch.object(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway))
        if waits is not None:
            for name in ("http", "webhook.async_", "client", "shard", "state"):
                module = importlib.import_module(f"discord.{name}")
                stack.enter_context(patch.object(module, "asyncio", _Hurried(waits, name)))
        yield


class _Hurried(ModuleType):
    """The module asyncio, but its sleeps are short, as is the wait for the last server after the login."""

    def __init__(self, waits: list[float], user: str) -> None:
        super().__init__("asyncio")
        self._waits = waits
        self._user = user

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def sleep(self, delay: float, result: Any = None) -> Any:
        self._waits.append(delay)
        return await asyncio.sleep(min(delay, 0.01), result)

    async def wait_for(self, awaitable: Awaitable[Any], timeout: float | None) -> Any:
        short = self._user == "state" and timeout is not None
        return await asyncio.wait_for(awaitable, min(timeout, 0.1) if short and timeout else timeout)
