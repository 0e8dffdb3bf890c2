"""An answer as people see it: the sentences, and the footnotes under them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.style import Style
from rich.text import Text

from bot import told
from bot.console import is_plain, put, put_address, wrapped
from bot.text import byline, day, label, one_line, web_address
from bot.texts import Texts
from index.types import Answer, Card, Citation, Claim

ENGLISH = Texts("en")
DOT = " · "
_INDENT = 2


def put_answer(out: Console, answer: Answer) -> None:
    """Print an answer, or that there is none."""
    if answer.understood and one_line(answer.understood) != one_line(answer.question):
        put(out, Text(f"Read as: {one_line(answer.understood)}", "dim italic"), indent=_INDENT)
        put(out)
    if answer.outcome == "not_found":
        _put_not_found(out, answer)
        return
    for line in sentence_lines(out, answer):
        out.print(line, soft_wrap=True)
    by_number = {each.number: each for each in answer.citations}
    for group in answer.differences:
        _put_claims(out, f"Sources differ on {one_line(group[0].about)}:", group, by_number)
    if answer.changes:
        _put_claims(out, "This changed over time:", answer.changes, by_number)
    put(out)
    put_footnotes(out, answer)
    ending = [f"As of {day(answer.as_of)}."] if answer.as_of else []
    if answer.confidence is not None:
        ending.append(f"How likely this answers the question: {answer.confidence:.0%}.")
    counted = "; ".join(told.counted(answer, ENGLISH))
    notes = (
        " ".join(ending),
        " ".join([*([f"{counted}."] if counted else []), *told.notes(answer, ENGLISH)]),
    )
    if any(notes):
        put(out)
    for note in filter(None, notes):
        put(out, Text(note, "dim"), indent=_INDENT)


def sentence_lines(out: Console, answer: Answer) -> Iterator[Text]:
    """The sentences with their numbers, wrapped to the console; a translation over what it translates."""
    by_number = {each.number: each for each in answer.citations}
    for number, sentence in enumerate(answer.sentences):
        if number:
            yield Text()
        text = Text(one_line(sentence.translation or sentence.text), "" if number else "bold")
        yield from wrapped(
            out, text.append_text(_markers(out, sentence.citations, by_number)), indent=_INDENT
        )
        if sentence.translation:
            original = Text(one_line(sentence.text), "dim")
            yield from wrapped(out, original, indent=_INDENT + 2, first=Text("  = ", "dim"))


def put_footnotes(out: Console, answer: Answer) -> None:
    """The citations, numbered: where each stands, and its words where no sentence shows them."""
    shown = {_plain_words(sentence.text) for sentence in answer.sentences}
    width = max((len(str(each.number)) for each in answer.citations), default=1) + 3 + _INDENT
    first_of: dict[str, int] = {}
    for each in answer.citations:
        first = first_of.setdefault(each.article.id, each.number)
        origin = _origin(each.article, "" if first == each.number else f"same article as [{first}]")
        put(out, origin, indent=width, first=_marker(out, each).append(" "))
        if _plain_words(each.quote) not in shown:
            shown.add(_plain_words(each.quote))
            put(out, Text(f"“{one_line(each.quote)}”", "italic"), indent=width)
            if each.translation:
                meant = Text(f"“{one_line(each.translation)}”", "dim")
                put(out, meant, indent=width + 2, first=Text("= ", "dim"))
        # On a terminal the marker leads to the quote: the same address need not stand there twice.
        if first == each.number or is_plain(out):
            _put_link(out, each, width)


def _put_not_found(out: Console, answer: Answer) -> None:
    put(out, Text("No article here answers that.", "bold"), indent=_INDENT)
    for note in told.notes(answer, ENGLISH):
        put(out, note, indent=_INDENT)
    if answer.missing:
        words = ", ".join(f"“{one_line(word)}”" for word in answer.missing)
        put(out, f"No article contains {words}.", indent=_INDENT)
    denied = answer.writing is not None and answer.writing.denied  # then the measure was wrong
    if answer.confidence is not None and not denied:
        put(out, f"How likely the best sentences answer it: {answer.confidence:.0%}.", indent=_INDENT)
    if answer.nearest:
        put(out)
        put(out, "The closest articles, which may or may not help:", indent=_INDENT)
        for card in answer.nearest:
            put(out, _origin(card), indent=_INDENT + 2, first=Text("• ", "cyan"))


def _put_claims(out: Console, heading: str, claims: Sequence[Claim], by_number: dict[int, Citation]) -> None:
    put(out)
    put(out, Text(heading, "yellow"), indent=_INDENT)
    for claim in claims:
        text = Text(one_line(claim.claim)).append(" — ", "dim")
        for place, number in enumerate(claim.citations):
            if number not in by_number:
                continue
            who = ", ".join(byline(by_number[number].article)) or label(by_number[number].article)
            text.append("; " if place else "").append(f"{who} ", "dim")
            text.append_text(_markers(out, (number,), by_number))
        put(out, text, indent=_INDENT + 2, first=Text("• ", "yellow"))


def _markers(out: Console, numbers: Iterable[int], by_number: dict[int, Citation]) -> Text:
    text = Text()
    for number in numbers:
        text.append_text(_marker(out, by_number[number]) if number in by_number else Text(f"[{number}]"))
    return text


def _marker(out: Console, citation: Citation) -> Text:
    target = None if is_plain(out) else _target(citation)
    return Text(f"[{citation.number}]", Style(color="cyan", bold=False, link=target))


def _origin(card: Card, instead: str = "") -> Text:
    outlet = one_line(card.source or "")
    return Text(DOT).join(
        Text(part, style)
        for part, style in ((outlet, ""), (day(card.published), "dim"), (instead or label(card), "dim"))
        if part
    )


def _put_link(out: Console, citation: Citation, indent: int) -> None:
    target = _target(citation)
    if target is None:
        return
    # The page's own address is short enough to read; following it jumps to the quote.
    put_address(out, web_address(citation.article.url) or target, target, indent=indent)


def _target(citation: Citation) -> str | None:
    return web_address(citation.link) or web_address(citation.article.url)


def _plain_words(text: str) -> str:
    return one_line(text).strip(" .“”\"'")
