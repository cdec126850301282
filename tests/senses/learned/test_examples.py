"""The sentences that weights are learned from: each is readable, labelled with what exists, and none stands in a test set."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from bot.senses.learned.answers import CIRCUMSTANCES, ISSUES, MOODS, SEVERITIES, WISHES
from bot.senses.learned.classifier import words_of_the_shipped
from bot.senses.learned.examples import FOLDER, TERSE, TICKETS, examples, sha256_of

FIRST_DAY = Path(__file__).parents[1] / "first_day"


def test_every_example_is_labelled_with_answers_that_exist() -> None:
    found = examples()

    assert len(found) > 15_000
    assert {each.single["issue"] for each in found if "issue" in each.single} == set(ISSUES)
    assert {each.single["severity"] for each in found if "severity" in each.single} == set(SEVERITIES)
    assert {each.single["mood"] for each in found if "mood" in each.single} == set(MOODS)
    assert {name for each in found for name in each.several.get("wish", ())} == set(WISHES)
    assert {name for each in found for name in each.several.get("circumstance", ())} == set(CIRCUMSTANCES)


def test_every_issue_has_examples_in_every_language_that_is_learned() -> None:
    for path in sorted(FOLDER.glob("??.jsonl")):
        found = Counter(
            row["v"] for line in path.read_text(encoding="utf-8").splitlines() if (row := json.loads(line))["k"] == "issue"
        )
        assert set(found) == set(ISSUES) - {"none"}, path.name


def test_no_sentence_of_the_first_day_tickets_is_learned_from() -> None:
    learned = {" ".join(each.text.split()).casefold() for each in examples()}
    lines = [
        line
        for name in ("development", "held_back", "calibration", "look_alikes", "held_back_later")
        for line in (FIRST_DAY / f"{name}.jsonl").read_text("utf-8").splitlines()
    ]
    rows = [json.loads(line) for line in lines]

    assert not [row["id"] for row in rows if len(row["body"]) > TERSE and " ".join(row["body"].split()).casefold() in learned]


def test_the_weights_were_learned_from_these_examples() -> None:
    assert words_of_the_shipped().weights.about["examples_sha256"] == sha256_of(), "run `make senses`"


def test_whole_tickets_tell_each_sentence_and_the_whole(tmp_path: Path) -> None:
    row = {
        "l": "en",
        "sentences": [["Subject: Odd", "security.data.leaked"], ["Hi,", "none"], ["Ring me.", "none"]],
        "issues": ["security.data.leaked"],
        "severity": "p1",
        "circumstances": ["exposed_people"],
        "wishes": ["callback"],
        "said": {"callback": [2]},
        "mood": "neutral",
    }
    (tmp_path / TICKETS).write_text(json.dumps(row) + "\n", encoding="utf-8")

    first, greeting, wish, whole = examples(tmp_path)

    assert (first.text, first.single["issue"]) == ("Odd", "security.data.leaked")
    assert greeting.single["issue"] == "none"
    assert not greeting.several["wish"]
    assert wish.several["wish"] == {"callback"}
    assert whole.several["wish"] == {"callback"}
    assert whole.text == "Odd\nHi,\nRing me."
    assert whole.single == {"issue": "security.data.leaked", "severity": "p1", "mood": "neutral"}


def test_a_doubt_is_no_example_of_a_wish_to_cancel_and_not_refund_speaks_of_refunds_alone(tmp_path: Path) -> None:
    lines = [{"l": "en", "k": "wish", "v": value, "t": value} for value in ("renewal_doubt", "not_refund")]
    (tmp_path / "en.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines), encoding="utf-8")

    doubt, refund = examples(tmp_path)

    assert doubt.several["wish"] == {"renewal_doubt"}
    assert "cancel" not in doubt.unjudged
    assert refund.several["wish"] == frozenset()
    assert refund.unjudged == set(WISHES) - {"refund"}


def test_an_answer_that_tells_a_circumstance_alone_may_be_about_nothing(tmp_path: Path) -> None:
    row = {"l": "en", "k": "circumstance", "v": "widespread", "t": "All of us see it."}
    rows = [row, {**row, "i": "none"}]
    (tmp_path / "en.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows), encoding="utf-8")

    perhaps_all_there_is, answer = examples(tmp_path)

    assert "issue" not in perhaps_all_there_is.single
    assert answer.single == {"issue": "none"}
    assert answer.several["circumstance"] == {"widespread"}


def test_a_subject_line_counts_less_and_a_sentence_of_as_few_chinese_letters_does_not(tmp_path: Path) -> None:
    texts = ("Invoice", "今天早上开始系统打不开了，所有人都一样")
    lines = [{"l": "en", "k": "issue", "v": "billing.invoice.missing", "s": "p3", "t": text} for text in texts]
    (tmp_path / "en.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines), encoding="utf-8")

    subject, sentence = examples(tmp_path)

    assert subject.weight < sentence.weight == 1.0
