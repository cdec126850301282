"""What a mail program or a reader would take for a link is found whole; names of files, versions and abbreviations are none."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.drafts.checks.links import find_links
from tests.harness.cpu_time import cpu_seconds_since


@pytest.mark.parametrize(
    ("text", "found", "host"),
    [
        ("Go to acme-login.support/export now.", "acme-login.support/export", "acme-login.support"),
        ("evil.click/x", "evil.click/x", "evil.click"),
        ("Visit phish.shop.", "phish.shop", "phish.shop"),
        ("185.12.3.4/export", "185.12.3.4/export", "185.12.3.4"),
        ("at 10.0.0.1:8080 now", "10.0.0.1:8080", "10.0.0.1"),
        ("[2001:db8::1]:80/x", "[2001:db8::1]:80/x", "2001:db8::1"),
        ("аррӏе.рф", "аррӏе.рф", "xn--80ak6aa92e.xn--p1ai"),
        ("xn--80ak6aa92e.рф", "xn--80ak6aa92e.рф", "xn--80ak6aa92e.xn--p1ai"),
        ("éevil.com", "éevil.com", "xn--evil-9oa.com"),
        ("evil。com", "evil。com", "evil.com"),
        ("evil．com", "evil．com", "evil.com"),
        ("evil｡com", "evil｡com", "evil.com"),
        ("ｅｖｉｌ．ｃｏｍ", "ｅｖｉｌ．ｃｏｍ", "evil.com"),
        ("evil[.]com", "evil[.]com", "evil.com"),
        ("evil (dot) com", "evil (dot) com", "evil.com"),
        ("evil dot com", "evil dot com", "evil.com"),
        ("ev\u200cil.com", "ev\u200cil.com", "evil.com"),
        ("hxxps://evil.com/x", "hxxps://evil.com/x", "evil.com"),
        ("http://user@evil.com:80/x.", "http://user@evil.com:80/x", "evil.com"),
        ("(see https://help.example.com/a).", "https://help.example.com/a", "help.example.com"),
        ("HTTP://EVIL.EXAMPLE/X", "HTTP://EVIL.EXAMPLE/X", "evil.example"),
        ("www.evil.example", "www.evil.example", "www.evil.example"),
        ("詳しくはevil.comをご覧ください", "evil.com", "evil.com"),
        ("a.b.c.evil.co.uk?q=1", "a.b.c.evil.co.uk?q=1", "a.b.c.evil.co.uk"),
        ("javascript:alert(1)", "javascript:alert(1)", ""),
        ("https:evil.com", "https:evil.com", ""),
        ("http://3232235777/", "http://3232235777/", "3232235777"),
        ("github.io", "github.io", "github.io"),
        *(
            (f"login-acme.{end}", f"login-acme.{end}", f"login-acme.{end}")
            for end in ["page", "online", "site", "cloud", "tech", "us", "nl", "pl", "at", "ch", "ai"]
        ),
    ],
)
def test_a_link_is_found_whole(text: str, found: str, host: str) -> None:
    links = find_links(text)

    assert [text[link.start : link.end] for link in links] == [found]
    assert links[0].host == host


@pytest.mark.parametrize(
    "text",
    [
        "Open report.final.pdf and config.yaml.",
        "Version 2.14.1 needs Node.js, e.g. on Linux, i.e. there.",
        "At 12:30:45 on 24.12.2026 or 3.14.",
        "z.B. in der U.S. oder d.h. am Tag",
        "It is done.It works.",
        "Version 1.2.3.4 is out.",
        "Use std::vector and obj.method().",
        "A ratio of 1:2:3.",
        "終わりです。中国は大きいです。",
        "the archive file.tar.gz",
        "Write to jo@field.co",
        "Data: yes, file: none.",
    ],
)
def test_what_only_has_dots_is_no_link(text: str) -> None:
    assert [link for link in find_links(text) if link.host != "field.co"] == []


@pytest.mark.parametrize(
    "name",
    [
        *("setup.sh", "setup.py", "README.md", "main.rs", "data.zip", "clip.mov", "app.properties", "Makefile.am", "id_rsa.pub"),
        *("user.name", "order.id", "Company.name", "event.target.id", "data.map", "System.in", "foo.bar", "ASP.NET", "Socket.io"),
        "10.am",
    ],
)
def test_a_name_that_could_be_a_host_is_marked(name: str) -> None:
    assert [link.is_name for link in find_links(f"Look at {name}, please.")] == [True]


@pytest.mark.parametrize(
    "link",
    [
        *("https://setup.sh", "setup.sh/x", "x.setup.sh", "setup[.]sh", "user.name/login", "user.name.evil.com", "user．name"),
        *("user.login.support", "acme.name", "account.support", "evil.user.name", "www.user.name", "logo.ai", "acme.app"),
    ],
)
def test_what_could_be_a_name_in_part_only_is_a_link(link: str) -> None:
    assert [link.is_name for link in find_links(f"Look at {link}, please.")] == [False]


@pytest.mark.parametrize("text", ["http://user@evil.com/", "hxxp://evil.com", "javascript:x", "ftp://evil.com", "https:evil.com"])
def test_what_no_browser_should_follow_is_no_web_link(text: str) -> None:
    assert not find_links(text)[0].is_web


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab.:/@[]()。．-1 dotcom\u200céя", max_size=60))
def test_any_text_is_read_and_places_are_inside_it(text: str) -> None:
    assert all(0 <= link.start < link.end <= len(text) for link in find_links(text))


def test_a_long_text_costs_its_length() -> None:
    begun = time.process_time()

    find_links("a.b.c.d " * 5_000 + "x." * 5_000 + "::" * 2_000)

    assert cpu_seconds_since(begun) < 3
