"""How long a failing ticket waits."""

from __future__ import annotations

import pytest

from bot.runtime.retry import DeadLetter, RetryLater, backoff_s


@pytest.mark.parametrize(("failures", "most_s"), [(0, 5.0), (1, 10.0), (3, 40.0), (8, 900.0), (10_000, 900.0)])
def test_the_wait_doubles_up_to_the_most(failures: int, most_s: float) -> None:
    assert backoff_s(failures, 5.0, 900.0, random_0_1=1.0) == pytest.approx(most_s)


def test_the_shortest_wait_is_a_tenth() -> None:
    assert backoff_s(1, 5.0, 900.0, random_0_1=0.0) == pytest.approx(1.0)


def test_without_a_number_the_dice_choose_between_both() -> None:
    assert all(1.0 <= backoff_s(1, 5.0, 900.0) <= 10.0 for _ in range(100))


def test_an_end_says_why() -> None:
    assert (RetryLater(2.0, "a limit").after_s, str(RetryLater(2.0, "a limit"))) == (2.0, "a limit")
    assert DeadLetter("odd").reason == "odd"
