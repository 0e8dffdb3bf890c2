"""Whether the language model that is set can be asked: one tiny request, for `footnote doctor` alone."""

from __future__ import annotations

import asyncio
import sqlite3

from index.llm import Model, Piece, Request, about
from index.llms import open_model
from index.reports import Check
from index.settings import PREFIX, Settings
from index.spending import FILE, Reservation, Spending

NAME = "language model"
LONGEST = 30
"""Seconds for the request, where the setting gives an answer more."""
_TINY = Request("Answer with one word.", "Say yes.", most=16)


def look(settings: Settings) -> Check:
    """Ask it, within its budget. Not for a thread with an event loop.

    Raises SettingsError and ModelMissing, and WriterAway or WriterRefused where it does not answer.
    """
    model = open_model(settings)
    if model is None:
        return Check(NAME, True, "None is set: answers are the articles' own sentences.")
    file = settings.data_folder / FILE
    spending = Spending(file, settings)
    try:
        spending.today()
    except (sqlite3.Error, OSError) as error:
        said = f"What {model.name} took today cannot be read ({type(error).__name__}), so it is not asked."
        return Check(NAME, False, said, f"Move {file} away: the count of the day begins anew.")
    reserved = spending.reserve("", about(_TINY.system) + about(_TINY.user), _TINY.most)
    if not isinstance(reserved, Reservation):
        return Check(NAME, True, f"{model.name} was not asked: its budget of today is spent.")
    seconds, told = min(settings.llm_timeout, LONGEST), Piece()
    try:
        told = asyncio.run(_asked(model, seconds))
    except TimeoutError:
        return Check(
            NAME,
            False,
            f"{model.name} has not answered within {seconds} seconds.",
            f"Look whether its server is busy, or give it longer with {PREFIX}LLM_TIMEOUT.",
        )
    finally:
        spending.settle(reserved, told.tokens_in, told.tokens_out)
    return Check(NAME, True, f"{model.name} answers; that took {told.tokens_in + told.tokens_out} tokens.")


async def _asked(model: Model, seconds: float) -> Piece:
    """The last piece of the reply, which has the tokens."""
    last = Piece()
    async with asyncio.timeout(seconds):
        async for piece in model.reply(_TINY):
            last = piece
    return last
