"""Articles that cover the same."""

from __future__ import annotations

import pytest

from index.errors import UnknownArticle
from index.related import related
from index.types import Card
from tests.index.workshop import Desk, Workshop


def near(workshop: Workshop, article_id: str, limit: int = 5) -> list[str]:
    with workshop.library.snapshot() as known:
        return [card.id for card in related(article_id, limit, known, workshop.near)]


def test_reports_of_one_summit_are_related(sample: Desk) -> None:
    cards: tuple[Card, ...] = sample(sample.desk.related, "2022-03-24-nato-brussels-decisions.md", 3)
    assert len(cards) == 3
    assert cards[0].id == "2022-03-23-global-news-eve-of-summit.md"


def test_an_article_is_never_related_to_itself(sample: Desk) -> None:
    for card in sample(sample.desk.articles):
        ids = [other.id for other in sample(sample.desk.related, card.id, 20)]
        assert card.id not in ids
        assert len(set(ids)) == len(ids)


def test_an_unknown_article_is_an_error_that_says_so(sample: Desk) -> None:
    with pytest.raises(UnknownArticle, match="nowhere"):
        sample(sample.desk.related, "nowhere.md", 3)


def test_articles_on_other_things_are_not_named(workshop: Workshop) -> None:
    workshop.write(
        "bread.md", "Bake the bread for forty minutes until its crust is brown.", title="Bread at home"
    )
    workshop.write("chess.md", "The champion lost with a rook on the open file.", title="A lost chess game")
    workshop.refresh()
    assert near(workshop, "bread.md") == []


def test_copies_are_named_once_and_never_for_their_own_story(workshop: Workshop) -> None:
    flood = "The river Inn flooded the old town of Passau on Monday. Hundreds of people left their homes."
    later = (
        "The flood of the river Inn in Passau is going down. People return to their homes in the old town."
    )
    for outlet in ("One", "Two"):
        workshop.write(f"flood-{outlet}.md", flood, title="Flood in Passau", source=outlet)
        workshop.write(f"later-{outlet}.md", later, title="Flood in Passau goes down", source=outlet)
    workshop.refresh()
    named = near(workshop, "flood-One.md")
    assert len(named) == 1
    assert named[0].startswith("later-")


def test_the_limit_holds(sample: Desk) -> None:
    article = "2022-03-24-nato-brussels-decisions.md"
    assert len(sample(sample.desk.related, article, 2)) == 2
    assert sample(sample.desk.related, article, 0) == ()
