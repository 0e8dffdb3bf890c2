"""Words that another word turns into something else: for sentences made false (`falsehoods.py`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping


def _both_ways(pairs: str) -> dict[str, str]:
    table: dict[str, str] = {}
    for pair in re.split(r"[,\n]", pairs):
        first, _, second = pair.strip().partition("/")
        if second:
            table.setdefault(first.strip(), second.strip())
            table.setdefault(second.strip(), first.strip())
    return table


OPPOSITES = _both_ways(
    """rose/fell, rise/fall, rising/falling, increased/decreased, increase/decrease, increasing/decreasing
    won/lost, win/lose, winning/losing, winner/loser, more/fewer, higher/lower, highest/lowest, high/low
    before/after, north/south, northern/southern, northeast/southwest, east/west, eastern/western
    largest/smallest, larger/smaller, large/small, biggest/smallest, big/little, best/worst, better/worse
    accepted/rejected, approved/rejected, accept/reject, approve/reject, legal/illegal, guilty/innocent
    alive/dead, arrived/departed, opened/closed, open/closed, started/ended, begins/ends, began/ended
    above/below, men/women, man/woman, male/female, son/daughter, father/mother, husband/wife, brother/sister
    bought/sold, buy/sell, support/oppose, supported/opposed, supports/opposes, supporters/opponents
    success/failure, successful/unsuccessful, victory/defeat, allowed/banned, allow/ban, allows/bans
    same/different, youngest/oldest, younger/older, young/old, earlier/later, earliest/latest, early/late
    hot/cold, hotter/colder, strong/weak, stronger/weaker, gained/lost, gains/losses, growth/decline
    expanded/shrank, joined/left, enter/leave, hired/fired, profit/loss, possible/impossible, likely/unlikely
    able/unable, true/false, positive/negative, common/rare, rich/poor, safe/dangerous, public/private
    majority/minority, minimum/maximum, longest/shortest, long/short, longer/shorter, tall/short, heavy/light
    day/night, summer/winter, spring/autumn, import/export, imports/exports, upper/lower, inside/outside
    inner/outer, first/last, urban/rural, domestic/foreign, native/foreign, agreed/refused, easy/difficult
    accused/cleared, praised/criticized, raised/lowered, raise/lower, forbidden/permitted, popular/unpopular
    increasingly/decreasingly, fewer/more, less/more, ally/enemy, allies/enemies, peace/war, ancient/modern
    upheld/overturned, with/without, over/under, democrat/republican, democrats/republicans
    offensive/defensive, teacher/student, employer/employee, buyer/seller, landlord/tenant, parent/child
    survived/died, born/buried, construction/demolition, built/demolished, released/imprisoned, saved/killed
    attack/defense, attacked/defended, promoted/demoted, confirmed/denied, admitted/denied, begin/stop
    abundant/scarce, complex/simple, solid/liquid, left-wing/right-wing, uncommon/common, forward/backward"""
)
QUANTIFIERS = _both_ways(
    """all/some, most/few, many/few, every/no, each/no, more than/less than, at least/at most, up to/at least
    nearly/more than, almost/more than, both/neither, several/all, half/a third, twice/three times
    always/sometimes, often/rarely, usually/rarely, never/often, the only/one of the, one of the/the only
    fewer than/more than, over/under, around/more than, majority/minority, everyone/nobody, everything/nothing
    mostly/only partly, entirely/partly, frequently/seldom, generally/never, tens of/hundreds of
    dozens of/hundreds of, hundreds of/thousands of, thousands of/millions of, two/all, rarely/often"""
)
UNITS = _both_ways(
    """million/billion, thousand/million, trillion/billion, kilometers/miles, kilometres/miles, km/miles
    meters/kilometers, feet/miles, inches/feet, pounds/tons, kilograms/tons, grams/kilograms, minutes/hours
    seconds/minutes, days/weeks, weeks/months, months/years, years/decades, decades/centuries, dollars/cents
    acres/square miles, percent/times, episodes/seasons, games/seasons, points/goals, yards/miles, hours/days
    people/families, votes/seats, percentage points/times, degrees/percent, barrels/gallons, liters/gallons"""
)
RAISED: Mapping[str, str] = {
    "may": "will",
    "might": "will",
    "could": "will",
    "would": "will",
    "plans to": "has begun to",
    "plan to": "have begun to",
    "planned to": "went on to",
    "is expected to": "is certain to",
    "are expected to": "are certain to",
    "expected to": "certain to",
    "appears to be": "is",
    "seems to be": "is",
    "tried to": "managed to",
    "attempted to": "managed to",
    "wants to": "has decided to",
    "hopes to": "is going to",
    "believed to be": "known to be",
    "thought to be": "known to be",
    "likely": "certainly",
    "probably": "certainly",
    "possibly": "certainly",
    "proposed": "passed",
    "accused of": "convicted of",
    "charged with": "convicted of",
    "suspected": "proven",
    "alleged": "proven",
    "claims": "proves",
    "considering": "carrying out",
    "should": "must",
    "suggests": "proves",
    "suggested": "proved",
    "indicates": "proves",
    "estimated": "confirmed",
    "potential": "actual",
}
LOWERED: Mapping[str, str] = {
    "will": "might",
    "must": "may",
    "was": "may have been",
    "were": "may have been",
    "is": "could be",
    "are": "could be",
    "has been": "may have been",
    "confirmed": "speculated",
    "certainly": "possibly",
    "required to": "free to",
    "convicted of": "suspected of",
    "proved": "hinted",
    "managed to": "tried to",
    "knew": "suspected",
    "decided to": "thought about whether to",
}
PAST_TO_BASE: Mapping[str, str] = dict(
    pair.split("/")
    for pair in """won/win made/make took/take began/begin became/become gave/give came/come went/go
    left/leave led/lead lost/lose met/meet paid/pay played/play joined/join killed/kill launched/launch
    moved/move opened/open ordered/order owned/own passed/pass performed/perform produced/produce
    published/publish
    reached/reach received/receive released/release returned/return sent/send served/serve signed/sign
    sold/sell spent/spend started/start stopped/stop visited/visit voted/vote announced/announce
    approved/approve arrested/arrest asked/ask attacked/attack attended/attend backed/back bought/buy
    built/build called/call captured/capture caused/cause changed/change confirmed/confirm created/create
    defeated/defeat died/die directed/direct ended/end entered/enter established/establish faced/face
    featured/feature finished/finish followed/follow formed/form founded/found fell/fall grew/grow
    helped/help increased/increase introduced/introduce invaded/invade issued/issue kept/keep lived/live
    agreed/agree appeared/appear arrived/arrive rose/rise ran/run scored/score showed/show spoke/speak
    supported/support warned/warn withdrew/withdraw wrote/write worked/work held/hold starred/star
    recorded/record graduated/graduate attended/attend developed/develop said/say told/tell""".split()
)
ACTS_ON: Mapping[str, str] = {
    "beat": "was beaten by",
    "defeated": "was defeated by",
    "attacked": "was attacked by",
    "accused": "was accused by",
    "killed": "was killed by",
    "sued": "was sued by",
    "acquired": "was acquired by",
    "bought": "was bought by",
    "criticized": "was criticized by",
    "replaced": "was replaced by",
    "succeeded": "was succeeded by",
    "invaded": "was invaded by",
    "founded": "was founded by",
    "directed": "was directed by",
    "defended": "was defended by",
    "supported": "was supported by",
    "arrested": "was arrested by",
    "conquered": "was conquered by",
    "influenced": "was influenced by",
    "hired": "was hired by",
    "followed": "was followed by",
    "told": "was told by",
    "asked": "was asked by",
    "joined": "was joined by",
    "called": "was called by",
    "owns": "is owned by",
    "leads": "is led by",
    "wrote": "was written by",
}
ROLES: Mapping[str, str] = {
    "president": "prime minister",
    "prime minister": "president",
    "chairman": "treasurer",
    "director": "actor",
    "actor": "director",
    "singer": "drummer",
    "coach": "captain",
    "captain": "coach",
    "governor": "senator",
    "senator": "governor",
    "mayor": "sheriff",
    "lawyer": "judge",
    "judge": "lawyer",
    "victim": "suspect",
    "suspect": "victim",
    "king": "duke",
    "queen": "duchess",
    "author": "publisher",
    "spokesman": "rival",
    "spokesperson": "rival",
    "secretary": "ambassador",
    "ceo": "founder",
    "founder": "owner",
    "owner": "founder",
    "doctor": "patient",
    "general": "corporal",
    "producer": "composer",
    "composer": "producer",
    "player": "referee",
    "scientist": "politician",
    "novelist": "painter",
    "painter": "novelist",
    "footballer": "tennis player",
    "politician": "priest",
    "son": "nephew",
    "capital": "port",
    "river": "canal",
    "company": "charity",
    "album": "book",
    "song": "film",
    "film": "play",
    "university": "hospital",
    "church": "theatre",
    "city": "county",
}


def matches(text: str, table: Mapping[str, str]) -> Iterator[tuple[re.Match[str], str]]:
    """Where a word of the table stands in a text, and what it becomes, in the same case; long ones first."""
    for word in sorted(table, key=len, reverse=True):
        for match in re.finditer(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text, re.I):
            other = table[word]
            yield match, other[:1].upper() + other[1:] if match.group()[0].isupper() else other
