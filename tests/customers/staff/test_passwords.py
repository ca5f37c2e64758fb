"""How the staff's own passwords are hashed, as production does it; other tests use a quicker hasher."""

import pytest
from django.contrib.auth.hashers import check_password, identify_hasher, make_password, verify_password
from pytest_django.fixtures import Settings

from config.settings import PASSWORD_HASHERS
from tests import factories

ARGON2 = "argon2$argon2id$v=19$m=19456,t=2,p=1$"


@pytest.fixture(autouse=True)
def as_in_production(settings: Settings) -> None:
    """The hasher that the desk runs with."""
    settings.PASSWORD_HASHERS = PASSWORD_HASHERS


@pytest.mark.one_engine("hashing asks no database")
def test_a_password_is_hashed_with_argon2id_in_19_mebibytes_and_two_passes() -> None:
    hashed = make_password(factories.PASSWORD)
    assert hashed.startswith(ARGON2)
    assert check_password(factories.PASSWORD, hashed)
    assert not check_password(factories.PASSWORD + "!", hashed)


@pytest.mark.one_engine("hashing asks no database")
def test_a_hash_that_took_less_work_is_made_anew_at_the_next_sign_in(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["tests.passwords.QuickPasswordHasher"]
    quick = make_password(factories.PASSWORD)
    settings.PASSWORD_HASHERS = PASSWORD_HASHERS
    assert not quick.startswith(ARGON2)
    assert identify_hasher(quick).must_update(quick)
    assert verify_password(factories.PASSWORD, quick) == (True, True)
    assert verify_password(factories.PASSWORD, make_password(factories.PASSWORD)) == (True, False)


@pytest.mark.django_db
def test_a_person_who_is_added_has_such_a_hash() -> None:
    assert factories.person("linh").password.startswith(ARGON2)
