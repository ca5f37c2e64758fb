"""Revealing one value."""

import pytest

from customers.access.reveal import reveal
from customers.acts.refusals import Refused
from customers.models import Leaf, Refusal, Reveal
from tests import factories


@pytest.mark.django_db
def test_an_agent_reveals_an_email_of_the_own_team_and_it_is_on_record() -> None:
    customer, agent = factories.customer(), factories.person("linh", "Support agent")
    address = customer.contact_points.get(channel="email")
    revealed = reveal(address, "email", by=agent, reason="call_back", ticket="T-1")
    assert revealed.value == "hoa.nguyen@mail.example.com"
    leaf = Leaf.objects.get(table_name="customers_reveal", row_key=str(revealed.record.pk))
    assert leaf.customer == customer.reference


@pytest.mark.django_db
def test_an_agent_of_another_team_is_refused_on_record_and_sees_nothing() -> None:
    customer, agent = factories.customer(), factories.person("minh", "Support agent", "Da Nang")
    with pytest.raises(Refused) as refused:
        reveal(customer.contact_points.get(channel="email"), "email", by=agent, reason="call_back")
    assert "hoa" not in str(refused.value)
    assert Reveal.objects.count() == 0
    assert Refusal.objects.get().why == "no_right"


def test_a_reveal_commits_its_record_before_the_value_is_opened(own_database: str) -> None:
    customer, agent = factories.customer(), factories.person("linh", "Support agent")
    revealed = reveal(customer, "full_name", by=agent, reason="confirm_identity")
    assert (revealed.value, Reveal.objects.get().datum) == ("Nguyễn Thị Hoa", "name")
