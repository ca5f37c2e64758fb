"""A sign-in under way: bound to the password it began with, one of two wins, and nothing odd gets far."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode

import pytest

from customers.evidence.errors import RecordFailed
from customers.models import SignIn, StaffMember
from customers.sign_in import second_factors
from customers.staff import accounts
from customers.validation.errors import InvalidInput
from tests import factories
from tests.customers.sign_in.test_sign_in import came, is_in, linh
from tests.signing import SECRET, browser, code, password_step, sign_in_for_real

__all__ = ["linh"]
pytestmark = pytest.mark.django_db


# --- a sign-in under way -------------------------------------------------------------------------------------------


def _agent(username: str) -> StaffMember:
    return factories.person(username, "Support agent", email=f"{username}@example.com")


@pytest.mark.parametrize("what", ["reset", "password", "sessions", "ended and back"])
def test_what_was_begun_before_is_over(db: None, what: str) -> None:
    quang = factories.person("quang", "Administrator")
    while (mai := _agent(f"mai-{StaffMember.objects.count()}")).pk < 37:
        continue  # the library writes keys to the base of 36: small ones look alike
    thief = browser()
    assert password_step(thief, mai.username)["Location"] == "/login/set-up/"
    page = thief.get("/login/set-up/").content.decode()
    secret = "".join(re.search(r'class="hash">([A-Z2-7 ]+)<', page)[1].split())  # type: ignore[index]
    if what == "reset":
        accounts.start_sign_in_reset(mai, by=quang)
    elif what == "password":
        accounts.set_password(mai, "a battery of her own", by=mai)
    elif what == "sessions":
        accounts.end_sessions_of(mai, by=quang)
    else:
        accounts.end_person(mai, by=quang)
        accounts.take_back(mai, by=quang)
    assert thief.post("/login/set-up/", {"code": code(secret)}).status_code == 302
    assert (is_in(thief), second_factors.has_factor(mai)) == (False, False)


def test_of_two_who_set_up_at_once_one_does_and_the_other_is_told(db: None) -> None:
    mai = factories.person("mai", "Support agent")
    both = [browser(), browser()]
    secrets = []
    for client in both:
        password_step(client, "mai")
        page = client.get("/login/set-up/").content.decode()
        secrets.append("".join(re.search(r'class="hash">([A-Z2-7 ]+)<', page)[1].split()))  # type: ignore[index]
    for client, secret in zip(both, secrets, strict=True):
        client.post("/login/set-up/", {"code": code(secret)})
    assert [is_in(client) for client in both] == [True, False]
    assert [what for what, _by in came()] == ["factor_added", "codes_made", "signed_in"]
    with pytest.raises(InvalidInput, match="set up meanwhile"):
        second_factors.set_app(mai, SECRET, bound=mai.get_session_auth_hash())


def test_who_comes_to_the_sign_in_begins_anew_as_themselves(linh: StaffMember) -> None:
    factories.person("mai", "Support agent")
    shared = browser()
    password_step(shared, "mai")  # … and walks off
    assert password_step(shared, "linh")["Location"] == "/login/second-factor/"
    shared.post("/login/second-factor/", {"code": code()})
    assert shared.get("/sign-in/").context["user"] == linh


def _of_a_key(data: bytes) -> str:
    """An answer in the right form, with what the key says of itself in no form at all."""

    def text(part: bytes) -> str:
        return urlsafe_b64encode(part).decode().rstrip("=")

    said = json.dumps({"type": "webauthn.get", "challenge": text(b"0" * 32), "origin": "http://testserver"})
    parts = {"clientDataJSON": said.encode(), "authenticatorData": bytes(32) + b"\xc1" + bytes(4) + data}
    response = {name: text(part) for name, part in (parts | {"signature": b"0", "attestationObject": data}).items()}
    return json.dumps({"id": text(b"1"), "rawId": text(b"1"), "type": "public-key", "response": response})


ODD_ANSWERS = {
    "deep list": "[" * 50_000, "deep object": '{"a":' * 5_000, "long number": "9" * 5_000, "null": "null", "list": "[]",
    "half a pair": '{"rawId": "\\ud800"}', "a NUL": '{"rawId": "\\u0000"}',
    "a list cut off": _of_a_key(b"\x81"), "lists in lists": _of_a_key(b"\x81" * 5_000),
}  # fmt: skip


# --- what means harm ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "onward", ["http://[", "//[", "http://a]b/", "https://evil.example.net/", "//evil.example.net"]
)
def test_nobody_is_sent_elsewhere(linh: StaffMember, onward: str) -> None:
    client = browser()
    assert client.get("/login/", {"next": onward}).status_code == 200
    asked = password_step(client, "linh", next=onward)
    done = client.post(asked["Location"], {"code": code()})
    assert (done.status_code, done["Location"]) == (302, "/")


@pytest.mark.parametrize("answer", ODD_ANSWERS.values(), ids=ODD_ANSWERS)
def test_an_odd_answer_of_a_security_key_is_a_wrong_one(linh: StaffMember, answer: str) -> None:
    client = browser()
    password_step(client, "linh")
    assert client.post("/login/second-factor/", {"credential": answer}).status_code == 200
    assert SignIn.objects.filter(what="factor_wrong").count() == ('"signature"' in answer)
    mai = factories.person("mai", "Support agent")
    other = browser()
    password_step(other, "mai")
    assert other.post("/login/set-up/", {"credential": answer}).status_code == 400
    assert not second_factors.has_factor(mai)


def test_signing_out_ends_the_session_even_where_it_cannot_be_recorded(
    linh: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser()
    sign_in_for_real(client, linh)

    def fails(*args: object) -> None:
        raise RecordFailed("The log cannot be written.")

    monkeypatch.setattr("customers.sign_in.allauth_adapters.note_signed_out", fails)
    assert client.post("/logout/").status_code == 503
    assert not is_in(client)
