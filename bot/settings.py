"""The settings of the Discord bot, read as those of the index are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from index.secret import Secret
from index.settings import setting, whole


def _snowflake(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 15 <= len(text) <= 20):
        raise ValueError("it must be an id of Discord, a number of 17 to 20 digits (right-click, Copy ID)")
    return int(text)


def _switch(text: str) -> bool:
    if text.lower() not in {"on", "off"}:
        raise ValueError("it must be on or off")
    return text.lower() == "on"


@dataclass(frozen=True, slots=True)
class BotSettings:
    """Everything that can be set about the bot in Discord."""

    token: Secret = setting(
        Secret(""),
        Secret,
        "The bot's token, from https://discord.com/developers/applications (Bot, Reset Token).",
        shown="",
        name="DISCORD_TOKEN",
    )
    home_server: int | None = setting(
        None,
        _snowflake,
        "The server whose moderators may change the index; needed once the bot is in several.",
        shown="",
    )
    moderator_role: int | None = setting(
        None,
        _snowflake,
        "A role whose members may change the index too, beside those who may manage the server.",
        shown="",
    )
    log_channel: int | None = setting(
        None, _snowflake, "A channel that gets a line for each act of a moderator; empty: none.", shown=""
    )
    questions_a_minute: int = setting(6, whole(1, 600), "How many questions a person may ask in a minute.")
    answers_at_a_time: int = setting(
        2, whole(1, 32), "How many questions of one server are worked on at a time; others wait in a queue."
    )
    max_upload_mb: int = setting(
        8, whole(1, 25), "Files larger than this many megabytes cannot be added from Discord."
    )
    health_port: int | None = setting(
        None,
        whole(1, 65535),
        "A port on this machine for /healthz and /metrics; empty: none.",
        shown="",
    )
    canary: Path | None = setting(
        None,
        lambda text: Path(text).expanduser(),
        "A file of questions (JSONL), asked after each refresh to see whether answers fell; empty: none.",
        shown="",
    )
    log_questions: bool = setting(
        False, _switch, "Whether the log shows the words of questions: on or off.", shown="off"
    )
