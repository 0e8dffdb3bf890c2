"""Health and figures over real HTTP on loopback."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from bot.health import BOUNDS, Figures, _refused, serve
from index.errors import SettingsError
from index.types import Writing

SAMPLE = re.compile(r'(\w+)((?:\{\w+="(?:[^"\\\n]|\\[\\"n])*"\})?) (\S+)')
"""A line of the text format 0.0.4: name, at most one label (all that we have), value."""


async def got(port: int, path: str) -> tuple[int, str, str]:
    url = f"http://127.0.0.1:{port}{path}"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, response.headers["Content-Type"], await response.text()


def samples(text: str) -> dict[str, float]:
    """Read the text format strictly: HELP and TYPE once before the samples of each family."""
    assert text.endswith("\n")
    found: dict[str, float] = {}
    families: list[str] = []
    lines = text.removesuffix("\n").split("\n")
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("# HELP "):
            families.append(line.split(" ")[2])
            assert following.startswith(f"# TYPE {families[-1]} ")
        elif not line.startswith("# TYPE "):
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            assert sample[1].startswith(families[-1])
            assert sample[1] + sample[2] not in found
            found[sample[1] + sample[2]] = float(sample[3])
    assert len(families) == len(set(families))
    return found


async def test_health_says_whether_people_are_answered() -> None:
    healthy = False
    async with serve(0, Figures(), lambda: healthy) as port:
        assert await got(port, "/healthz") == (
            503,
            "application/json; charset=utf-8",
            '{"status": "not ready"}',
        )
        healthy = True
        assert await got(port, "/healthz") == (200, "application/json; charset=utf-8", '{"status": "ok"}')


def test_what_a_language_model_did_is_counted() -> None:
    figures = Figures()
    assert "writing" not in figures.text()
    figures.written(None)
    assert "writing" not in figures.text()
    figures.written(Writing(4, 4, 900, 60))
    assert "cost" not in figures.text()
    figures.written(Writing(5, 3, 100, 40, 0.25))
    figures.written(Writing(2, 0, 50, 10, 0.5, "unusable"))
    figures.written(Writing(2, 0, silence="away"))
    figures.written(Writing(denied=True))
    found = samples(figures.text())
    written = {name: value for name, value in found.items() if "writing" in name or "written" in name}
    assert written == {
        'footnote_writings_total{result="away"}': 1,
        'footnote_writings_total{result="denied"}': 1,
        'footnote_writings_total{result="unusable"}': 1,
        'footnote_writings_total{result="written"}': 2,
        'footnote_written_sentences_total{result="held"}': 7,
        'footnote_written_sentences_total{result="dropped"}': 4,
    }
    assert found['footnote_model_tokens_total{way="in"}'] == 1050
    assert found['footnote_model_tokens_total{way="out"}'] == 110
    assert found["footnote_model_cost_total"] == 0.75


async def test_figures_are_shown_in_the_text_format_of_prometheus() -> None:
    figures = Figures()
    figures.question("answered", 0.2)
    figures.question("answered", 0.25)
    figures.question("not_found", 99.0)
    figures.command("index refresh")
    figures.error("IndexBusy")
    figures.limited()
    figures.responded(0.01)
    figures.gauges["servers"] = ("Servers that the bot is in.", lambda: 1_234_567)
    async with serve(0, figures, lambda: True) as port:
        status, kind, text = await got(port, "/metrics")
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    found = samples(text)
    assert found['footnote_questions_total{outcome="answered"}'] == 2
    assert found['footnote_questions_total{outcome="not_found"}'] == 1
    assert found['footnote_commands_total{name="index refresh"}'] == 1
    assert found['footnote_errors_total{kind="IndexBusy"}'] == 1
    assert found["footnote_limited_total"] == 1
    assert found["footnote_servers"] == 1_234_567
    assert found['footnote_answer_seconds_bucket{le="0.1"}'] == 0
    assert found['footnote_answer_seconds_bucket{le="0.25"}'] == 2
    assert found['footnote_answer_seconds_bucket{le="30.0"}'] == 2
    assert found['footnote_answer_seconds_bucket{le="+Inf"}'] == found["footnote_answer_seconds_count"] == 3
    assert found["footnote_answer_seconds_sum"] == pytest.approx(99.45)
    assert found['footnote_first_response_seconds_bucket{le="0.05"}'] == 1


def test_figures_of_a_new_bot_are_well_formed() -> None:
    found = samples(Figures().text())
    assert len([name for name in found if "_bucket" in name]) == 2 * (len(BOUNDS) + 1)
    assert set(found.values()) == {0}


def test_signs_that_the_format_uses_are_escaped() -> None:
    figures = Figures()
    figures.error('a"b\\c\nd')
    figures.gauges["odd"] = ("Two\nlines, one \\.", lambda: 1)
    text = figures.text()
    assert r'footnote_errors_total{kind="a\"b\\c\nd"} 1' in text.splitlines()
    assert r"# HELP footnote_odd Two\nlines, one \\." in text.splitlines()
    samples(text)


def test_a_gauge_that_is_not_known_or_fails_takes_no_other_figure_away(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken() -> float:
        raise RuntimeError("gone")

    figures = Figures()
    figures.gauges["unknown"] = ("Not known yet.", lambda: None)
    figures.gauges["broken"] = ("Broken.", broken)
    figures.gauges["latency"] = ("Before the first heartbeat.", lambda: float("inf"))
    found = samples(figures.text())
    assert found["footnote_latency"] == float("inf")
    assert not {"footnote_unknown", "footnote_broken"} & found.keys()
    assert "The figure broken cannot be read" in caplog.text


async def test_nothing_else_is_served_and_nothing_can_be_sent() -> None:
    async with serve(0, Figures(), lambda: True) as port:
        assert (await got(port, "/"))[0] == 404
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"http://127.0.0.1:{port}/metrics", data=b"x") as response,
        ):
            assert response.status == 405


async def test_only_this_machine_is_served() -> None:
    async with serve(0, Figures(), lambda: True) as port:
        # 127.0.0.2 is this machine too: a server for all addresses would answer there.
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.2", port), timeout=5)


async def test_a_port_in_use_is_told_with_the_setting() -> None:
    async with serve(0, Figures(), lambda: True) as port:
        with pytest.raises(SettingsError, match=f"{port} of FOOTNOTE_HEALTH_PORT is in use"):
            async with serve(port, Figures(), lambda: True):
                pass
        assert (await got(port, "/healthz"))[0] == 200  # the first one goes on


def test_a_port_that_cannot_be_had_is_told_with_the_setting() -> None:
    for code in (13, 99, None):  # EACCES, EADDRNOTAVAIL, nothing known
        assert "FOOTNOTE_HEALTH_PORT" in _refused(80, code)


async def test_the_port_is_free_after_the_end_though_somebody_keeps_a_connection() -> None:
    async with aiohttp.ClientSession() as session:
        async with (
            serve(0, Figures(), lambda: True) as port,
            session.get(f"http://127.0.0.1:{port}/healthz") as response,
        ):
            assert response.status == 200
        async with serve(port, Figures(), lambda: True) as again:
            assert again == port


def test_the_web_server_is_loaded_only_when_it_is_started() -> None:
    code = "import sys, bot.health; sys.exit('aiohttp' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode
        == 0
    )
