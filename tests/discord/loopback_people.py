"""What people do on the small Discord: commands, buttons, forms, messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.discord import wire
from tests.discord.loopback_rest import Interaction, Rest
from tests.discord.wire import ALICE, CHANNEL, Payload, Person


class People:
    """The part of the loopback server that plays people. They act in a channel, thread or `rest.dm(...)`."""

    rest: Rest

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        raise NotImplementedError

    async def dispatch(self, event: str, data: Payload) -> None:
        """Give an event to the bot."""
        raise NotImplementedError

    async def command(
        self,
        name: str,
        /,
        *,
        by: Person = ALICE,
        channel: str = CHANNEL,
        locale: str = "en-US",
        **options: Any,
    ) -> Interaction:
        """A slash command; `"index add"` is one of a group. A pair (name, bytes) is an attached file."""
        resolved: dict[str, Payload] = {}
        data = self._command(name, [_option(*one, resolved, self.rest) for one in options.items()])
        if resolved:
            data["resolved"] = {"attachments": resolved}
        return await self._interact(wire.COMMAND, data, by, channel, locale)

    async def complete(
        self, name: str, option: str, typed: str, *, by: Person = ALICE, channel: str = CHANNEL, **others: Any
    ) -> list[Payload]:
        """The choices that the bot suggests for what was typed so far."""
        values = [_option(*one, {}, self.rest) for one in others.items()]
        values.append({"name": option, "type": 3, "value": typed, "focused": True})
        asked = await self._interact(wire.AUTOCOMPLETE, self._command(name, values), by, channel, "en-US")
        return list((await asked.first())["data"]["choices"])

    async def menu(
        self, name: str, message: Payload, *, by: Person = ALICE, locale: str = "en-US"
    ) -> Interaction:
        """A message command, of the message's context menu."""
        data = {
            **self._command(name, []),
            "type": 3,
            "target_id": message["id"],
            "resolved": {"messages": {message["id"]: message}},
        }
        return await self._interact(wire.COMMAND, data, by, message["channel_id"], locale)

    async def click(
        self,
        message: Payload,
        control: str,
        *,
        by: Person = ALICE,
        values: list[str] | None = None,
        locale: str = "en-US",
    ) -> Interaction:
        """Press a button, or with `values` choose in a menu, by its label or its `custom_id`."""
        parts = [part for part in _parts(message["components"]) if control in _names(part)]
        kind, identity = (parts[0]["type"], parts[0]["custom_id"]) if parts else (3 if values else 2, control)
        data = {
            "custom_id": identity,
            "component_type": kind,
            "id": 1,
            **({"values": values} if values else {}),
        }
        return await self._interact(wire.COMPONENT, data, by, message["channel_id"], locale, message)

    async def submit(
        self,
        form: Payload,
        fields: dict[str, str],
        *,
        by: Person = ALICE,
        channel: str = CHANNEL,
        message: Payload | None = None,
    ) -> Interaction:
        """Send a modal that the bot showed (the callback's body), with texts for its fields.

        `message` is the one whose button showed it.
        """
        shown = form["data"]
        rows = [_filled(part, fields) for part in shown["components"]]
        data = {"custom_id": shown["custom_id"], "components": rows}
        return await self._interact(wire.MODAL, data, by, channel, "en-US", message)

    async def say(
        self,
        text: str,
        *,
        by: Person = ALICE,
        channel: str = CHANNEL,
        replying_to: Payload | None = None,
        ping: bool = True,
        **parts: Any,
    ) -> Payload:
        """Write a message. `<@id>` of the bot is a mention of it, and so is a reply to it that pings.

        `parts` are further fields of the payload, such as `webhook_id`.
        """
        meant = f"<@{wire.APPLICATION}>" in text
        if replying_to is not None:
            place = {"message_id": replying_to["id"], "channel_id": channel, "type": 0}
            parts |= {"type": 19, "message_reference": place, "referenced_message": replying_to}
            meant = meant or (ping and replying_to["author"]["id"] == wire.APPLICATION)
        made = wire.message(channel, by, text, **parts)
        made["mentions"] = [wire.user(wire.ITSELF)] if meant else []
        made["mention_roles"] = [wire.BOT_ROLE] if f"<@&{wire.BOT_ROLE}>" in text else []
        self.rest.messages[made["id"]] = made
        place = self._place(channel)
        await self.dispatch("MESSAGE_CREATE", made | place | ({"member": wire.member(by)} if place else {}))
        return made

    def _place(self, channel: str) -> Payload:
        here = self.rest.channels[channel].get("guild_id")
        return {"guild_id": here} if here else {}

    def _command(self, name: str, options: list[Payload]) -> Payload:
        first, *rest = name.split(" ") if not self._is_menu(name) else [name]
        for depth, word in enumerate(reversed(rest)):
            options = [{"name": word, "type": 1 if depth == 0 else 2, "options": options}]
        known = [command["id"] for command in self.rest.commands if command["name"] == first]
        return {"id": known[0] if known else wire.snowflake(), "name": first, "type": 1, "options": options}

    def _is_menu(self, name: str) -> bool:
        return any(command["name"] == name and command.get("type") != 1 for command in self.rest.commands)

    async def _interact(
        self, kind: int, data: Payload, by: Person, channel: str, locale: str, source: Payload | None = None
    ) -> Interaction:
        payload = wire.interaction(kind, data, by, self.rest.channels[channel], locale)
        if source is not None:
            payload["message"] = source
        asked = Interaction(payload, self.until, source)
        self.rest.interactions[payload["token"]] = asked
        await self.dispatch("INTERACTION_CREATE", payload)
        return asked


def _option(name: str, value: Any, resolved: dict[str, Payload], rest: Rest) -> Payload:
    """A command's option as its value's type says."""
    if isinstance(value, tuple):
        kept = rest.keep_file(*value)
        resolved[kept["id"]] = kept
        return {"name": name, "type": 11, "value": kept["id"]}
    kinds = {bool: 5, int: 4, float: 10, str: 3}
    return {"name": name, "type": kinds[type(value)], "value": value}


def _parts(components: list[Payload]) -> Iterator[Payload]:
    for part in components:
        yield part
        inner = [part.get("accessory"), *part.get("components", ())]
        yield from _parts([one for one in inner if one])


def _names(part: Payload) -> set[str | None]:
    """What a control can be called by; a link cannot be pressed."""
    return {part["custom_id"], part.get("label"), part.get("placeholder")} if "custom_id" in part else set()


def _filled(part: Payload, fields: dict[str, str]) -> Payload:
    """A part of a form as it is sent back: of a field only its name and its text."""
    made: Payload = {"type": part["type"], "id": part.get("id") or 1}
    if "components" in part:
        made["components"] = [_filled(inner, fields) for inner in part["components"]]
    elif "component" in part:
        text = fields.get(part.get("label") or "")
        inner = part["component"]
        made["component"] = _filled(inner, {inner["custom_id"]: text} if text is not None else fields)
    elif "custom_id" in part:
        named = fields.get(part.get("label") or "", part.get("value") or "")
        made |= {"custom_id": part["custom_id"], "value": fields.get(part["custom_id"], named)}
    return made
