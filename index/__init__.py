"""Articles in, cited answers out. Knows no Discord."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.desk import Desk
    from index.settings import Settings


def open_desk(settings: Settings, *, purpose: str) -> Desk:
    """The desk for an index. Cheap: what is heavy loads at first use.

    `purpose` names this process, such as "footnote chat", to a second one that wants the same index.
    """
    from index.service import IndexDesk

    return IndexDesk(settings, purpose)
