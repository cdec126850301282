"""Domains where everybody may have an address."""

from __future__ import annotations

import pytest

from bot.directory.free_mail import FREE_MAIL


@pytest.mark.parametrize("domain", ["gmail.com", "gmx.de", "qq.com", "privaterelay.appleid.com"])
def test_great_providers_are_known(domain: str) -> None:
    assert domain in FREE_MAIL


def test_each_is_a_domain_as_addresses_are_compared() -> None:
    assert all(domain == domain.strip().casefold() and "." in domain.strip(".") and "@" not in domain for domain in FREE_MAIL)


@pytest.mark.parametrize("domain", ["com", "co.uk", "example.com", "northwind.example"])
def test_a_companys_domain_or_all_of_a_country_is_not_among_them(domain: str) -> None:
    assert domain not in FREE_MAIL
