"""The articles of the scale benchmark: real ones, and generated ones for the rest.

Real are the news articles and the `load` stories of `../shared/eval`, which are read from there and never
kept in the repository. The others come from templates of our own words with numbers, names, places and dates,
the same at every run. All of them, real ones too, get an outlet (twelve of unequal share) and a day within
five years, so that filters mean something; those are invented.

The articles stand in one shuffled order: an index of any size holds the first ones, in the same mixture.
"""

from __future__ import annotations

import json
import random
import sys
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common import NEWS, records

LOAD = NEWS.parent / "load" / "documents.jsonl.gz"
SEED = 5
FIRST_DAY, DAYS = date(2018, 1, 1), 5 * 365
OUTLETS = {
    "The Harbour Gazette": 0.24,
    "Northern Wire": 0.18,
    "Daily Ledger": 0.14,
    "The Meridian": 0.11,
    "Evening Courier": 0.09,
    "Public Radio One": 0.07,
    "The Valley Times": 0.055,
    "Continental Review": 0.04,
    "Market Dispatch": 0.03,
    "The Lighthouse": 0.02,
    "Science Weekly": 0.015,
    "Old Town Record": 0.01,
}
"""Outlet -> its share of the articles."""


def articles(generated: int) -> list[dict[str, Any]]:
    """All articles in their order, as records of a .jsonl file; `generated` is how many are made up."""
    chosen = random.Random(SEED)
    every = [
        *((f"news-{row['id']}", row["title"], row["text"]) for row in records(NEWS / "articles.jsonl.gz")),
        *((f"load-{row['_id']}", row["title"], row["text"]) for row in records(LOAD)),
        *((f"made-{n}", *story(random.Random(f"{SEED}-{n}"))) for n in range(generated)),
    ]
    once = {text: (id_, title, text) for id_, title, text in every if text.strip()}  # `load` has copies
    every = list(once.values())
    chosen.shuffle(every)
    names, ends = list(OUTLETS), list(accumulate(OUTLETS.values()))
    return [
        {
            "id": id_,
            "title": title,
            "text": text,
            "source": chosen.choices(names, cum_weights=ends)[0],
            # More of the newer ones: the days' density rises evenly from the first to the last.
            "published": (
                FIRST_DAY + timedelta(int(DAYS * max(chosen.random(), chosen.random())))
            ).isoformat(),
            "url": "",
        }
        for id_, title, text in every
    ]


