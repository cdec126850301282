"""HTML tags are taken out; angle brackets around anything else are the text's own."""

from __future__ import annotations

import pytest

from bot.drafts.plain.markup import without_tags


@pytest.mark.parametrize(
    "text",
    [
        "put <API_KEY> into the header",
        "<date>, <your name> and <order-id>",
        "Enter <title>, <address> or <email>",
        "List<String>, Map<K, List<B>>, vector<int>, List<Object>",
        "if a<b and c>d, 5 < 6 and 7 > 6",
        'set <user id="5"> in the XML',
        "Jo <jo@example.com>",
        "<?php echo 1 ?>",
        "T<I> or T<P>",
    ],
)
def test_what_is_no_tag_stays(text: str) -> None:
    assert without_tags(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<p>Hello</p><br/><B>you</B>", "Helloyou"),
        ("a<b>c</b><i>d</i>", "acd"),
        ("<a href=x>y</a><a/href=x>", "y"),
        ("<script async><img/src=x onerror=a><svg onload=a><iframe>", ""),
        ("<code>x</code> <title>y</title> <input type=text> </time> <source/>", "x y   "),
        ("<!DOCTYPE html><![CDATA[x]]>", ""),
        ("<xss onmouseover=alert(1)><x style=a><custom href='b'><y z=javascript:c>", ""),
        ("see <https://help.example.com/a>", "see https://help.example.com/a"),
    ],
)
def test_tags_and_whatever_may_act_is_taken_out(text: str, shown: str) -> None:
    assert without_tags(text) == shown
