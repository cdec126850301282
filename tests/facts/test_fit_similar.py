"""What is learned of pairs: a logistic that gives each part the weight that it has, and none below zero."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
from click.testing import CliRunner

from bot.facts.fit_similar import fit, main

CHOSEN_ON = Path(__file__).parents[1] / "fixtures" / "similar_tickets" / "chosen_on.jsonl"


def test_a_part_that_tells_gets_weight_and_one_that_misleads_gets_none() -> None:
    chance = random.Random(3)
    same = np.array([n % 2 == 0 for n in range(400)])
    telling = [0.7 * is_same + 0.3 * chance.random() for is_same in same]
    noise = [chance.random() for _ in same]
    misleading = [0.5 * (not is_same) + 0.5 * chance.random() for is_same in same]

    start, (tells, nothing, misleads) = fit(np.array([telling, noise, misleading]).T, same)

    assert tells > 5 > 1 > nothing >= 0.0
    assert misleads == 0.0
    assert start < -2


def test_the_command_prints_both_scales(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_bytes(b"\n".join(CHOSEN_ON.read_bytes().splitlines()[:12]))

    result = CliRunner().invoke(main, ["--pairs", str(path)])

    assert [json.loads(line)["scale"] for line in result.stdout.splitlines()] == ["IN_ENGLISH", "ELSEWHERE"]
