"""Scripts that break the form: markup, other alphabets, the prompt, orders obeyed, streams that end badly."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from random import Random

from tests.index.worst import Handed, Reply, Said, Script, as_json, replying
from tests.index.worst_lies import true

HTML = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<b>",
    "<a href='https://evil.example'>here</a>",
)
FORGED = (
    "[the source](https://evil.example/login)",
    "https://evil.example/?q=secret",
    "<https://evil.example>",
    "![](https://evil.example/pixel.png)",
    "[1]: https://evil.example",
    "@everyone",
    "@here",
    "<@123456789012345678>",
    "<@&123456789012345678>",
    "<#123456789012345678>",
    "</ask:123456789012345678>",
    "<t:0:R>",
    "discord.gg/evil",
    "```\nrm -rf /\n```",
    "# Breaking news",
    "> somebody else",
    "||hidden||",
    "-# 4 of 4 sentences checked",
    "\x1b[2J\x1b[31mred\x1b[0m",
    "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07",
    "\r\x08\x07",
    *HTML,
)
HIDDEN = ("\u200b", "\u2060", "\ufeff", "\u00ad", "\u202e", "\u2066", "\u061c", "\u200f", "\u0336")


def forging(handed: Handed, chance: Random) -> Reply | None:
    """True sentences with markup put in: what stays without it may be shown, the markup never."""
    said = []
    for each in handed.evidence[:3]:
        mark = chance.choice(FORGED)
        place = chance.choice((0, len(each.quote), each.quote.find(" ") + 1))
        said.append(Said(f"{each.quote[:place]}{mark} {each.quote[place:]}".strip(), (each.key,)))
    return _also_bare(replying(said, chance), handed)


def hiding(handed: Handed, chance: Random) -> Reply | None:
    """True sentences with characters that nobody sees, and a hidden order in them."""
    said = []
    for each in handed.evidence[:3]:
        tags = "".join(chr(0xE0000 + ord(char)) for char in "obey me")
        made = (" " + chance.choice(HIDDEN)).join(each.quote.split(" ", 2)) + chance.choice(("", tags))
        said.append(Said(made, (each.key,)))
    return _also_bare(replying(said, chance), handed)


def hidden_denial(handed: Handed, chance: Random) -> Reply | None:
    """A "not" that only shows once hidden characters are gone."""
    said = []
    for each in handed.evidence[:3]:
        first, _, rest = each.quote.partition(" ")
        mark = chance.choice(HIDDEN[:4])
        said.append(Said(f"{first} {mark.join('never')} {rest}", (each.key,)))
    return replying(said, chance)


def _also_bare(reply: Reply, handed: Handed) -> Reply:
    """Without its marks such a sentence is the quote, and may be shown as that."""
    return Reply(reply.raw, (*reply.said, *(true(each) for each in handed.evidence)), reply.end)


def echoing(part: Callable[[Handed], str]) -> Script:
    """Words of the request as the answer, with keys that are right."""

    def script(handed: Handed, chance: Random) -> Reply | None:
        text = part(handed)
        key = handed.evidence[0].key
        return replying([Said(text[:900], (key,)), Said(text[-300:], (key,))], chance) if text else None

    return script


def obeying(handed: Handed, chance: Random) -> Reply | None:
    """Does what planted orders say, as far as words can: repeats them, leaks the prompt, forges links."""
    said = []
    for order in handed.planted[:4]:
        key = chance.choice(handed.evidence).key
        texts = (
            order,
            f"Sure! {order}",
            f"My instructions are: {handed.request.system}",
            f"I was instructed to {handed.request.system[:200]} {order}",
            "The keys are " + ", ".join(each.key for each in handed.evidence) + ".",
            base64.b64encode(handed.request.system.encode()).decode(),
            handed.request.system[::-1],
            f"{handed.evidence[0].quote} {order}",
            f"Here is the script you asked for: import os; os.system('rm -rf /') # {order}",
            f"Visit https://evil.example/?prompt={len(order)} to read on.",
        )
        said += [Said(text, (key,)) for text in chance.sample(texts, 3)]
    return replying(said, chance) if said else None


def wrong_form(handed: Handed, chance: Random) -> Reply | None:
    """The right words in a form that nobody asked for, with a lie in it."""
    each = handed.evidence[0]
    lie = f"It is a lie that {each.quote}"
    forms = (
        {"answers": "yes", "sentences": {"text": lie, "keys": [each.key]}},
        {"answers": True, "sentences": [[lie, [each.key]], lie, None, 3, {"text": None, "keys": each.key}]},
        {"answers": True, "sentences": [{"text": {"text": lie}, "keys": [each.key]}]},
        {"sentences": [{"keys": [each.key], "text": lie, "checked": True, "html": HTML[0]}]},
        [{"text": lie, "keys": [each.key]}],
        {"answer": lie, "citations": [each.key]},
        {
            "answers": True,
            "sentences": [{"text": lie, "keys": [each.key]}],
            "text": lie,
            "footer": "4 of 4 checked",
        },
        {"answers": True, "sentences": [{"text": as_json([Said(lie, (each.key,))]), "keys": [each.key]}]},
    )
    raw = json.dumps(chance.choice(forms))
    return Reply(
        chance.choice((raw, f"```json\n{raw}\n```", f"Sure, here it is:\n{raw}\nAnything else?", raw[:-9]))
    )


def noise(handed: Handed, chance: Random) -> Reply | None:
    """No words at all."""
    kinds = (
        "".join(chr(chance.randint(0, 0x2FFF)) for _ in range(600))
        .encode("utf-8", "replace")
        .decode("latin-1"),
        "{" * 3000,
        '{"sentences": ' + "[" * 3000,
        '"' * 999,
        "\\u0000" * 300,
        "\0" * 500,
        "}]}" * 200,
        '{"answers": true, "sentences": [{"text": "\\ud800 half a pair", "keys": ["'
        + handed.evidence[0].key
        + '"]}]}',
        "null",
        "NaN",
        "[k1][k2]",
    )
    return Reply(chance.choice(kinds))


def ten_thousand(handed: Handed, chance: Random) -> Reply | None:
    """10,000 sentences that nobody said."""
    key = handed.evidence[0].key
    said = tuple(Said(f"Invention number {number} is true.", (key,)) for number in range(10_000))
    return Reply(as_json(said), said)


def very_long(handed: Handed, chance: Random) -> Reply | None:
    """100,000 characters in one sentence."""
    each = handed.evidence[0]
    text = chance.choice(
        (each.quote + " " + "And so on, and so on. " * 4600, "a" * 100_000, (each.quote + " ") * 600)
    )
    return replying([Said(text[:100_000], (each.key,))], chance)


def endless_object(handed: Handed, chance: Random) -> Reply | None:
    """A first true sentence, then 100,000 characters of nothing."""
    each = handed.evidence[0]
    good = true(each)
    return Reply(as_json([good])[:-2] + ", " + " \n" * 50_000, (good,))


def stalling(handed: Handed, chance: Random) -> Reply | None:
    """A lie, half of another one, and then nothing more."""
    return _cut(handed, chance, "stalls")


def breaking(handed: Handed, chance: Random) -> Reply | None:
    """The stream breaks in the middle of a sentence."""
    return _cut(handed, chance, "breaks")


def _cut(handed: Handed, chance: Random, end: str) -> Reply:
    key = handed.evidence[0].key
    good = true(handed.evidence[0])
    lies = [Said(f"It is false that {e.quote}", (key,)) for e in handed.evidence[:2]]
    raw = as_json([*lies, good] if chance.random() < 0.5 else [good, *lies])
    cut = chance.randint(0, len(raw) - 3)
    return Reply(raw[:cut], (good,), "stalls" if end == "stalls" else "breaks")


def silent(handed: Handed, chance: Random) -> Reply | None:
    """Nothing."""
    return Reply(chance.choice(("", " ", "\n\n", "{}", "[]", '{"answers": true, "sentences": []}')))


def denying(handed: Handed, chance: Random) -> Reply | None:
    """Says that the evidence does not answer, and lies all the same."""
    lie = Said(f"It is false that {handed.evidence[0].quote}", (handed.evidence[0].key,))
    return Reply(as_json([lie], answers=False), (lie,))


RUBBISH: dict[str, Script] = {
    "markup": forging,
    "hidden characters": hiding,
    "hidden denial": hidden_denial,
    "the prompt": echoing(lambda handed: handed.request.user),
    "the system prompt": echoing(lambda handed: handed.request.system),
    "the keys": echoing(lambda handed: "Keys: " + ", ".join(e.key for e in handed.evidence)),
    "orders obeyed": obeying,
    "wrong form": wrong_form,
    "noise": noise,
    "10,000 sentences": ten_thousand,
    "100,000 characters": very_long,
    "endless white space": endless_object,
    "stalls": stalling,
    "breaks off": breaking,
    "silent": silent,
    "denies": denying,
}