def write(folder: Path, rows: list[dict[str, Any]]) -> None:
    """The articles as a corpus folder: files of a thousand."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(0, len(rows), 1000):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows[number : number + 1000])
        (folder / f"articles-{number // 1000:03}.jsonl").write_text(lines, encoding="utf-8")


def story(dice: random.Random) -> tuple[str, str]:
    """Headline and text of a generated article: about a dozen paragraphs on one subject."""
    subject = dice.choice(list(SUBJECTS))
    words = Words(dice, subject)
    title = words.fill(dice.choice(HEADLINES))
    paragraphs = []
    for _ in range(dice.randint(6, 26)):
        lines = [words.fill(dice.choice(SENTENCES)) for _ in range(dice.randint(3, 6))]
        paragraphs.append(" ".join(lines))
    return title, "\n\n".join(paragraphs)


class Words:
    """Fills the slots of templates; an article keeps its few names, its place and its subject."""

    def __init__(self, dice: random.Random, subject: str) -> None:
        """`subject` is a key of SUBJECTS."""
        self._dice = dice
        self._topic = SUBJECTS[subject]
        self._people = [f"{dice.choice(FIRST)} {name(dice)}" for _ in range(3)]
        self._places = [
            f"{name(dice)}{dice.choice(['', ' Bay', ' Falls', ' County', ' Heights'])}" for _ in range(2)
        ]
        self._body = f"{name(dice)} {dice.choice(BODIES)}"

    def fill(self, template: str) -> str:
        """The template with every {slot} filled, its first letter large."""
        dice = self._dice
        text = template.format_map(
            {
                "person": dice.choice(self._people),
                "place": dice.choice(self._places),
                "body": self._body,
                "thing": dice.choice(self._topic["things"]),
                "things": dice.choice(self._topic["many"]),
                "deed": dice.choice(self._topic["deeds"]),
                "risk": dice.choice(self._topic["risks"]),
                "count": f"{dice.randint(3, 9000):,}",
                "share": dice.randint(2, 97),
                "money": f"${dice.randint(2, 900)} {dice.choice(['million', 'billion', 'thousand'])}",
                "day": f"{dice.choice(MONTHS)} {dice.randint(1, 28)}",
                "year": dice.randint(1975, 2022),
                "time": dice.choice(TIMES),
                "mood": dice.choice(MOODS),
                "role": dice.choice(ROLES),
            }
        )
        return text[0].upper() + text[1:]


def name(dice: random.Random) -> str:
    """A made-up name: rare words, as names are."""
    return "".join(dice.choice(STARTS) if n == 0 else dice.choice(ENDS) for n in range(dice.randint(2, 3)))


def _words(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def _topic(things: str, many: str, deeds: str, risks: str) -> dict[str, list[str]]:
    return {"things": _words(things), "many": _words(many), "deeds": _words(deeds), "risks": _words(risks)}


SUBJECTS = {
    "transport": _topic(
        "the new tram line, the ferry terminal, the rail tunnel, the coastal road, the bus depot, "
        "the night train",
        "passengers, drivers, commuters, cyclists, ticket inspectors, engineers",
        "reopened the northern platform, cut fares for students, replaced the old signals, "
        "closed two stations",
        "delays, a shortage of drivers, rising fuel prices, a signal failure, worn tracks",
    ),
    "health": _topic(
        "the vaccine trial, the regional hospital, the screening programme, the clinic, "
        "the ambulance service",
        "patients, nurses, surgeons, volunteers, pharmacists, researchers",
        "widened the trial, opened a second ward, sent out reminders, published the first results",
        "long waiting lists, side effects, a lack of beds, a new strain of influenza, staff shortages",
    ),
    "weather": _topic(
        "the storm, the flood barrier, the heat wave, the river gauge, the evacuation order, the wildfire",
        "residents, firefighters, farmers, families, rescue crews, forecasters",
        "raised the alarm, opened shelters in schools, flew water to the ridge, rebuilt the levee",
        "landslides, dry winds, a second crest of the river, power cuts, burned power lines",
    ),
    "economy": _topic(
        "the car plant, the central bank's decision, the trade agreement, the housing market, the wage deal",
        "workers, investors, shoppers, employers, exporters, economists",
        "raised its forecast, laid off a tenth of its staff, bought a rival, froze new hiring, lowered rates",
        "inflation, weaker demand, a strike, higher interest rates, broken supply chains",
    ),
    "politics": _topic(
        "the election, the coalition, the budget bill, the border treaty, the court's ruling, the inquiry",
        "voters, ministers, lawmakers, protesters, judges, diplomats",
        "called an early vote, vetoed the bill, signed the treaty, won a narrow majority, "
        "appealed the ruling",
        "a split in the party, a recount, sanctions, a vote of no confidence, low turnout",
    ),
    "sport": _topic(
        "the championship, the relay team, the stadium, the final, the training camp, the transfer",
        "fans, players, coaches, runners, referees, sponsors",
        "won the title, set a national record, signed a new striker, lost on penalties, beat the favourites",
        "injuries, a doping case, heavy rain, a ban on supporters, a crowded calendar",
    ),
    "science": _topic(
        "the space probe, the telescope, the fossil, the reactor test, the deep-sea survey, the satellite",
        "astronomers, divers, chemists, students, geologists, engineers",
        "mapped the sea floor, found a new species, landed near the pole, measured the signal twice",
        "radiation, a faulty valve, lost contact, a gap in funding, an uncertain orbit",
    ),
    "culture": _topic(
        "the film festival, the museum, the opera house, the novel, the exhibition, the concert series",
        "visitors, actors, curators, readers, musicians, collectors",
        "returned the paintings, won the main prize, sold out in an hour, restored the ceiling",
        "copyright claims, a leaking roof, falling donations, a boycott, forged letters",
    ),
}
FIRST = _words(
    "Anna, Boris, Carla, David, Elena, Farid, Grace, Hugo, Irina, Jonas, Kenji, Lucia, Marek, "
    "Nadia, Omar, Priya, "
    "Quentin, Rosa, Samuel, Tessa, Umar, Vera, Wilhelm, Ximena, Yusuf, Zoe"
)
STARTS = _words(
    "Al, Bar, Cor, Dun, Es, Fal, Gor, Hal, Is, Jar, Kel, Lor, Mar, Nor, Or, Pel, Quil, Ros, Sten, "
    "Tor, Ul, Var, "
    "Wen, Yor, Zel, Bran, Cald, Drum, Fen, Glen, Hart, Kir, Lin, Mor, Over, Pen, Rad, Sel, Thorn, Wick"
)
ENDS = _words(
    "an, ber, by, den, dor, ford, gate, ham, ia, ick, ington, kov, land, ley, man, mere, mouth, "
    "ner, ov, ridge, "
    "sen, ski, son, stad, ter, ton, ula, ville, well, wood, worth, berg, dal, nik, ova, rick"
)
BODIES = _words(
    "Council, Institute, University, Corporation, Authority, Foundation, Agency, Association, Union, Group"
)
MONTHS = _words(
    "January, February, March, April, May, June, July, August, September, October, November, December"
)
TIMES = _words(
    "on Monday, on Friday evening, early on Sunday, this week, last month, by the end of the year, "
    "overnight, "
    "within days, after three years of talks, for the second time, at noon, before dawn"
)
MOODS = _words("relieved, furious, cautious, proud, surprised, worried, hopeful, tired, sceptical, calm")
ROLES = _words(
    "a spokeswoman, the mayor, a senior official, the project's director, an eyewitness, the chief engineer, "
    "a union leader, the minister, a professor, the coach"
)
HEADLINES = [
    "{body} says {thing} will cost {money}",
    "{things} in {place} are {mood} about {thing}",
    "{thing}: {person} warns of {risk}",
    "How {thing} changed {place}",
    "{count} {things} wait for {thing} in {place}",
    "{body} {deed} {time}",
    "{person} of {body}: {share} percent want {thing}",
    "In {place}, {risk} and {mood} {things}",
]
SENTENCES = [
    "{body} {deed} {time}, according to {role} in {place}.",
    "{thing} will cost {money}, {share} percent more than was planned in {year}.",
    "“We are {mood}, and so are the {things},” said {person}, who has worked for {body} since {year}.",
    "About {count} {things} have been affected by {risk} since {day}.",
    "{person} told reporters {time} that {thing} could not wait any longer.",
    "In {year}, {place} had {count} inhabitants; today there are {share} percent more.",
    "Critics point to {risk}, which {body} has called unlikely.",
    "{things} gathered in front of {body} {time}, and {count} signed a letter.",
    "The plan for {thing} was first presented on {day}, {year}.",
    "{role} said that {risk} had been known for years, but that nobody had {mood} answers.",
    "A report of {count} pages, seen by this paper, describes {risk} near {place} in detail.",
    "{share} percent of the {things} who were asked say that {thing} matters to them.",
    "“Nobody expected {risk},” {person} said. “But we were {mood} when {body} {deed}.”",
    "The first of {count} {things} arrived in {place} {time}.",
    "According to figures of {body}, spending on {thing} rose from {money} in {year} to {money}.",
    "If {risk} continues, {person} said, {thing} may have to be given up by {day}.",
    "{place} is not alone: {things} elsewhere have also complained about {risk}.",
    "It was {person} who, in {year}, brought {thing} to {place}.",
    "A decision is expected on {day}; until then {things} remain {mood}.",
    "{body} did not answer questions about {money} that were set aside for {thing}.",
    "Neighbours of {thing} remember how {place} looked in {year}, long before {risk}.",
    "The court gave {person} until {day} to explain why {body} {deed}.",
    "For {things} like {person}, {thing} means {count} fewer hours on the road each year.",
    "{role} called the vote of {share} to {count} a clear sign against {risk}.",
    "Even so, {things} said {time} that they would be back.",
    "The money, {money} in all, comes from {body} and from {count} donors in {place}.",
    "Before {risk}, there had been talk of {thing} for {place} at least since {year}.",
    "Not everybody was {mood}: {person} left the meeting after {count} minutes.",
]
