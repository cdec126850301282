"""Lines: cleaned, bounded, with their marks of quotes."""

from __future__ import annotations

import pytest

from bot.senses.reading.lines import MAX_CHARS, MAX_LINE, MAX_LINES, Line, bounded, shortened, to_lines, unquoted


@pytest.mark.parametrize(
    ("text", "depth", "said"), [("> a", 1, "a"), (" >> a", 2, "a"), ("> > a", 2, "a"), ("a > b", 0, "a > b"), (">", 1, "")]
)
def test_marks_of_quotes_are_counted_and_taken_off(text: str, depth: int, said: str) -> None:
    [line] = to_lines(text)

    assert (line.depth, line.said) == (depth, said)


def test_line_ends_of_all_systems_are_one() -> None:
    assert bounded("a\r\nb\rc\x00\u00a0d") == "a\nb\nc d"


def test_a_long_line_is_broken_at_a_space() -> None:
    pieces = bounded("word " * 1_000).split("\n")

    assert max(map(len, pieces)) <= MAX_LINE
    assert all(piece.split()[0] == "word" for piece in pieces)


def test_of_a_long_text_beginning_and_end_are_kept() -> None:
    text = bounded("first\n" + "x\n" * 2 * MAX_LINES + "last")

    assert (text.split("\n")[0], text.split("\n")[-1], text.count("\n") <= MAX_LINES) == ("first", "last", True)
    assert len(bounded("a " * MAX_CHARS)) <= MAX_CHARS + MAX_CHARS // MAX_LINE + 2


def test_a_log_goes_before_the_middle_does() -> None:
    log = "2026-03-02 10:00:00 a line of a log that goes on and on\n" * (MAX_CHARS // 40)

    assert bounded(f"one\n{log}two\n{log}three") == "one\ntwo\nthree"


def test_lines_are_shortened_like_texts() -> None:
    lines = [Line(str(n), str(n), str(n)) for n in range(2 * MAX_LINES)]
    long = [Line("x" * 1_000, "", "") for _ in range(MAX_LINES)]

    assert [shortened(lines)[place].text for place in (0, -1)] == ["0", str(2 * MAX_LINES - 1)]
    assert len(shortened(lines)) == MAX_LINES
    assert sum(len(line.text) for line in shortened(long)) <= MAX_CHARS
    assert shortened(lines[:5]) == lines[:5]


def test_a_mail_that_is_handed_on_loses_its_marks() -> None:
    [line] = to_lines(">> a")

    assert [unquoted(line, depth).text for depth in (0, 1, 2, 3)] == ["> > a", "> a", "a", "a"]
