"""What people see of articles, hits, refreshes and the state of the index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.text import Text

from bot.console import put, put_address, put_whole
from bot.text import byline, count, data_size, day, duration, excerpt, label, one_line, safe_text, web_address
from corpus.article import Article, Unread
from index.reports import Check, Duplicate, Estimate, Generation, RefreshReport, Status, Undone
from index.types import Card, Hit

LISTED = 20
"""Longer lists are cut for people; JSON has all."""
HIT = 300
"""Characters that are shown of a passage that a search found."""
DOT = " · "


def put_articles(out: Console, cards: Sequence[Card]) -> None:
    """The articles: two lines each on a terminal, one in a pipe (date, outlet, id, headline)."""
    outlets = max((len(one_line(card.source or "")) for card in cards), default=0)
    ids = max((len(card.id) for card in cards), default=0)
    for card in cards:
        date, outlet = day(card.published).rjust(11), one_line(card.source or "")
        if out.is_terminal:
            put(out, label(card), indent=13, first=Text(f"{date}  ", "dim"))
            put(out, Text(DOT.join(filter(None, (outlet, one_line(card.id)))), "dim"), indent=13)
        else:
            put_whole(out, f"{date}  {outlet:{outlets}}  {one_line(card.id):{ids}}  {label(card)}")


def put_article(out: Console, article: Article, *, indent: int = 0) -> None:
    """Everything that is known of an article, and its text."""
    if article.title:
        put(out, Text(one_line(article.title), "bold"), indent=indent)
    card = Card(article.id, article.title, article.source, article.url, article.published, article.author)
    author = (f"by {one_line(article.author)}",) if article.author else ()
    put(out, Text(DOT.join((*byline(card), *author, one_line(article.id))), "dim"), indent=indent)
    if address := web_address(article.url):
        put_address(out, address, address, indent=indent)
    put(out)
    for paragraph in safe_text(article.text).split("\n"):
        # A pipe gets the paragraphs as they are, a terminal gets them wrapped.
        if out.is_terminal:
            put(out, paragraph, indent=indent)
        else:
            put_whole(out, paragraph, indent=indent)


def put_hits(out: Console, hits: Sequence[Hit]) -> None:
    """The passages that a search found, numbered."""
    for number, hit in enumerate(hits, 1):
        if number > 1:
            put(out)
        put(out, Text(label(hit.card), "bold"), indent=6, first=Text(f"{f'[{number}]':>5} ", "cyan"))
        more = (f"{count(hit.more, 'more passage')}",) if hit.more else ()
        about = DOT.join((*byline(hit.card), one_line(hit.card.id), *more))
        put(out, Text(about, "dim"), indent=6)
        put(out, _marked(hit), indent=6)


def put_report(out: Console, report: RefreshReport, *, first: bool = False) -> None:
    """What a refresh did. `first`: it was the building of the index, before another command."""
    put(out, _report_line(report, first=first))
    if not first:
        for sign, style, ids in (
            ("+", "green", report.added),
            ("~", "yellow", report.changed),
            ("-", "red", report.removed),
        ):
            _put_some(out, [Text(f"{sign} {one_line(name)}", style) for name in ids])
    if report.estimate is not None:
        put(out, _estimate_line(report.estimate))
    put_left_out(out, report.failed, report.duplicates)


def put_undone(out: Console, undone: Undone) -> None:
    """What an undo did, and what it means for the folder."""
    numbers = ((len(undone.restored), "back"), (len(undone.taken_out), "taken out"))
    parts = ", ".join(f"{count(number, 'article')} {what}" for number, what in numbers if number)
    put(out, f"Undone: {parts}.")
    for sign, style, ids in (("+", "green", undone.restored), ("-", "red", undone.taken_out)):
        _put_some(out, [Text(f"{sign} {one_line(name)}", style) for name in ids])
    put(out, Text("The corpus folder is as it was: the next refresh makes the change again.", "dim"))


def put_generations(out: Console, kept: Sequence[Generation]) -> None:
    """The changes that can be undone, the last first, one a line."""
    for each in kept:
        counts = ((each.added, "added"), (each.changed, "changed"), (each.removed, "removed"))
        parts = ", ".join(f"{number:,} {what}" for number, what in counts if number)
        when = _moment(each.made) if each.made else "at a time that was not noted"
        put(out, DOT.join((when, parts)), indent=14, first=Text(f"generation {each.number}".ljust(14), "dim"))


def put_status(out: Console, status: Status) -> None:
    """The state of the index, one fact a line."""
    outlets = count(len(status.sources), "outlet")
    dates = DOT.join(
        f"{word} {day(value)}"
        for word, value in (("oldest", status.oldest), ("newest", status.newest))
        if value
    )
    rows = (
        ("Articles", DOT.join((f"{count(status.articles, 'article')} from {outlets}", dates)).rstrip(DOT)),
        ("Outlets", DOT.join(f"{one_line(name)} {number:,}" for name, number in status.sources)),
        ("Corpus", one_line(status.corpus)),
        (
            "Index",
            DOT.join((one_line(status.data), data_size(status.bytes), count(status.passages, "passage"))),
        ),
        *((("Vectors", one_line(status.vectors)),) if status.vectors else ()),
        ("Model", one_line(status.embedding)),
        *([("Writer", _writer(status))] if status.writer else []),
        ("Refreshed", _moment(status.last_refresh)),
        *([("Settings", f"{status.due}: the next refresh builds the index anew")] if status.due else []),
    )
    for name, fact in rows:
        put(out, fact or "none known", indent=11, first=Text(name.ljust(11), "dim"))
    put_left_out(out, status.failed, status.duplicates)


def put_checks(out: Console, checks: Sequence[Check]) -> None:
    """The findings of the doctor, and how to mend what is wrong."""
    width = max((len(check.name) for check in checks), default=0)
    for check in checks:
        sign = Text("✓ ", "green") if check.ok else Text("✗ ", "red")
        sign.append(one_line(check.name).ljust(width + 2), "bold")
        put(out, one_line(check.detail), indent=width + 4, first=sign)
        if not check.ok and check.mend:
            put(out, Text(one_line(check.mend), "yellow"), indent=width + 4)


def _marked(hit: Hit) -> Text:
    """What the passage says around the words of the query, which are bold."""
    pieces = excerpt(hit.passage.text, hit.matched, HIT)
    return Text.assemble(*((piece, "bold" if matched else "") for piece, matched in pieces))


def _report_line(report: RefreshReport, *, first: bool) -> str:
    seconds = duration(report.seconds)
    if first:
        return f"Indexed {count(len(report.added), 'article')} in {seconds}."
    if report.anew:
        number = count(report.unchanged + len(report.added) + len(report.changed), "article")
        if report.dry_run:
            return f"A refresh would build the index anew: {number}."
        return f"Built anew: {number}, in {seconds}."
    if not (report.added or report.changed or report.removed):
        return f"Nothing to do: {count(report.unchanged, 'article')} unchanged, looked at in {seconds}."
    parts = ", ".join(
        f"{number:,} {what}"
        for number, what in (
            (len(report.added), "added"),
            (len(report.changed), "changed"),
            (len(report.removed), "removed"),
            (report.unchanged, "unchanged"),
        )
        if number
    )
    return f"A refresh would do this: {parts}." if report.dry_run else f"Articles: {parts}, in {seconds}."


def _estimate_line(estimate: Estimate) -> str:
    """What the embedding model would have to read."""
    if not estimate.passages:
        return "The embedding model has nothing to read."
    cost = f", for about {estimate.cost:.4g}" if estimate.cost is not None else ""
    read = f"{count(estimate.passages, 'passage')}, about {count(estimate.tokens, 'token')}"
    return f"The embedding model would read {read}{cost}."


def put_left_out(out: Console, failed: Sequence[Unread], duplicates: Sequence[Duplicate]) -> None:
    """The files that are not in the index, each by name with the reason."""
    if failed:
        put(out, Text(f"{count(len(failed), 'file')} could not be read:", "yellow"))
        for each in failed:
            put(out, f"{one_line(each.origin)}: {one_line(each.reason)}", indent=4, first="- ")
    if duplicates:
        put(out, Text(f"{count(len(duplicates), 'duplicate')} left out:", "yellow"))
        _put_some(
            out, [Text(f"- {one_line(each.origin)}: same as {one_line(each.kept)}") for each in duplicates]
        )


def _put_some(out: Console, lines: Sequence[Text]) -> None:
    for line in lines[:LISTED]:
        put(out, line, indent=2)
    if len(lines) > LISTED:
        put(out, Text(f"… and {len(lines) - LISTED:,} more (--json has all)", "dim"), indent=2)


def _writer(status: Status) -> str:
    """The language model, and what it took today of what it may."""
    spent, name = status.spent, one_line(status.writer)
    if spent is None:
        return f"{name}{DOT}what it took today cannot be read"
    most = f" of {spent.most_tokens:,}" if spent.most_tokens is not None else ""
    tokens = f"{spent.tokens:,}{most} tokens today"
    if spent.cost is None:
        return f"{name}{DOT}{tokens}"
    limit = f" of {spent.most_cost:.4g}" if spent.most_cost is not None else ""
    return f"{name}{DOT}{tokens}{DOT}{spent.cost:.4g}{limit} in money"


def _moment(value: datetime | None) -> str:
    if value is None:
        return "never"
    local = value.astimezone()
    return f"{day(local.date())}, {local:%H:%M}"
