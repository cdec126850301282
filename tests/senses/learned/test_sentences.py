"""A text in sentences: each whole enough to be judged and quoted, none lost, none endless."""

from __future__ import annotations

import pytest

from bot.senses.learned.sentences import MAX_LETTERS, MAX_SENTENCES, MAX_UNBROKEN, sentences


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "Hello there team. It fails since noon!\nThank you very much",
            ["Hello there team.", "It fails since noon!", "Thank you very much"],
        ),
        ("Hi. The export is broken.", ["Hi. The export is broken."]),  # too short to be judged alone
        ("ログインできません。至急お願いします。", ["ログインできません。", "至急お願いします。"]),
        ("one thing; another thing here", ["one thing; another thing here"]),
        ("- the first wish of ours\n- the second wish of ours", ["- the first wish of ours", "- the second wish of ours"]),
        ("Vi har åbent til kl. 18 i dag. Ring gerne til os.", ["Vi har åbent til kl. 18 i dag.", "Ring gerne til os."]),
        ("Die Rechnung Nr. 4711 fehlt, z. B. im Portal.", ["Die Rechnung Nr. 4711 fehlt, z. B. im Portal."]),
        ("Please ask Mr. Beith about it. He knows.", ["Please ask Mr. Beith about it.", "He knows."]),
        ("It stopped at 5. we need it today", ["It stopped at 5.", "we need it today"]),
        ("礼包扣了三次!!!就到账一个!客服只会让我等", ["礼包扣了三次!!!", "就到账一个!", "客服只会让我等"]),
        (
            "昨天下午起,约三成订单付款成功但没有收到回调通知,后台订单一直是待付款,客户被重复催款,我们只能人工核对,请尽快排查,回调地址没有改过",
            [
                "昨天下午起,约三成订单付款成功但没有收到回调通知,后台订单一直是待付款,",
                "客户被重复催款,我们只能人工核对,请尽快排查,回调地址没有改过",
            ],
        ),
        ("Is this https://shop.example.com/?a=1!b a link", ["Is this https://shop.example.com/?a=1!b a link"]),
        ("", []),
        ("  \n \n", []),
        ("ok", ["ok"]),
    ],
)
def test_a_text_is_cut_where_a_person_would_pause(text: str, wanted: list[str]) -> None:
    assert sentences(text) == wanted


def test_a_log_without_full_stops_is_cut_at_spaces() -> None:
    found = sentences("error at step " * 200)

    assert all(len(each) <= MAX_LETTERS for each in found)
    assert "".join(found).replace(" ", "") == ("error at step " * 200).replace(" ", "")


def test_of_a_very_long_text_its_beginning_and_its_end_are_read() -> None:
    found = sentences("\n".join(f"This is line number {number}" for number in range(10_000)))

    assert len(found) == MAX_SENTENCES
    assert found[0].endswith(" 0")
    assert found[-1].endswith(" 9999")


@pytest.mark.parametrize("letter", ["漢", "x", "\U0001f600"])
def test_what_has_neither_spaces_nor_stops_is_cut_short(letter: str) -> None:
    found = sentences(letter * 1_000)

    assert max(map(len, found)) <= MAX_UNBROKEN
    assert "".join(found) == letter * 1_000
