"""Sentences said in other words that keep what a quote says: what a good writer may write.

Each takes a quote and gives it in another form, or None where the quote gives no occasion for that.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from random import Random

from index.words import NUMBERS, STOPWORDS
from tests.index.worst_tables import ACTS_ON
from tests.index.worst_text import names


@dataclass(frozen=True, slots=True)
class Told:
    """A quote and what the evidence tells with it; the strings are empty where it is unknown."""

    quote: str
    outlet: str = ""
    date: str = ""
    """Of publication, as 2022-03-24."""


Rewording = Callable[[Told, Random], str | None]

_WORD_OF = {number: word for word, number in NUMBERS.items()}
_LEADS = r"(?:On|In|At|During|After|Before|Earlier|Last|By|Since|Until|Throughout|Following)\b"
_LEADING = re.compile(
    rf"^(?P<lead>{_LEADS}(?: (?!\w+ed\b|that\b|is\b|was\b)[\w.’'-]+){{0,5}}), "
    r"(?P<rest>(?!and\b|or\b|the \w+ \w+ing\b)[A-Za-z][^;]{20,}\.)$"
)
_ASIDE = re.compile(
    rf"^(?!{_LEADS})(?P<main>[^,;“”\"]{{30,}}), (?:which|who|where|adding that|one of|an?)"
    r" (?![^,;]*\b(?:said|says|told)\b)[^,;]{10,}\.$"
)
_FIGURE = re.compile(
    r"(?<![\w.,$£€-])(?<!(?:ber|ary|uly|une|ril|rch|ust|May|pt\.|ec\.|ct\.|an\.|eb\.|ov\.|ug\.) )"
    r"(?:[2-9]|1\d|20)(?= [a-z]{3,})(?! (?:percent|million|billion|a\.m|p\.m))"
)


def _table(text: str) -> dict[str, str]:
    return dict(pair.strip().split("/") for pair in re.split(r"[,\n]", text) if pair.strip())


_SHORT = _table(
    """Jan./January, Feb./February, Aug./August, Sept./September, Oct./October, Nov./November, Dec./December
    U.S./United States, U.K./United Kingdom, Gov./Governor, Sen./Senator, Rep./Representative, Gen./General"""
)
_SAME = _table(
    """approximately/about, purchased/bought, purchase/buy, children/kids, assist/help, commenced/began
    sufficient/enough, subsequently/later, individuals/people, attempted/tried, obtained/got, required/needed
    requires/needs, additional/further, numerous/many, began/started, film/movie, movie/film, largest/biggest
    founded/established, located/situated, constructed/built, biggest/largest, received/got, almost/nearly
    nearly/almost, automobile/car, photo/picture, roughly/about, entire/whole, huge/enormous, murdered/killed
    created/made, ended/finished, approximately/roughly, soldiers/troops, residence/home, vehicle/car
    shut/closed, cops/police, aircraft/planes, purchase/buy, depart/leave, reside/live, resides/lives"""
)
_SPELT = _table(
    """color/colour, center/centre, defense/defence, labor/labour, harbor/harbour, honored/honoured
    favor/favour, organization/organisation, theater/theatre, traveled/travelled, organized/organised"""
)
_NOT = _table(
    """don/do, doesn/does, didn/did, isn/is, aren/are, wasn/was, weren/were, hasn/has, haven/have, hadn/had
    couldn/could, wouldn/would, shouldn/should"""
)
_HEADS = _table(
    """French/France, German/Germany, British/Britain, Russian/Russia, Ukrainian/Ukraine, Chinese/China
    Japanese/Japan, Italian/Italy, Spanish/Spain, Polish/Poland, Turkish/Turkey, Brazilian/Brazil
    Mexican/Mexico, Canadian/Canada, Indian/India, Israeli/Israel, Iranian/Iran, Australian/Australia"""
)


def sound(quote: str) -> bool:
    """Whether a quote is one whole sentence, so that what is made of it is one too."""
    words = quote.split()
    doubled = any(words[:n] == words[n : 2 * n] for n in range(1, len(words) // 2 + 1))
    return (
        30 <= len(quote) <= 320
        and quote[0].isupper()
        and quote.endswith(".")
        and not doubled
        and not re.search(r"[.!?] [A-Z“\"]|\n|\[|\(\d{4} film\)| ,", quote)
        and not quote.startswith(("And ", "But ", "So ", "Or ", "Who ", "Which ", "What "))
    )


def verbatim(told: Told, _: Random) -> str:
    return told.quote


def according_to(told: Told, _: Random) -> str | None:
    return f"According to {told.outlet}, {_small(told.quote)}" if told.outlet else None


def reported_that(told: Told, _: Random) -> str | None:
    return f"{told.outlet} reported that {_small(told.quote)}" if told.outlet else None


def lead_dropped(told: Told, _: Random) -> str | None:
    match = _LEADING.match(told.quote)
    return match and _large(match["rest"])


def lead_moved(told: Told, _: Random) -> str | None:
    match = _LEADING.match(told.quote)
    if match is None:
        return None
    return f"{_large(match['rest'][:-1])} {match['lead'][:1].lower()}{match['lead'][1:]}."


def clause_dropped(told: Told, _: Random) -> str | None:
    """Without what is told beside the sentence, at its end or in brackets."""
    match = _ASIDE.match(told.quote)
    return match and f"{match['main']}."


def brackets_dropped(told: Told, _: Random) -> str | None:
    made = re.sub(r"\s*\([^()]*\)", "", told.quote)
    return made if made != told.quote and sound(made) else None


def in_words(told: Told, _: Random) -> str | None:
    match = _FIGURE.search(told.quote)
    return match and told.quote[: match.start()] + _WORD_OF[match[0]] + told.quote[match.end() :]


def in_figures(told: Told, _: Random) -> str | None:
    spelled = "|".join(word for word, number in NUMBERS.items() if int(number) > 2)
    match = re.search(rf"(?<=[a-z] )(?:{spelled})(?= [a-z]{{3,}})(?! (?:hundred|thousand|of))", told.quote)
    return match and told.quote[: match.start()] + NUMBERS[match[0]] + told.quote[match.end() :]


def written_out(told: Told, _: Random) -> str | None:
    """ "don't" as "do not", "Sept. 3" as "September 3"."""
    made = re.sub(rf"\b({'|'.join(_NOT)})n?['’]t\b", lambda m: f"{_NOT[m[1]]} not", told.quote)
    made = re.sub(r"\b(they|we|you|They|We|You)['’]re\b", r"\1 are", made)
    made = re.sub(r"\b(they|we|you|I|They|We|You)['’]ve\b", r"\1 have", made)
    for short, long in _SHORT.items():
        made = re.sub(rf"(?<!\w){re.escape(short)}(?= [A-Za-z\d])", long, made)
    return made if made != told.quote else None


def percent(told: Told, _: Random) -> str | None:
    if "percent" in told.quote:
        return re.sub(r"(?<=\d) percent\b", "%", told.quote)
    return re.sub(r"(?<=\d)%", " percent", told.quote) if re.search(r"\d%", told.quote) else None


def stated(told: Told, _: Random) -> str | None:
    made = re.sub(r"\bsaid\b(?! to\b)", "stated", told.quote, count=1)
    return made if made != told.quote else None


def same_words(told: Told, chance: Random) -> str | None:
    found = [
        (m, other)
        for word, other in _SAME.items()
        for m in re.finditer(rf"(?<![\w-]){word}(?![\w’'-])", told.quote)
    ]
    if not found:
        return None
    match, other = chance.choice(found)
    return told.quote[: match.start()] + other + told.quote[match.end() :]


def spelt_otherwise(told: Told, _: Random) -> str | None:
    made = told.quote
    for one, other in _SPELT.items():
        made = re.sub(rf"\b{one}\b", other, made)
    return made if made != told.quote else None


def of_the_country(told: Told, _: Random) -> str | None:
    match = re.search(
        rf"\b(?:the )?({'|'.join(_HEADS)}) "
        r"(president|prime minister|government|parliament|army|capital)\b(?! [A-Z])",
        told.quote,
    )
    return (
        match
        and f"{told.quote[: match.start()]}the {match[2]} of {_HEADS[match[1]]}{told.quote[match.end() :]}"
    )


def by_date(told: Told, _: Random) -> str | None:
    """A day of the week, as the date that it was."""
    match = re.search(
        r"\bon (?P<day>(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b(?!,? (?:[A-Z]|night|morning))",
        told.quote,
    )
    if not match or not told.date:
        return None
    published = date.fromisoformat(told.date)
    order = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    back = (published.weekday() - order.index(match["day"].lower())) % 7
    coming = re.search(r"\bto \w+ $|\bwill\b|\bnext\b", told.quote[: match.start()])
    if (
        back == 0
        or back > 4
        or coming
        or not re.search(r"(?:ed|said|was|were|won|fell|rose|took|began)\b", told.quote)
    ):
        return None  # on its own day, and long ago, it may mean another week
    day = published - timedelta(days=back)
    spoken = f"{day.strftime('%B')} {day.day}, {day.year}"
    return f"{told.quote[: match.start()]}on {spoken}{told.quote[match.end() :]}"


def opening_dropped(told: Told, _: Random) -> str | None:
    match = re.match(r"(?:But|And|So|However,|Meanwhile,|In fact,|Still,|Also,) (?=\w)", told.quote)
    return match and _large(told.quote[match.end() :])


def straight_quotes(told: Told, _: Random) -> str | None:
    made = re.sub("[“”]", '"', told.quote).replace("’", "'").replace("—", "-")
    return made if made != told.quote else None


def speaker_first(told: Told, _: Random) -> str | None:
    match = re.match(r"^(?P<said>[“\"][^“”\"]{20,}),[”\"] (?P<who>[A-Z][\w .’'-]{2,40}) said\.$", told.quote)
    if match:
        return f"{match['who']} said: {match['said']}.”"
    match = re.match(r"^(?P<said>[^“”\"]{30,}), (?P<who>(?:the )?[\w .’'-]{3,40}) said\.$", told.quote)
    return match and f"{_large(match['who'])} said that {_small(match['said'])}."


def passive(told: Told, _: Random) -> str | None:
    """Who did it behind what was done: "Ada beat Ben." as "Ben was beaten by Ada."."""
    clear = {
        "beat",
        "defeated",
        "acquired",
        "founded",
        "directed",
        "invaded",
        "conquered",
        "replaced",
        "wrote",
    }
    found = names(f"x {told.quote}")
    spans = [(m.start() - 2, m.end() - 2) for m in found]
    for (a, b), (c, d) in pairwise(spans):
        between = told.quote[b:c].strip()
        if a == 0 and between in clear and told.quote[d:] == ".":
            return f"{told.quote[c:d]} {ACTS_ON[between]} {told.quote[a:b]}."
    return None


def _large(text: str) -> str:
    return text[:1].upper() + text[1:]


def _small(text: str) -> str:
    first = text.partition(" ")[0]
    return text[:1].lower() + text[1:] if first.lower() in STOPWORDS and first != "I" else text


REWORDINGS: dict[str, Rewording] = {
    "verbatim": verbatim,
    "according to": according_to,
    "reported that": reported_that,
    "lead dropped": lead_dropped,
    "lead moved": lead_moved,
    "clause dropped": clause_dropped,
    "brackets dropped": brackets_dropped,
    "in words": in_words,
    "in figures": in_figures,
    "written out": written_out,
    "percent": percent,
    "stated": stated,
    "same words": same_words,
    "spelt otherwise": spelt_otherwise,
    "of the country": of_the_country,
    "by date": by_date,
    "opening dropped": opening_dropped,
    "straight quotes": straight_quotes,
    "speaker first": speaker_first,
    "passive": passive,
}

JOINTS = ("{0}, and {1}.", "{0}; {1}.", "{0}, while {1}.")


def joined(first: str, second: str, chance: Random) -> str:
    """Two quotes as one sentence that says both."""
    return chance.choice(JOINTS).format(first.rstrip().rstrip("."), _small(second.rstrip().rstrip(".")))
