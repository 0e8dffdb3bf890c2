"""What `footnote doctor` and `footnote status` tell of the language model."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from index.errors import ModelMissing, SettingsError, WriterAway, WriterRefused
from index.llm_check import look
from index.reports import Check
from index.secret import Secret
from index.settings import Settings
from index.spending import FILE, Reservation, Spending
from tests.index.chat_server import KEY, ChatServer, fails, says, stops
from tests.index.workshop import Desk, Workshop


def settings(server: ChatServer, data: Path, **given: Any) -> Settings:
    return Settings(data=data, llm="openai-like:scripted", llm_url=server.url, llm_key=Secret(KEY), **given)


def test_a_model_that_answers_is_well_and_its_tokens_count(tmp_path: Path) -> None:
    with ChatServer([says("Yes.", usage=(21, 2))]) as server:
        mine = settings(server, tmp_path)
        found = look(mine)
    assert found == Check("language model", True, "openai-like:scripted answers; that took 23 tokens.")
    assert Spending(tmp_path / FILE, mine).today().tokens == 23


def test_a_model_that_does_not_answer_is_told_with_what_to_do(tmp_path: Path) -> None:
    with (
        ChatServer([fails(401)]) as server,
        pytest.raises(WriterRefused, match="Set FOOTNOTE_LLM_KEY") as told,
    ):
        look(settings(server, tmp_path))
    assert KEY not in str(told.value)
    with pytest.raises(WriterAway, match="Look whether its server runs"):
        look(settings(server, tmp_path))


def test_a_model_that_takes_too_long_is_told(tmp_path: Path) -> None:
    with ChatServer([stops("Yes, yes.", 1, "stall", size=1)]) as server:
        found = look(settings(server, tmp_path, llm_timeout=1))
    assert not found.ok
    assert "within 1 seconds" in found.detail
    assert "FOOTNOTE_LLM_TIMEOUT" in found.mend


def test_a_model_whose_budget_is_spent_is_not_asked(tmp_path: Path) -> None:
    with ChatServer([says("Yes.")]) as server:
        mine = settings(server, tmp_path, llm_tokens_a_day=1000)
        assert isinstance(Spending(tmp_path / FILE, mine).reserve("", 1000, 0), Reservation)
        found = look(mine)
    assert found.ok
    assert "not asked" in found.detail
    assert not server.asked


def test_a_budget_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database " * 500)
    with ChatServer([says("Yes.")]) as server:
        found = look(settings(server, tmp_path))
    assert not found.ok
    assert str(tmp_path / FILE) in found.mend
    assert not server.asked


def test_what_is_not_set_or_not_installed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert look(Settings(data=tmp_path)).ok
    with pytest.raises(SettingsError, match="FOOTNOTE_LLM_KEY"):
        look(Settings(data=tmp_path, llm="anthropic:any"))
    monkeypatch.setitem(sys.modules, "llama_index.llms.ollama", None)
    with pytest.raises(ModelMissing, match="pip install"):
        look(Settings(data=tmp_path, llm="ollama:any"))


def test_doctor_and_status_tell_of_the_model_that_is_set(ten: Workshop) -> None:
    with ChatServer([says("Yes.", usage=(21, 2)), fails(403)]) as server:
        given = settings(server, ten.data, llm_tokens_a_day=5000, llm_price_in=1.0, llm_price_out=2.0)
        desk = Desk(replace(ten.settings, **{name: getattr(given, name) for name in _OF_THE_MODEL}))
        first, second = (desk(desk.desk.doctor)[-1] for _ in range(2))
        status = desk(desk.desk.status)
        desk.close()
    assert (first.name, first.ok) == ("language model", True)
    assert not second.ok
    assert "FOOTNOTE_LLM_KEY" in second.detail
    assert KEY not in f"{first} {second} {status}"
    assert status.writer == "openai-like:scripted"
    assert status.spent is not None
    assert (status.spent.tokens, status.spent.most_tokens) == (23, 5000)
    assert status.spent.cost == pytest.approx(25e-6)


_OF_THE_MODEL = [name for name in Settings.__slots__ if name.startswith("llm")]


def test_without_the_setting_neither_tells_of_one(ten: Workshop) -> None:
    desk = Desk(ten.settings)
    checks, status = desk(desk.desk.doctor), desk(desk.desk.status)
    desk.close()
    assert "language model" not in [check.name for check in checks]
    assert (status.writer, status.spent) == ("", None)


def test_a_budget_that_cannot_be_read_hides_no_status(ten: Workshop) -> None:
    (ten.data / FILE).write_bytes(b"no database " * 500)
    desk = Desk(replace(ten.settings, llm="ollama:any"))
    status = desk(desk.desk.status)
    desk.close()
    assert (status.writer, status.spent) == ("ollama:any", None)
