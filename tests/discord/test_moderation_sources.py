"""/index add and remove, and the gap board: what is brought, shown, decided and put back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from corpus import fetching
from index.errors import IndexBroken
from index.types import Answer, Question
from tests.corpus.serving import Web, answer, moved, page, web
from tests.discord.conftest import Footnote
from tests.discord.moderation import ARTICLE, BRIDGE, edited, submitted, typed
from tests.discord.test_asking import ABSENT, buttons, text_of


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """A web server on loopback, which the bot may reach in this test alone."""
    with web() as served:
        monkeypatch.setattr(fetching, "STANDARD", served.rules())
        yield served


async def test_a_page_is_fetched_shown_and_added(footnote: Footnote, site: Web) -> None:
    address = site.serve("/ferry", answer(page()))
    shown = await footnote.moderator.slash(footnote.channel, "index add url", url=address)
    assert shown.ephemeral
    preview = text_of(shown.response)
    assert "Ferry stops after cracks" in preview
    assert "24 Mar 2022" in preview
    assert "1 article · 1 passage" in preview
    assert "ferry to the outer islands" in preview
    assert (await footnote.desk.status()).articles == 11
    await footnote.moderator.click(shown.response.message, label="Add")
    assert (await footnote.desk.status()).articles == 12
    act = (await footnote.bot.ledger.history(1))[0]
    assert (act.kind, act.detail) == ("add", f"{address}: +1")
    told = await footnote.member.slash(footnote.channel, "ask", question="Why did the ferry stop?")
    assert "cracks" in text_of(told.response)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://127.0.0.1/", "inside of a private network"),
        ("http://0.0.0.0/", "inside of a private network"),
        ("http://[::1]/", "inside of a private network"),
        ("http://[::ffff:10.0.0.1]/", "inside of a private network"),
        ("http://[64:ff9b::a9fe:a9fe]/", "inside of a private network"),
        ("http://169.254.169.254/latest/meta-data/", "inside of a private network"),
        ("http://localhost/", "inside of a private network"),
        ("http://2130706433/", "a number in an unusual spelling"),
        ("http://me:secret@news.example.com/", "a user name or a password"),
        ("http://news.example.com:22/", "not from 22"),
        ("file:///etc/passwd", "begin with"),
        ("javascript:alert(1)", "begin with"),
        ("nonsense", "begin with"),
    ],
)
async def test_an_address_inside_is_refused_with_a_sentence(
    footnote: Footnote, address: str, says: str
) -> None:
    shown = await footnote.moderator.slash(footnote.channel, "index add url", url=address)
    assert shown.ephemeral
    assert says in text_of(shown.response)
    assert not shown.response.components
    assert (await footnote.desk.status()).articles == 11


async def test_a_page_that_leads_inside_is_refused_too(footnote: Footnote, site: Web) -> None:
    address = site.serve("/away", moved("http://127.0.0.1:1/secret"))
    shown = await footnote.moderator.slash(footnote.channel, "index add url", url=address)
    assert "reference" not in text_of(shown.response)
    assert not shown.response.components


async def test_the_gap_board_leads_to_a_source_also_after_a_restart(footnote: Footnote, site: Web) -> None:
    question = "Why did the ferry to the outer islands stop?"
    await footnote.member.slash(footnote.channel, "ask", question=question)
    board = await footnote.moderator.slash(footnote.channel, "index gaps")
    detail = await footnote.moderator.click(board.response.message, label="1")
    form = await footnote.moderator.click(detail.response.message, label="Add a source")
    await footnote.restart()
    shown = await footnote.moderator.submit_modal(form, {"text": site.serve("/ferry", answer(page()))})
    preview = shown.response
    assert preview is not None
    assert shown.ephemeral
    assert "Ferry stops after cracks" in text_of(preview)
    added = await footnote.moderator.click(preview.message, label="Add")
    assert "Why did the ferry" in text_of(added.response or preview)
    assert not await footnote.bot.ledger.gaps()


async def test_an_article_is_in_even_where_the_gaps_cannot_be_asked_again(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    await footnote.member.slash(footnote.channel, "ask", question=BRIDGE)
    shown = await footnote.moderator.slash(
        footnote.channel, "index add file", file=("bridge.md", ARTICLE.encode())
    )

    async def fail(_: Question) -> Answer:
        raise IndexBroken("The index cannot be read.")

    monkeypatch.setattr(footnote.desk, "ask", fail)
    added = await footnote.moderator.click(shown.response.message, label="Add")
    assert "Added 1" in text_of(added.response or shown.response)
    assert len(await footnote.bot.ledger.gaps()) == 1


async def test_a_draft_is_added_once(footnote: Footnote) -> None:
    shown = await footnote.moderator.slash(
        footnote.channel, "index add file", file=("bridge.md", ARTICLE.encode())
    )
    copy = await footnote.moderator.slash(
        footnote.channel, "index add file", file=("again.md", ARTICLE.encode())
    )
    await footnote.moderator.click(shown.response.message, label="Add")
    warned = await footnote.moderator.slash(
        footnote.channel, "index add file", file=("third.md", ARTICLE.encode())
    )
    assert "holds the same already" in text_of(warned.response)
    await footnote.moderator.click(copy.response.message, label="Discard")
    late = await footnote.moderator.slash(footnote.channel, "index history")
    assert text_of(late.response).count("**Add**") == 1
    assert (await footnote.desk.status()).articles == 12


async def test_of_a_file_with_many_articles_the_first_are_shown_and_what_cannot_be_read(
    footnote: Footnote,
) -> None:
    rows = [{"title": f"Report number {n}", "text": f"The harbour took in {n} ships."} for n in range(1, 31)]
    content = "\n".join([json.dumps(row) for row in rows] + ["{broken"])
    shown = await footnote.moderator.slash(
        footnote.channel, "index add file", file=("many.jsonl", content.encode())
    )
    preview = text_of(shown.response)
    assert "30 articles" in preview
    assert "Report number 2" in preview
    assert "more" in preview
    assert "line 31" in preview
    await footnote.moderator.click(shown.response.message, label="Add")
    report = shown.response
    assert "Added 30" in text_of(report)
    assert "and 24 more" in text_of(report)
    assert [file.filename for file in report.attachments] == ["report.txt"]


@pytest.mark.parametrize("name", ["../../escape.md", "…\u202egnp.md", "a" * 180 + ".md", "CON.md", ".md"])
async def test_an_odd_file_name_stays_inside_the_folder(footnote: Footnote, name: str) -> None:
    shown = await footnote.moderator.slash(footnote.channel, "index add file", file=(name, ARTICLE.encode()))
    if shown.response.components:
        await footnote.moderator.click(shown.response.message, label="Add")
        assert (await footnote.desk.status()).articles == 12
    outside = [
        path for path in footnote.corpus.parent.rglob("*escape*") if footnote.corpus not in path.parents
    ]
    assert not outside


async def test_a_hostile_article_is_harmless_in_its_preview(footnote: Footnote) -> None:
    hostile = "@everyone **bold** [free](https://evil.example.com) <@&1> ||spoiler||"
    article = ARTICLE.replace("title: Vilnius opens a bridge for cyclists", f"title: '{hostile}'")
    article = article.replace("Vilnius opened", f"{hostile} Vilnius opened")
    shown = await footnote.moderator.slash(
        footnote.channel, "index add file", file=("bridge.md", article.encode())
    )
    preview = text_of(shown.response)
    for raw in ("@everyone", "**bold**", "](https://evil", "<@&1>", "||spoiler||"):
        assert raw not in preview


async def test_an_article_with_a_long_id_can_be_removed(footnote: Footnote) -> None:
    (footnote.corpus / f"{'bridge-' * 20}.md").write_text(ARTICLE, "utf-8")
    await footnote.moderator.slash(footnote.channel, "index refresh")
    choices = await typed(footnote.moderator, footnote.channel, "index remove article", "title", "bridge")
    assert choices[0]["name"] == "Vilnius opens a bridge for cyclists"
    asked = await footnote.moderator.slash(
        footnote.channel, "index remove article", title=choices[0]["value"]
    )
    assert "Vilnius opens a bridge" in text_of(asked.response)
    await footnote.moderator.click(asked.response.message, label="Remove")
    assert (await footnote.desk.status()).articles == 11
    act = (await footnote.bot.ledger.history(1))[0]
    assert (act.kind, act.detail) == ("remove", "Vilnius opens a bridge for cyclists")


async def test_a_removal_of_what_is_not_there_is_told(footnote: Footnote) -> None:
    asked = await footnote.moderator.slash(footnote.channel, "index remove article", title="no such thing")
    assert "No article" in text_of(asked.response)
    assert not asked.response.components


async def test_an_undo_is_for_the_change_that_was_shown(footnote: Footnote) -> None:
    await edited(footnote)
    (footnote.corpus / "bridge.md").write_text(ARTICLE, "utf-8")
    undo = await footnote.moderator.slash(footnote.channel, "index undo")
    await footnote.moderator.slash(footnote.channel, "index refresh")
    told = await footnote.moderator.click(undo.response.message, custom_id=buttons(undo.response)["undo"])
    assert "Run /index undo again" in text_of(told.followups[-1])
    assert (await footnote.desk.status()).articles == 12


async def test_the_board_has_pages_and_bears_that_it_becomes_shorter(footnote: Footnote) -> None:
    things = ("bread", "a bicycle", "the opera", "chess", "tulips", "volcanoes", "the metro in Tokyo")
    for thing in things:
        await footnote.member.slash(footnote.channel, "ask", question=f"What is the price of {thing}?")
    board = await footnote.moderator.slash(footnote.channel, "index gaps")
    groups = text_of(board.response)
    assert "asked" in groups
    gaps = await footnote.bot.ledger.gaps()
    assert len(gaps) == len(things)
    later = await footnote.moderator.slash(footnote.channel, "index gaps")
    if "gaps" in buttons(later.response):
        await footnote.bot.ledger.close_gaps([gap.id for gap in gaps[2:]], "test")
        await footnote.moderator.click(later.response.message, custom_id=buttons(later.response)["gaps"])
        assert "gap" in buttons(later.response)


async def test_the_history_turns_pages_newest_first_and_is_harmless(footnote: Footnote) -> None:
    from bot.ledger import Act

    for number in range(23):
        detail = f"act {number} @everyone **x**"
        await footnote.bot.ledger.note(Act(datetime.now(UTC), 1, "<@&1> mod", None, "refresh_failed", detail))
    shown = await footnote.moderator.slash(footnote.channel, "index history")
    assert "act 22" in text_of(shown.response)
    assert "act 12" not in text_of(shown.response)
    for raw in ("@everyone", "**x**", "<@&1>"):
        assert raw not in text_of(shown.response)
    await footnote.restart()
    await footnote.moderator.click(shown.response.message, label="Next")
    assert "act 12" in text_of(shown.response)
    await footnote.moderator.click(shown.response.message, label="Next")
    assert "act 0" in text_of(shown.response)
    assert "Next" not in str(shown.response.components)


async def test_a_form_that_nobody_opened_is_refused_to_others_and_harmless_from_a_moderator(
    footnote: Footnote,
) -> None:
    await footnote.member.slash(footnote.channel, "ask", question=ABSENT)
    gap = (await footnote.bot.ledger.gaps())[0]
    forms = {
        f"fnm:close:{gap.id}": "not ours",
        "fnm:source": "https://news.example.com/",
        "fnm:unknown:1": "text",
    }
    for custom_id, value in forms.items():
        refused = await submitted(footnote.member, footnote.channel, custom_id, value)
        assert refused.ephemeral
        assert "Only moderators" in text_of(refused.response)
    assert len(await footnote.bot.ledger.gaps()) == 1
    unknown = await submitted(footnote.moderator, footnote.channel, "fnm:unknown:1", "text")
    assert "older version" in text_of(unknown.response)
    elsewhere: Any = await submitted(footnote.moderator, footnote.channel, "other:form", "text")
    assert not elsewhere.acknowledged
