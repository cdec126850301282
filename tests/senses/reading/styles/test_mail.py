"""What a reader of a whole HTML mail sees: nothing is hidden that is not hidden for certain, little is read that nobody sees."""

from __future__ import annotations

import pytest

from adapters.html_text import to_text
from bot.senses.reading import Context, read
from bot.senses.reading.styles.looks import PLAIN
from bot.senses.reading.styles.mail import MailStyles, names, styles_of

WORDS = "Production is down for all our customers"


def own(html: str) -> str:
    return read(to_text(html), Context(is_first=True), html).own


def mail(sheet: str, attributes: str, tag: str = "div", around: str = "{}") -> str:
    """A mail whose words stand in an element with these attributes."""
    inner = around.format(f"<{tag} {attributes}>{WORDS}</{tag}>")
    return f"{sheet}<p>Hello dear team, this is from me</p>{inner}"


SEEN = {
    "dark paper by a class": ("<style>.h{background:#036}</style>", 'class="h" style="color:#fff"'),
    "dark paper by a tag": ("<style>div{background:#036}</style>", 'style="color:#fff"'),
    "dark paper by an attribute": ("<style>[title]{background-color:#036}</style>", 'title="x" style="color:#fff"'),
    "dark paper by a rule in part": ("<style>body .h{background:#036}</style>", 'class="h" style="color:#fff"'),
    "dark paper by a rule for some screens": (
        "<style>@media (min-width:1px){.h{background:#036}}</style>",
        'class="h" style="color:#fff"',
    ),
    "dark paper by a sheet that was taken away": ("", 'class="h" style="color:#fff"'),
    "image and colour": ("", 'style="background:url(x.png) #036;color:#fff"'),
    "image": ("", 'style="background-image:url(x.png);color:#fff"'),
    "image as an attribute": ("", 'background="x.png" style="color:#fff"'),
    "gradient": ("", 'style="background-image:linear-gradient(#000,#036);color:white"'),
    "hsl": ("", 'style="background-color:hsl(210,90%,20%);color:white"'),
    "paper that nobody knows": ("", 'style="background-color:var(--x);color:white"'),
    "paper of a shadow": ("", 'style="box-shadow:inset 0 0 0 99px #036;color:white"'),
    "letters with a shadow": ("", 'style="text-shadow:0 0 2px #000;color:white"'),
    "letters of a gradient": ("", 'style="background:linear-gradient(red,blue);-webkit-background-clip:text;color:transparent"'),
    "letters filled otherwise": ("", 'style="-webkit-text-fill-color:#000;color:white"'),
    "id and class mixed up": ("<style>#x{display:none}</style>", 'class="x"'),
    "class and id mixed up": ("<style>.x{display:none}</style>", 'id="x"'),
    "print": ('<style media="print">.x{display:none}</style>', 'class="x"'),
    "print inside": ("<style>@media print{.x{display:none}}</style>", 'class="x"'),
    "narrow screens": ('<style media="screen and (max-width:600px)">.x{display:none}</style>', 'class="x"'),
    "elsewhere": ("<style>.menu .x{display:none}</style>", 'class="x"'),
    "beside": ("<style>.menu + .x{display:none}</style>", 'class="x"'),
    "a later rule": ("<style>.x{display:none}</style><style>.x{display:block}</style>", 'class="x"'),
    "a later rule of another part": ("<style>.x{display:none}body .x{display:block}</style>", 'class="x"'),
    "a weightier rule": ("<style>div.x{display:block}.x{display:none}</style>", 'class="x"'),
    "an important rule": ("<style>.x{display:block !important}.x{display:none}</style>", 'class="x"'),
    "its own style": ("<style>.x{display:none}</style>", 'class="x" style="display:block"'),
    "a comment": ("<style>/* .x{display:none} */</style>", 'class="x"'),
    "a comment of the HTML": ("<!-- <style>.x{display:none}</style> -->", 'class="x"'),
    "no CSS": ('<style type="text/less">.x{display:none}</style>', 'class="x"'),
    "another name": ("<style>.xx{display:none}</style>", 'class="x"'),
    "another case": ("<style>.X{display:none}</style>", 'class="x"'),
    "a list that nobody understands": ("<style>.x, .y:frob{display:none}</style>", 'class="x"'),
    "the mouse": ("<style>.x:hover{display:none}</style>", 'class="x"'),
    "what stands before it": ("<style>.x::before{display:none}</style>", 'class="x"'),
    "a rule in a rule": ("<style>.x{display:none}.y{.x{display:block}}</style>", 'class="x"'),
    "supports": ("<style>@supports (display:grid){.x{display:none}}</style>", 'class="x"'),
    "hidden taken back": ("", 'hidden style="display:block"'),
    "size taken back": ("", 'style="font-size:14px"', "div", '<div style="font-size:0">{}</div>'),
    "size by a font": ("", 'style="font:14px/1 Arial"', "div", '<div style="font-size:0">{}</div>'),
    "visibility taken back": ("", 'style="visibility:visible"', "div", '<div style="visibility:hidden">{}</div>'),
    "colour taken back": ("", 'style="color:#000"', "div", '<div style="color:#fff">{}</div>'),
    "colour by a class": ("<style>.c{color:#000}</style>", 'class="c"', "div", '<div style="color:#fff">{}</div>'),
    "the colour of links": ("", 'href="https://x.example"', "a", '<div style="color:#fff">{}</div>'),
    "a marker": ("", "", "mark", '<div style="color:#fff">{}</div>'),
    "paper above": ("", 'style="color:#fff"', "span", '<table bgcolor="#003366"><tr><td class="x">{}</td></tr></table>'),
    "paper below another layer": (
        "",
        'style="color:#fff"',
        "div",
        '<div style="position:absolute;background:#036;height:99px;width:99px">a b c</div>{}',
    ),
    "a place without a position": ("", 'style="left:-9999px"'),
    "pulled back": ("", 'style="position:absolute;left:-9999px;padding-left:9999px"'),
    "height of a word": ("", 'style="max-height:0;overflow:hidden"', "span"),
    "height of a cell": ("", 'style="max-height:0;overflow:hidden"', "td", "<table><tr>{}</tr></table>"),
    "height with a padding": ("", 'style="height:0;padding-bottom:56%;overflow:hidden"'),
    "height without clipping": ("", 'style="height:0"'),
    "clip without a position": ("", 'style="clip:rect(0,0,0,0)"'),
    "clip that shows": ("", 'style="position:absolute;clip:rect(0,900px,900px,0)"'),
    "clip path that shows": ("", 'style="clip-path:inset(0)"'),
    "scale of a word": ("", 'style="transform:scale(0)"', "span"),
    "indent of a word": ("", 'style="text-indent:-9999px"', "span"),
    "indent of the right": ("", 'style="text-indent:-9999px;text-align:right"'),
    "no font": ("", 'style="font:0"'),
    "half seen": ("", 'style="opacity:0.5"'),
    "appears": ("<style>@keyframes a{to{opacity:1}}</style>", 'style="opacity:0;animation:a 1s forwards"'),
    "for Outlook alone": ("", 'style="mso-hide:all"'),
    "no script": ("", "", "noscript", '{}<p style="display:none">x</p>'),
}
UNSEEN = {
    "class": ("<style>.x{display:none}</style>", 'class="x"'),
    "id": ("<style>#x{display:none}</style>", 'id="x"'),
    "tag": ("<style>section{display:none}</style>", "", "section"),
    "tag and class": ("<style>div.x{display:none}</style>", 'class="a x"'),
    "attribute": ("<style>[data-x]{display:none}</style>", 'data-x="1"'),
    "attribute with a value": ('<style>div[title="x"]{display:none}</style>', 'title="x"'),
    "everything": ("<style>p{display:block}*{visibility:hidden}p{visibility:visible}</style>", ""),
    "screen": ("<style>@media screen{.x{display:none}}</style>", 'class="x"'),
    "screen of a sheet": ('<style media="screen">.x{display:none}</style>', 'class="x"'),
    "the last rule": ("<style>.x{display:block}.x{display:none}</style>", 'class="x"'),
    "the same on all screens": ("<style>.x{display:none}@media (max-width:9px){.x{display:none}}</style>", 'class="x"'),
    "escaped": (r"<style>.\78 {disp\6c ay:none}</style>", 'class="x"'),
    "colour by a class": ("<style>.x{color:#fff}</style>", 'class="x"'),
    "paper by a class": ("<style>.x{background:#036}.y{color:#036}</style>", 'class="y"', "div", '<div class="x">{}</div>'),
    "a font of no size": ("", 'style="font:0/0 a"'),
    "hardly there": ("", 'style="opacity:0.01"'),
    "hardly there twice": ("", 'style="opacity:0.2"', "div", '<div style="opacity:20%">{}</div>'),
    "four digits": ("", 'style="color:#ffff"'),
    "clear": ("", 'style="color:rgba(0,0,0,0)"'),
    "nearly clear": ("", 'style="color:#00000008"'),
    "transparent": ("", 'style="color:transparent"'),
    "percent": ("", 'style="color:rgb(100%,100%,100%)"'),
    "hsl": ("", 'style="color:hsl(0,0%,100%)"'),
    "font without a mark": ("", 'color="FFFFFF"', "font"),
    "a comment inside": ("", 'style="display:/**/none"'),
    "cut away": ("", 'style="clip-path:inset(100%)"'),
    "cut away by halves": ("", 'style="clip-path:inset(50% 0)"'),
    "clipped": ("", 'style="position:absolute;clip:rect(1px,1px,1px,1px)"'),
    "far right": ("", 'style="position:absolute;right:9999px"'),
    "far above": ("", 'style="position:fixed;top:-9999px"'),
    "shifted": ("", 'style="transform:translateX(-9999px)"'),
    "shifted both ways": ("", 'style="transform:translate(-9999px, 0)"'),
    "behind a long style": ("", f'style="{"a:b;" * 3000}display:none"'),
    "size of what has none": ("", 'style="font-size:2em"', "div", '<div style="font-size:0">{}</div>'),
    "placed inside what is off": ("", 'style="position:relative"', "div", '<div style="position:absolute;left:-9999px">{}</div>'),
    "a program's name": ("", 'class="MsoNormal" style="color:#fff"'),
}


