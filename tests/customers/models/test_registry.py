"""What the apps above add to the ground floor's registries takes no other entry's place."""

import pytest

from customers.models.registry import Registry

pytestmark = pytest.mark.one_engine("a dictionary")


def test_a_second_entry_under_one_key_is_refused_and_none_of_its_company_is_taken() -> None:
    registry = Registry({"reveal": "reveal a value"})
    registry.register({"find": "look for a customer"})
    with pytest.raises(ValueError, match="reveal"):
        registry.register({"verify": "verify a caller", "reveal": "something else"})
    assert registry == {"reveal": "reveal a value", "find": "look for a customer"}
