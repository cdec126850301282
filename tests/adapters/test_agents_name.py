"""Replies in an agent's name, and who put a tag on: what each helpdesk says and refuses. The customer is answered once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from adapters.ticket import Status, TicketKey
from adapters.writes import AddTags, Note, Reply, Result, SetStatus
from tests.adapters.ground import ANNA, MARKER, NOTE, OTTO, Bench, Ground, ground_of
from tests.adapters.test_contract import freshdesk, intercom, zendesk

BENCHES: dict[str, Callable[[], Bench]] = {"zendesk": zendesk, "intercom": intercom, "freshdesk": freshdesk}
WORDS = "Open Settings and choose Export."


@pytest.fixture(params=BENCHES)
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    with ground_of(BENCHES[request.param]()) as made:
        yield made


def agent(ground: Ground) -> str:
    return next(each.external_id for each in ground.helpdesk.agents() if each.email == ANNA)


def replies(ground: Ground, key: TicketKey) -> list[tuple[str, str]]:
    return [(each.author_email, each.text.strip()) for each in ground.view(key).replies]


def test_a_reply_is_written_in_the_agents_name(ground: Ground) -> None:
    key = ground.open_ticket()

    outcomes = ground.write(ground.read(key), Reply(text=WORDS, author=agent(ground)))

    assert [each.result for each in outcomes] == [Result.CONFIRMED]
    assert replies(ground, key) == [(ANNA, WORDS)]
    assert outcomes[0].external_id == ground.view(key).replies[0].id
    assert ground.helpdesk.hydrate(key).messages[-1].author_id == agent(ground)


def refuse_the_name(ground: Ground) -> str:
    """The helpdesk takes no words in this agent's name any more; its id."""
    identity, desk = agent(ground), ground.desk
    match desk.name:
        case "zendesk":
            desk.may_write_as = False  # type: ignore[attr-defined]
        case "intercom":
            del desk.people.admins[identity]  # type: ignore[attr-defined]
        case _:
            del desk.people.agents[int(identity)]  # type: ignore[attr-defined]
    return identity


def test_where_the_name_is_refused_our_own_user_answers_once(ground: Ground) -> None:
    key = ground.open_ticket()
    ticket = ground.read(key)
    identity = refuse_the_name(ground)

    outcomes = ground.write(ticket, Reply(text=WORDS, author=identity), SetStatus(status=Status.PENDING))

    assert {each.result for each in outcomes} == {Result.CONFIRMED}
    assert [each.text.strip() for each in ground.view(key).bot_replies] == [WORDS]
    assert len(ground.view(key).replies) == 1
    assert ground.view(key).status == "pending"


def test_a_lost_answer_is_not_taken_for_a_refusal(ground: Ground) -> None:
    key = ground.open_ticket()
    ticket = ground.read(key)
    ground.desk.faults.order("reset_after_commit", method="PUT" if ground.desk.name == "zendesk" else "POST")

    [outcome] = ground.write(ticket, Reply(text=WORDS, author=agent(ground)))

    assert outcome.result is Result.UNKNOWN
    assert len(ground.view(key).replies) == 1


def test_what_holds_only_after_the_reply_is_sent_after_it(ground: Ground) -> None:
    ticket = ground.read(ground.open_ticket())

    made = ground.requests(ticket, AddTags(tags=frozenset({"new"})), SetStatus(status=Status.PENDING), NOTE, Reply(text=WORDS))

    assert made[0].is_public
    assert [each.marker for each in made] == [""] * (len(made) - 1) + [MARKER]


def test_a_tag_that_an_agent_put_on_is_theirs(ground: Ground) -> None:
    key = ground.open_ticket()
    ground.desk.agent_update(key.external_id, agent=ANNA, tags_add=["dh-accept"])

    found = ground.helpdesk.tagged_by("dh-accept", ground.read(key))

    if ground.desk.name == "freshdesk":  # it does not say
        assert found is None
    else:
        assert found is not None
        assert found.agent is not None
        assert (found.agent.email, found.agent.may_answer) == (ANNA, True)


