"""The directory: which row belongs to a ticket, what wins, and what is said of a wrong file."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.ticket import Company, Person, Ticket
from bot.config import ConfigInvalid
from bot.directory.directory import Directory

COMPANIES = """domain,id,name,tier,arr,renewal_at,csm,is_premium,flags
northwind.example,42,Northwind,enterprise,120000,2027-01-31,lead.lena@example.com,yes,key-account;pilot
globex.example;globex.test,,Globex,professional,30000,,,no,
gmail.com,,Wrong Mail,standard,,,,,
"""


def directory(folder: Path, text: str = COMPANIES, name: str = "companies.csv") -> Directory:
    (folder / name).write_text(text, encoding="utf-8")
    return Directory.load([folder / name])


def of(email: str = "", company: Company | None = None) -> Ticket:
    return Ticket(company=company, requester=Person(emails=(email,)) if email else None)


def test_a_company_is_found_by_the_requesters_domain(tmp_path: Path) -> None:
    company, _ = directory(tmp_path).enrich(of("otto@Northwind.example"))

    assert (company.name, company.tier, company.arr, company.mrr) == ("Northwind", "enterprise", 120000, 10000)
    assert company.renewal_at == datetime(2027, 1, 31, tzinfo=UTC)
    assert company.is_premium
    assert company.flags == {"key-account", "pilot"}


@pytest.mark.parametrize("email", ["a@mail.northwind.example", "a@globex.test"])
def test_subdomains_and_second_domains_count(tmp_path: Path, email: str) -> None:
    company, _ = directory(tmp_path).enrich(of(email))

    assert company.tier in {"enterprise", "professional"}


@pytest.mark.parametrize("email", ["someone@gmail.com", "x@notnorthwind.example", "x@example", ""])
def test_free_mail_and_strangers_match_nothing(tmp_path: Path, email: str) -> None:
    company, _ = directory(tmp_path).enrich(of(email))

    assert company == Company()


def test_the_helpdesks_id_and_name_come_before_the_domain(tmp_path: Path) -> None:
    found = directory(tmp_path)

    by_id, _ = found.enrich(of("a@globex.example", Company(external_id="42")))
    by_name, _ = found.enrich(of("a@northwind.example", Company(name="GLOBEX")))

    assert (by_id.tier, by_name.tier) == ("enterprise", "professional")


def test_an_address_outside_the_companys_domains_does_not_decide(tmp_path: Path) -> None:
    company, _ = directory(tmp_path).enrich(of("a@northwind.example", Company(name="Hobby", domains=("hobby.example",))))

    assert company.tier is None


def test_the_file_wins_only_where_it_has_a_value(tmp_path: Path) -> None:
    helpdesk = Company(name="Globex", tier="standard", csm="old@example.com", plan="Team", mrr=1.0)

    company, _ = directory(tmp_path).enrich(of(company=helpdesk))

    assert (company.tier, company.csm, company.plan) == ("professional", "old@example.com", "Team")
    assert (company.arr, company.mrr) == (30000, 2500)


def test_a_tier_is_never_guessed(tmp_path: Path) -> None:
    company, _ = directory(tmp_path).enrich(of(company=Company(name="Rich", arr=900_000)))

    assert company.tier is None


@pytest.mark.parametrize(
    ("known", "arr", "mrr"), [(Company(arr=120.0), 120, 10), (Company(mrr=10.0), 120, 10), (Company(arr=1.0, mrr=9.0), 1, 9)]
)
def test_arr_and_mrr_follow_from_each_other(known: Company, arr: float, mrr: float) -> None:
    company, _ = Directory().enrich(of(company=known))

    assert (company.arr, company.mrr) == (arr, mrr)


def test_people_are_found_by_address(tmp_path: Path) -> None:
    text = "email,title,is_vip,flags\nClara@northwind.example,CEO,yes,board\n"

    _, person = directory(tmp_path, text, "people.csv").enrich(of("clara@northwind.example"))

    assert (person.title, person.is_vip, person.tags) == ("CEO", True, frozenset({"board"}))


def test_yaml_holds_companies_and_people(tmp_path: Path) -> None:
    companies = "companies:\n  - {domain: [a.example, b.example], tier: standard, mrr: 10}\n"
    text = companies + "people:\n  - {email: x@a.example, title: CTO}\n"

    company, person = directory(tmp_path, text, "d.yaml").enrich(of("x@a.example"))

    assert (company.tier, company.arr, person.title) == ("standard", 120, "CTO")


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    found = directory(tmp_path)

    (tmp_path / "companies.csv").write_text(COMPANIES.replace("enterprise", "standard"), encoding="utf-8")
    company, _ = found.enrich(of("a@northwind.example"))

    assert company.tier == "standard"


def test_a_file_that_became_wrong_keeps_the_last_good_rows(tmp_path: Path) -> None:
    found = directory(tmp_path)

    (tmp_path / "companies.csv").write_text("domain,tire\nnorthwind.example,enterprise\n", encoding="utf-8")
    os.utime(tmp_path / "companies.csv", ns=(1, 1))
    company, _ = found.enrich(of("a@northwind.example"))

    assert company.tier == "enterprise"


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.csv", "domain,tire\nx.example,enterprise\n", "a.csv:2:1: tire: no such column, did you mean tier?"),
        ("a.csv", "domain,tier\nx.example,gold\n", "a.csv:2:1: tier: gold: no such tier"),
        ("a.csv", "domain,tier\nx.example,entreprise\n", "did you mean enterprise?"),
        ("a.csv", 'domain,arr\nx.example,"120,000"\n', "a.csv:2:1: arr: 120,000: not a number, write it as 120000"),
        ("a.csv", "domain,arr\nx.example,nan\n", "not a number"),
        ("a.csv", "domain,renewal_at\nx.example,31.1.2027\n", "not a date, write it as 2027-01-31"),
        ("a.csv", "domain,is_premium\nx.example,maybe\n", "write yes or no"),
        ("a.csv", "tier\nenterprise\n", "a.csv:2:1: nothing to find it by: fill id or name or domain"),
        ("a.csv", "domain\nx.example\nx.example\n", "a.csv:3:1: domain x.example stands twice, first at"),
        ("a.yaml", "companies:\n  - tier: gold\n    name: X\n", "a.yaml:2:1: tier: gold"),
        ("a.yaml", "firms: []\n", "wanted `companies:`, `people:` and `agents:`"),
        ("a.yaml", "companies: [1\n", "not YAML"),
        ("a.yaml", "people:\n  - 5\n", "wanted `name: value` lines"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(tmp_path: Path, name: str, text: str, problem: str) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        directory(tmp_path, text, name)

    assert problem in str(caught.value.problems[0])


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        Directory.load([tmp_path / "none.csv", tmp_path / "neither.yaml"])

    assert len(caught.value.problems) == 2


AGENTS = """email,name,teams,skills,away,away_until
amy@example.com,Amy,Billing;Tier 1,French; Invoices,,
bob@example.com,Bob,Tier 2,,yes,
cid@example.com,Cid,,,,2026-12-01
,Dora,,,no,
"""


def test_agents_are_read_by_name_and_who_is_not_back_is_away(tmp_path: Path) -> None:
    now = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
    team = directory(tmp_path, AGENTS, "agents.csv")

    found = team.agents(now)

    assert [(each.agent, each.name, each.is_away) for each in found] == [
        ("amy@example.com", "Amy", False),
        ("bob@example.com", "Bob", True),
        ("cid@example.com", "Cid", True),
        ("Dora", "Dora", False),
    ]
    assert sorted(found[0].teams | found[0].skills) == ["billing", "french", "invoices", "tier 1"]
    assert [each.is_away for each in team.agents(datetime(2026, 12, 1, tzinfo=UTC))] == [False, True, False, False]


def test_agents_stand_in_yaml_beside_the_others_and_may_be_customers_too(tmp_path: Path) -> None:
    text = "agents:\n  - {email: a@x.example, skills: [French, Tax]}\npeople:\n  - {email: a@x.example, title: CEO}\n"
    found = directory(tmp_path, text, "all.yaml")

    _, person = found.enrich(of("a@x.example"))

    assert person.title == "CEO"
    [agent] = found.agents(datetime(2026, 1, 1, tzinfo=UTC))
    assert (agent.agent, sorted(agent.skills)) == ("a@x.example", ["french", "tax"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("email,skils,teams\na@x.example,French,\n", "skils: no such column, did you mean skills"),
        ("email,skills,away\na@x.example,French,perhaps\n", "away: perhaps: write yes or no"),
        ("email,skills\n,French\n", "fill email or name"),
        ("email,skills\na@x.example,French\na@x.example,Tax\n", "stands twice"),
    ],
)
def test_a_wrong_row_of_an_agent_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigInvalid, match=message):
        directory(tmp_path, text, "agents.csv")
