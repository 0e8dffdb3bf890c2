"""The Discord commands, one module a subject."""

from bot.cogs.about import About
from bot.cogs.ask import Ask
from bot.cogs.conversation import Conversation
from bot.cogs.index import Index
from bot.cogs.lookups import Lookups

COGS = (Ask, Conversation, Lookups, About, Index)
"""Every cog; each is made with the bot alone."""
