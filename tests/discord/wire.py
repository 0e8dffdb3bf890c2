"""Discord's own payloads, as a gateway and a REST server send them: people, a server, messages, interactions.

Ids are snowflakes of the present moment, as clients read ages from them.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Payload = dict[str, Any]

_EPOCH = 1_420_070_400_000
_numbers = itertools.count(1)

APPLICATION = "800000000000000001"
"""The application, and its bot user: Discord gives both the same id."""
GUILD = "700000000000000001"
CHANNEL = "600000000000000001"
BOT_ROLE = "500000000000000001"
MODERATORS = "500000000000000002"

MANAGE_GUILD = 1 << 5
EVERYDAY = sum(1 << bit for bit in (6, 10, 11, 14, 15, 16, 31, 35, 38, 50))
"""React, see, write, embed, attach, read history, use commands, threads, and apps of one's own."""

EPHEMERAL, LOADING = 1 << 6, 1 << 7
GUILD_TEXT, DM, GROUP_DM, PUBLIC_THREAD = 0, 1, 3, 11
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5


def snowflake() -> str:
    """A new id, later than all before it."""
    return str(((time.time_ns() // 1_000_000 - _EPOCH) << 22) + next(_numbers) % (1 << 22))


def now() -> str:
    return datetime.now(UTC).isoformat()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on Discord. `permissions` are those in the server."""

    id: str
    name: str
    permissions: int = EVERYDAY
    roles: tuple[str, ...] = ()
    bot: bool = False


ALICE = Person("900000000000000001", "alice")
BOB = Person("900000000000000002", "bob")
MODERATOR = Person("900000000000000003", "mod", EVERYDAY | MANAGE_GUILD, (MODERATORS,))
ITSELF = Person(APPLICATION, "footnote", EVERYDAY, (BOT_ROLE,), bot=True)


def user(person: Person) -> Payload:
    return {
        "id": person.id,
        "username": person.name,
        "global_name": None if person.bot else person.name.title(),
        "discriminator": "0",
        "avatar": None,
        "bot": person.bot,
        "flags": 0,
        "public_flags": 0,
        "primary_guild": None,
    }


def own_user() -> Payload:
    """The bot, as it sees itself."""
    return {**user(ITSELF), "mfa_enabled": True, "locale": "en-US", "verified": True, "email": None}


def member(person: Person) -> Payload:
    """Without its user, as beside a message's author."""
    return {
        "roles": list(person.roles),
        "nick": None,
        "avatar": None,
        "banner": None,
        "joined_at": "2024-01-01T00:00:00+00:00",
        "premium_since": None,
        "communication_disabled_until": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
    }


def application() -> Payload:
    """Of `/oauth2/applications/@me`."""
    return {
        "id": APPLICATION,
        "name": "Footnote",
        "icon": None,
        "description": "",
        "type": None,
        "verify_key": "0" * 64,
        "flags": 0,
        "flags_new": "0",
        "bot": user(ITSELF),
        "bot_public": True,
        "bot_require_code_grant": False,
        "owner": user(MODERATOR),
        "team": None,
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "approximate_guild_count": 1,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": [],
    }


def role(identity: str, name: str, permissions: int, position: int, *, managed: bool = False) -> Payload:
    tags = {"bot_id": APPLICATION} if managed else None
    made = {
        "id": identity,
        "name": name,
        "permissions": str(permissions),
        "position": position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": managed,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "description": None,
        "flags": 0,
    }
    return made | ({"tags": tags} if tags else {})


def text_channel(identity: str, name: str, guild_id: str = GUILD) -> Payload:
    return {
        "id": identity,
        "type": GUILD_TEXT,
        "name": name,
        "guild_id": guild_id,
        "position": 0,
        "permission_overwrites": [],
        "parent_id": None,
        "topic": None,
        "nsfw": False,
        "rate_limit_per_user": 0,
        "last_message_id": None,
        "flags": 0,
    }


def private_channel(identity: str, people: Sequence[Person]) -> Payload:
    """A direct message, or with several people a group."""
    made = {
        "id": identity,
        "type": GROUP_DM if len(people) > 1 else DM,
        "recipients": [user(person) for person in people],
        "last_message_id": None,
        "flags": 0,
    }
    return made | ({"name": None, "icon": None, "owner_id": people[0].id} if len(people) > 1 else {})


def thread(identity: str, name: str, parent_id: str) -> Payload:
    return {
        "id": identity,
        "type": PUBLIC_THREAD,
        "name": name,
        "guild_id": GUILD,
        "parent_id": parent_id,
        "owner_id": APPLICATION,
        "message_count": 0,
        "member_count": 1,
        "total_message_sent": 0,
        "rate_limit_per_user": 0,
        "last_message_id": None,
        "flags": 0,
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 1440,
            "archive_timestamp": now(),
            "create_timestamp": now(),
            "locked": False,
        },
    }


def guild(channels: Sequence[Payload], identity: str = GUILD) -> Payload:
    """As GUILD_CREATE brings it: of the members only the bot, as without the members intent."""
    return {
        "id": identity,
        "name": "Town",
        "icon": None,
        "splash": None,
        "owner_id": MODERATOR.id,
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "roles": [
            role(identity, "@everyone", EVERYDAY, 0),
            role(BOT_ROLE, "footnote", EVERYDAY, 1, managed=True),
            role(MODERATORS, "Moderators", MANAGE_GUILD, 2),
        ],
        "emojis": [],
        "features": [],
        "mfa_level": 0,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "premium_tier": 0,
        "preferred_locale": "en-US",
        "nsfw_level": 0,
        "stickers": [],
        "premium_progress_bar_enabled": False,
        "joined_at": "2024-01-01T00:00:00+00:00",
        "large": False,
        "unavailable": False,
        "member_count": 4,
        "voice_states": [],
        "members": [{**member(ITSELF), "user": user(ITSELF)}],
        "channels": [channel for channel in channels if channel["type"] == GUILD_TEXT],
        "threads": [channel for channel in channels if channel["type"] == PUBLIC_THREAD],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def message(channel_id: str, author: Person, content: str, **more: Any) -> Payload:
    return {
        "id": snowflake(),
        "type": 0,
        "channel_id": channel_id,
        "author": user(author),
        "content": content,
        "timestamp": now(),
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "components": [],
        "pinned": False,
        "flags": 0,
        **more,
    }


def attachment(address: str, name: str, content: bytes) -> Payload:
    return {
        "id": snowflake(),
        "filename": name,
        "size": len(content),
        "url": address,
        "proxy_url": address,
    }


def interaction(kind: int, data: Payload, by: Person, channel: Payload, locale: str) -> Payload:
    """As INTERACTION_CREATE brings it. Of a place without a server it is the user's own installation."""
    context = {GUILD_TEXT: 0, PUBLIC_THREAD: 0, DM: 1}.get(channel["type"], 2)
    made: Payload = {
        "id": snowflake(),
        "application_id": APPLICATION,
        "type": kind,
        "token": f"interaction-{snowflake()}",
        "version": 1,
        "data": data,
        "channel": channel,
        "channel_id": channel["id"],
        "locale": locale,
        "app_permissions": str(EVERYDAY),
        "entitlements": [],
        "context": context,
        "attachment_size_limit": 10_485_760,
    }
    if context != 0:
        return made | {"user": user(by), "authorizing_integration_owners": {"1": by.id}}
    permissions = {"permissions": str(by.permissions), "user": user(by)}
    return made | {
        "guild_id": channel["guild_id"],
        "guild": {"id": channel["guild_id"], "locale": "en-US", "features": []},
        "guild_locale": "en-US",
        "member": {**member(by), **permissions},
        "authorizing_integration_owners": {"0": channel["guild_id"]},
    }
