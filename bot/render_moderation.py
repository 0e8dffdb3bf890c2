"""What moderators see of the index: progress, reports, drafts, status. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import discord

from bot import text
from bot.ledger import Act, Today
from bot.markup import cut, escaped_within, length, line, link
from bot.render import ANSWERED, DIFFERENT, DOT, byline
from bot.texts import Texts
from corpus.article import Unread
from index.reports import Draft, Estimate, Generation, Progress, RefreshReport, Spent, Status, Undone
from index.types import Card

BAR = 14
LISTED = 6
"""Rows of a list before it is cut."""


@dataclass(frozen=True, slots=True)
class Use:
    """How people use the index, and who looks after it."""

    today: Today
    waiting: int
    last: Act | None
    """What brought the index to its state, if that was done in Discord."""
    hours: int
    """How often it is refreshed by itself; 0 for never."""
    due: datetime | None
    """When that is next; None while it is paused."""


def progress(
    now: Progress | None, seconds: float, texts: Texts, *, by: str, held: str | None = None
) -> discord.Embed:
    """How far a refresh is. `seconds`: for which its phase was worked on. `held`: who has paused it."""
    if now is None or not now.total:
        shown = texts("refresh_starting")
    else:
        share = min(1.0, now.done / now.total)
        bar = "▰" * round(BAR * share) + "▱" * (BAR - round(BAR * share))
        known = share > 0.02 and held is None
        left = texts("time_left", time=texts.duration(seconds / share - seconds)) if known else ""
        counted = f"{texts.number(now.done)} / {texts.number(now.total)}"
        phase = texts(f"phase_{now.phase.replace(' ', '_')}")
        shown = f"{phase}\n{bar} {share:.0%}\n{DOT.join(part for part in (counted, left) if part)}"
    if held is not None:
        shown += f"\n⏸ {texts('refresh_held', name=line(cut(text.one_line(held), 60)))}"
    embed = discord.Embed(title=texts("refresh_title"), description=shown, colour=DIFFERENT)
    return embed.set_footer(text=texts("refresh_by", name=cut(text.one_line(by), 80)))


def report(report: RefreshReport, names: Mapping[str, str], texts: Texts) -> discord.Embed:
    """What a refresh did; `names` are the headlines of its articles, by id."""
    title = texts("report_dry" if report.dry_run else "report_title")
    embed = discord.Embed(title=title, colour=DIFFERENT if report.failed else ANSWERED)
    counts = (("report_unchanged", report.unchanged), ("report_duplicates", len(report.duplicates)))
    said = [f"{texts(key)}: {texts.number(number)}" for key, number in counts if number]
    if report.anew:
        said.insert(0, texts("report_anew"))
    elif not (report.added or report.changed or report.removed):
        said.insert(0, texts("report_nothing"))
    if report.estimate is not None:
        said.append(_estimate(report.estimate, texts))
    embed.description = "\n".join(said) or None
    for key, ids in _parts(report):
        rows = [f"• {escaped_within(text.one_line(names.get(id_) or id_), 110)}" for id_ in ids[:LISTED]]
        if ids:
            name = f"{texts(key)} {texts.number(len(ids))}"
            embed.add_field(name=name, value=first_rows(rows, texts, len(ids)), inline=False)
    if report.failed:
        failed = [_unread(each) for each in report.failed[:LISTED]]
        name = f"{texts('report_failed')} {texts.number(len(report.failed))}"
        embed.add_field(name=name, value=first_rows(failed, texts, len(report.failed)), inline=False)
    return embed.set_footer(text=text.duration(report.seconds))


def full_report(report: RefreshReport, names: Mapping[str, str], texts: Texts) -> str:
    """Everything that does not fit into a message, one fact a line."""
    rows: list[str] = []
    for key, ids in _parts(report):
        rows += [f"{texts(key)}: {names.get(id_, '')} [{id_}]" for id_ in ids]
    rows += [f"{texts('report_failed')}: {each.origin}: {each.reason}" for each in report.failed]
    rows += [f"{texts('report_duplicates')}: {each.origin} = {each.kept}" for each in report.duplicates]
    return "\n".join(text.one_line(row) for row in rows) + "\n"


def is_long(report: RefreshReport) -> bool:
    """Whether a message does not show all of a report."""
    shown = (report.added, report.changed, report.removed, report.failed)
    return any(len(each) > LISTED for each in shown) or bool(report.duplicates)


def _estimate(made: Estimate, texts: Texts) -> str:
    passages, tokens = texts.count("passage", made.passages), texts.number(made.tokens)
    read = texts("report_estimate", passages=passages, tokens=tokens)
    return read if made.cost is None else f"{read}, {texts('report_cost', cost=f'{made.cost:.4g}')}"


def _parts(report: RefreshReport) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (
        ("report_added", report.added),
        ("report_changed", report.changed),
        ("report_removed", report.removed),
    )


def _unread(unread: Unread) -> str:
    origin = escaped_within(text.one_line(unread.origin), 80)
    return f"• {origin}: {escaped_within(text.one_line(unread.reason), 160)}"


def draft(draft: Draft, texts: Texts) -> discord.Embed:
    """What would be added: headline, outlet, day, first lines, passages."""
    first = draft.articles[0]
    card = Card(first.id, first.title, first.source, first.url, first.published)
    card = replace(card, opening=first.text[:120])
    embed = discord.Embed(title=escaped_within(text.label(card), 250), colour=ANSWERED)
    author = texts("by_author", author=text.one_line(first.author)) if first.author else ""
    about = [
        escaped_within(text.one_line(first.source or ""), 100),
        texts.day(first.published),
        escaped_within(author, 150),
    ]
    address = link(texts("draft_page"), first.url, 600) if first.url else ""
    head = DOT.join(part for part in (*about, address) if part)
    embed.description = f"{head}\n\n> {escaped_within(text.one_line(first.text[:2000]), 500)}"
    number = texts.count("article", len(draft.articles))
    embed.add_field(name=texts("draft_holds"), value=f"{number}{DOT}{texts.count('passage', draft.passages)}")
    if len(draft.articles) > 1:
        others = [
            f"• {escaped_within(text.one_line(other.title) or text.shorten(other.text, 80), 150)}"
            for other in draft.articles[1:]
        ]
        embed.add_field(name=texts("draft_others"), value=first_rows(others, texts), inline=False)
    if draft.known:
        known = [f"• {byline(card, texts)}" for card in draft.known]
        embed.add_field(name=texts("draft_known"), value=first_rows(known, texts), inline=False)
    if draft.unread:
        unread = [_unread(each) for each in draft.unread]
        embed.add_field(name=texts("report_failed"), value=first_rows(unread, texts), inline=False)
    return embed


def status(status: Status, use: Use, texts: Texts) -> discord.Embed:
    """The state of the index, and how people use it."""
    today, last = use.today, use.last
    embed = discord.Embed(title=texts("status_title"), colour=ANSWERED)
    size = DOT.join((texts.count("article", status.articles), texts.count("passage", status.passages)))
    refreshed = status.last_refresh
    when = texts.ago(refreshed, datetime.now(UTC)) if refreshed else texts("never")
    # What was refreshed later, in a terminal, was nobody's here.
    here = last is not None and refreshed is not None and last.when > refreshed - timedelta(minutes=1)
    by = f"{DOT}{line(cut(last.name, 60))}" if last and here else ""
    median, slowest = today.median_seconds, today.slowest_seconds
    speed = (
        f"{text.duration(median)}{DOT}{texts('status_slowest', time=text.duration(slowest))}"
        if median is not None and slowest is not None
        else "–"
    )
    share = f"{today.not_found / today.questions:.0%}" if today.questions else "–"
    rows = [
        ("about_articles", size),
        ("about_newest", texts.day(status.newest) or texts("unknown")),
        ("about_refreshed", when + by),
        ("status_size", text.data_size(status.bytes)),
        ("status_model", line(cut(status.embedding, 100))),
        ("status_generation", texts.number(status.generation)),
        ("status_today", texts.number(today.questions)),
        ("status_not_found", share),
        ("status_speed", speed),
        ("status_queue", texts.number(use.waiting)),
        ("status_schedule", _schedule(use, texts)),
    ]
    if status.writer:
        rows.append(("status_writer", line(cut(status.writer, 100))))
    if status.spent is not None:
        rows.append(("status_spent", _spent(status.spent, texts)))
    for key, value in rows:
        embed.add_field(name=texts(key), value=value)
    if status.due:
        embed.add_field(
            name=texts("status_due"), value=texts("status_differs", due=line(status.due)), inline=False
        )
    if status.failed:
        failed = [f"• {line(cut(text.one_line(each.origin), 60))}" for each in status.failed]
        embed.add_field(name=texts("report_failed"), value=first_rows(failed, texts), inline=False)
    return embed


def _spent(spent: Spent, texts: Texts) -> str:
    """What the language model took of what it may take."""
    tokens = [texts.number(each) for each in (spent.tokens, spent.most_tokens) if each is not None]
    cost = [f"{each:.4g}" for each in (spent.cost, spent.most_cost) if each is not None]
    shown = texts("spent_tokens", tokens=" / ".join(tokens))
    return f"{shown}{DOT}{texts('spent_cost', cost=' / '.join(cost))}" if spent.cost is not None else shown


def undoable(kept: Sequence[Generation], texts: Texts) -> discord.Embed:
    """The change that an undo would take back, and those that could be taken back after it."""
    rows = [_generation(each, texts) for each in kept]
    asked = f"**{rows[0]}**\n\n{texts('undo_asked')}"
    embed = discord.Embed(title=texts("undo_title"), description=asked, colour=DIFFERENT)
    if rows[1:]:
        before = first_rows([f"• {row}" for row in rows[1:]], texts)
        embed.add_field(name=texts("undo_before"), value=before, inline=False)
    return embed


def _generation(each: Generation, texts: Texts) -> str:
    when = f"<t:{int(each.made.timestamp())}:f>" if each.made else texts("unknown")
    counts = (("+", each.added), ("~", each.changed), ("−", each.removed))
    return DOT.join((when, " ".join(f"{sign}{texts.number(number)}" for sign, number in counts if number)))


def undone(undone: Undone, texts: Texts) -> discord.Embed:
    """What an undo did, and what it means for the folder."""
    numbers = texts(
        "undone", back=texts.number(len(undone.restored)), out=texts.number(len(undone.taken_out))
    )
    return discord.Embed(
        title=texts("undone_title"), description=f"{numbers}\n\n{texts('undone_note')}", colour=DIFFERENT
    )


def _schedule(use: Use, texts: Texts) -> str:
    if not use.hours:
        return texts("off")
    next_one = f"<t:{int(use.due.timestamp())}:R>" if use.due else texts("paused")
    return f"{texts('every_hours', hours=use.hours)}{DOT}{next_one}"


def first_rows(rows: Sequence[str], texts: Texts, total: int | None = None) -> str:
    """As many rows as a field holds, and how many more there are of `total`."""
    shown: list[str] = []
    for row in rows[:LISTED]:
        if sum(length(each) + 1 for each in [*shown, row]) > 900:
            break
        shown.append(row)
    more = (len(rows) if total is None else total) - len(shown)
    return "\n".join([*shown, *([texts("and_more", n=texts.number(more))] if more else [])]) or "–"
