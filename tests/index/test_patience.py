"""Retries, backoff and limits a minute, with a clock of the test's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from index.errors import EmbeddingAway, EmbeddingRefused, RefreshCancelled
from index.patience import Fault, Pace, Patience, patiently, read_fault, retry_after

PATIENCE = Patience(attempts=4, first=1.0, longest=60.0, silent=2)


def answer(status: int, headers: dict[str, str] | None = None) -> httpx.HTTPStatusError:
    request = httpx.Request("POST", "http://127.0.0.1/embed")
    return httpx.HTTPStatusError(
        "as told", request=request, response=httpx.Response(status, headers=headers, request=request)
    )


class Sends:
    """A request that fails as listed, then succeeds."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.waits: list[float] = []
        self.sent = 0

    def __call__(self) -> str:
        self.sent += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"

    def patiently(self, patience: Patience = PATIENCE) -> str:
        return patiently(self, patience, self.waits.append, lambda fault: f"{fault.status} {fault.text}")


def test_the_waits_double_and_never_come_in_step() -> None:
    sends = Sends(answer(500), answer(502), answer(529))
    assert sends.patiently() == "done"
    for wait, longest in zip(sends.waits, (1, 2, 4), strict=True):
        assert longest / 2 <= wait <= longest
    assert list(PATIENCE.waits()) != list(PATIENCE.waits())


def test_no_wait_is_longer_than_the_longest() -> None:
    assert max(Patience(attempts=30, first=1.0, longest=60.0).waits()) <= 60


def test_the_server_says_when() -> None:
    sends = Sends(answer(429, {"Retry-After": "7"}), answer(503, {"retry-after": "0"}))
    assert sends.patiently() == "done"
    assert sends.waits == [7, 0]


def test_a_server_that_says_too_late_a_time_is_not_waited_for() -> None:
    sends = Sends(answer(429, {"Retry-After": "61"}))
    with pytest.raises(EmbeddingAway):
        sends.patiently()
    assert (sends.sent, sends.waits) == (1, [])


@pytest.mark.parametrize(
    ("said", "seconds"), [("12", 12.0), ("1.5", 1.5), ("", None), ("soon", None), ("-3", None)]
)
def test_retry_after_in_seconds(said: str, seconds: float | None) -> None:
    assert retry_after(said) == seconds


def test_retry_after_as_a_date() -> None:
    now = datetime.now(UTC)
    later = retry_after(format_datetime(now + timedelta(seconds=3600), usegmt=True))
    assert later is not None
    assert 3000 < later <= 3600
    assert retry_after(format_datetime(now - timedelta(seconds=3600), usegmt=True)) == 0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_what_is_wrong_stays_wrong(status: int) -> None:
    sends = Sends(answer(status))
    with pytest.raises(EmbeddingRefused, match=str(status)) as raised:
        sends.patiently()
    assert sends.sent == 1
    assert raised.value.divisible == (status in {400, 413, 422})


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 529])
def test_what_may_pass_is_tried_until_patience_ends(status: int) -> None:
    sends = Sends(*[answer(status)] * 9)
    with pytest.raises(EmbeddingAway, match=str(status)):
        sends.patiently()
    assert sends.sent == 4


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(),
        ConnectionRefusedError(),
        httpx.ConnectError("refused"),
        httpx.RemoteProtocolError("cut"),
    ],
)
def test_connections_that_fail_are_tried_again(error: Exception) -> None:
    assert Sends(error).patiently() == "done"


@pytest.mark.parametrize("error", [TimeoutError(), httpx.ReadTimeout("late")])
def test_a_silent_server_is_asked_twice(error: Exception) -> None:
    sends = Sends(*[error] * 9)
    with pytest.raises(EmbeddingAway):
        sends.patiently()
    assert sends.sent == 2


def _hidden() -> Exception:
    try:
        try:
            raise httpx.ConnectError("refused")
        except httpx.ConnectError as error:
            raise ValueError("something went wrong") from error
    except ValueError as error:
        return error


def test_what_a_client_hides_behind_an_error_of_its_own() -> None:
    assert read_fault(_hidden()).passing


def test_an_error_of_no_server_is_no_reason_to_try_again() -> None:
    assert read_fault(ValueError("no such model")) == Fault(False, None, None, "ValueError: no such model")


def test_a_wait_can_be_ended() -> None:
    def pause(seconds: float) -> None:
        raise RefreshCancelled("stopped")

    sends = Sends(answer(500))
    with pytest.raises(RefreshCancelled):
        patiently(sends, PATIENCE, pause, lambda fault: "")
    assert sends.sent == 1


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("requests", "tokens", "waits"),
    [
        (None, None, [0, 0, 0]),
        (60, None, [0, 1, 2]),
        (None, 6000, [0, 5, 10]),  # 500 tokens are a twelfth of the minute's
        (60, 6000, [0, 5, 10]),
        (6, 6000, [0, 10, 20]),
    ],
)
def test_requests_keep_their_distance(requests: Any, tokens: Any, waits: list[float]) -> None:
    pace = Pace(requests, tokens, Clock())
    assert [pace.reserve(500) for _ in waits] == pytest.approx(waits)


def test_time_that_passed_unused_is_not_made_up_for() -> None:
    clock = Clock()
    pace = Pace(60, None, clock)
    pace.reserve(1)
    clock.now += 600
    assert [pace.reserve(1) for _ in range(3)] == pytest.approx([0, 1, 2])
