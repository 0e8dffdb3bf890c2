"""Makes the pictures of README and guides from the program itself: .venv/bin/python docs/make_images.py.

The sample articles are indexed in a temporary folder, a question is asked, and what the terminal
would show is written as an SVG. Those of Discord are taken in a real browser, see `discord_pictures.py`;
they need chromium. Nothing is typed by hand, and nothing is fetched.
"""

from __future__ import annotations

import asyncio
import io
import logging
import os
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from bot.console import put
from bot.terminal import put_answer
from index import open_desk
from index.reports import RefreshOptions
from index.settings import Settings
from index.types import Answer, Question

IMAGES = Path(__file__).parent / "images"
QUESTION = "Which countries will host the four new battlegroups?"
WIDTH = 91
ASPECT = 0.6
"""Width of a letter to its height in the usual fonts of terminals."""
THEME = TerminalTheme(
    (24, 26, 31),
    (214, 218, 224),
    [
        (24, 26, 31),
        (232, 110, 110),
        (126, 200, 122),
        (226, 192, 101),
        (106, 168, 240),
        (200, 140, 224),
        (96, 200, 206),
        (214, 218, 224),
    ],
)
TEMPLATE = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<style>
.{unique_id}-matrix {{
  font-family: Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace;
  font-size: {char_height}px;
  line-height: {line_height}px;
}}
.{unique_id}-title {{ font-family: Helvetica, Arial, sans-serif; font-size: 16px; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""As rich's own, without the web font that it names."""


async def answered(question: str) -> Answer:
    """What Footnote answers over the sample articles."""
    with tempfile.TemporaryDirectory() as data:
        desk = open_desk(Settings(data=Path(data)), purpose="docs/make_images.py")
        try:
            await desk.prepare(RefreshOptions())
            return await desk.ask(Question(question, asked=date(2022, 7, 1)))
        finally:
            await desk.close()


def picture(answer: Answer) -> str:
    """The terminal with a question and its answer, as SVG."""
    out = Console(
        record=True,
        width=WIDTH,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        markup=False,
        emoji=False,
        highlight=False,
    )
    put(out, Text("$ ", "cyan").append(f'footnote ask "{answer.question}"', "default"))
    put(out)
    put_answer(out, answer)
    put(out)
    svg = out.export_svg(
        title="Footnote", theme=THEME, code_format=TEMPLATE, font_aspect_ratio=ASPECT, unique_id="footnote"
    )
    return "\n".join(
        line.strip() for line in svg.replace("</text>", "</text>\n").splitlines() if line.strip()
    )


def main() -> None:
    """Make them all."""
    for name in [name for name in os.environ if name.startswith("FOOTNOTE_") or name == "NO_COLOR"]:
        del os.environ[name]
    answer = asyncio.run(answered(QUESTION))
    if not answer.differences:
        sys.exit("The answer shows no difference between outlets: the picture would not show what it is for.")
    IMAGES.mkdir(exist_ok=True)
    (IMAGES / "ask.svg").write_text(f"{picture(answer)}\n", encoding="utf-8", newline="\n")
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("The pictures of Discord need a browser: install Debian's chromium.")
    logging.basicConfig(level=logging.ERROR)
    from discord_pictures import make

    asyncio.run(make(IMAGES, chromium))


if __name__ == "__main__":
    main()