def tagged_by_a_machine(ground: Ground, key: TicketKey) -> None:
    ground.desk.agent_update(key.external_id, agent=ANNA, priority="high")  # sets the trigger off
    ground.desk.machine_update(key.external_id, tags_add=["dh-accept"])


def tagged_by_ourselves(ground: Ground, key: TicketKey) -> None:
    ground.write(ground.read(key), AddTags(tags=frozenset({"dh-accept"})))


def tagged_with_an_agents_credentials(ground: Ground, key: TicketKey) -> None:
    ground.desk.machine_update(key.external_id, tags_add=["dh-accept"], app=ANNA)


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        (tagged_by_a_machine, {"zendesk": "a trigger or automation", "intercom": "a workflow or bot"}),
        (tagged_by_ourselves, {"zendesk": "another app", "intercom": "Deskhand's own user"}),
        (tagged_with_an_agents_credentials, {"zendesk": "another app"}),  # Intercom names the teammate and nothing else
    ],
    ids=["machine", "ourselves", "app"],
)
def test_a_tag_that_nobody_put_on_by_hand_is_no_agents(
    ground: Ground, tag: Callable[[Ground, TicketKey], None], said: dict[str, str]
) -> None:
    key = ground.open_ticket()
    tag(ground, key)

    found = ground.helpdesk.tagged_by("dh-accept", ground.read(key))

    if ground.desk.name in said:
        assert found is not None
        assert (found.agent, found.otherwise) == (None, said[ground.desk.name])


def test_a_customers_tag_is_no_agents() -> None:
    with ground_of(zendesk()) as ground:
        key = ground.open_ticket(tags=["dh-accept"])  # as an option of a form's field has it

        found = ground.helpdesk.tagged_by("dh-accept", ground.read(key))

        assert found is not None
        assert (found.agent, found.otherwise) == (None, "somebody who is no agent here")


def test_the_newest_change_of_a_tag_counts() -> None:
    with ground_of(zendesk()) as ground:
        key = ground.open_ticket()
        ground.desk.agent_update(key.external_id, agent=ANNA, tags_add=["dh-accept"])
        ground.desk.agent_update(key.external_id, agent=ANNA, tags_remove=["dh-accept"])
        tagged_by_a_machine(ground, key)

        found = ground.helpdesk.tagged_by("dh-accept", ground.read(key))

        assert found is not None
        assert found.agent is None


def test_whose_public_comment_comes_out_private_is_no_author() -> None:
    with ground_of(zendesk()) as ground:
        key = ground.open_ticket()
        ticket, identity = ground.read(key), agent(ground)
        ground.desk.tables.users[int(identity)]["only_private_comments"] = True  # type: ignore[attr-defined]

        outcomes = ground.write(ticket, AddTags(tags=frozenset({"new"})), Reply(text=WORDS, author=identity))

        assert [(each.result, each.not_applied) for each in outcomes] == [(Result.CONFIRMED, ())]
        assert [each.text.strip() for each in ground.view(key).bot_replies] == [WORDS]
        assert outcomes[0].external_id == ground.view(key).bot_replies[0].id
        assert "new" in ground.view(key).tags
        assert [each.may_answer for each in ground.connect(ground.account()).agents() if each.email == ANNA] == [False]


def test_a_note_beside_a_reply_is_one_and_comes_after_it() -> None:
    with ground_of(zendesk()) as ground:
        key = ground.open_ticket()

        outcomes = ground.write(ground.read(key), Note(html=f"<p>Sent. id {MARKER}</p>", marker=MARKER), Reply(text=WORDS))

        assert [each.result for each in outcomes] == [Result.CONFIRMED] * 2
        assert [each.is_public for each in ground.view(key).messages] == [True, True, False]
        assert ground.view(key).requester == OTTO