@pytest.mark.parametrize("case", SEEN.values(), ids=SEEN)
def test_what_may_be_seen_is_read(case: tuple[str, ...]) -> None:
    assert WORDS in own(mail(*case))


@pytest.mark.parametrize("case", UNSEEN.values(), ids=UNSEEN)
def test_what_is_surely_unseen_is_not_read(case: tuple[str, ...]) -> None:
    assert WORDS not in own(mail(*case))


def test_below_the_first_line_an_indent_hides_nothing() -> None:
    html = f'<p>Hello dear team of ours</p><p style="text-indent:-9999px">HIDDEN words<br>{WORDS}</p>'

    assert WORDS in own(html)
    assert "HIDDEN" not in own(html)


def test_more_styles_than_anybody_reads_hide_nothing_by_class() -> None:
    sheet = "<style>" + "".join(f".a{number}{{color:red}}" for number in range(20_000)) + ".x{display:none}</style>"

    assert WORDS in own(mail(sheet, 'class="x" style="color:#fff"'))
    assert WORDS not in own(mail(sheet, 'style="display:none"'))


def test_looks_are_remembered_for_each_element_outside() -> None:
    styles = styles_of("<style>.x{color:#fff}</style>")
    dark = styles.look("td", {"bgcolor": "#000000"}, PLAIN)

    assert styles.look("p", {"class": "x"}, PLAIN).is_pale
    assert not styles.look("p", {"class": "x"}, dark).is_pale
    assert not MailStyles(()).look("p", {"class": "x"}, PLAIN).is_pale


def test_what_programs_put_before_names_is_taken_off() -> None:
    assert names(["x_Gmail_Quote", "yiv0123456789cite", ""]) == {"gmail_quote", "cite"}
