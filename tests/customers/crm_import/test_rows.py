"""Judging one row of a CRM export."""

import unicodedata
from datetime import UTC, date, datetime
from typing import Any

import pytest

from customers.crm_import.rows import OPTIONAL_COLUMNS, REQUIRED_COLUMNS, Rejection, Row, judge
from tests.exports import AS_OF, record

pytestmark = pytest.mark.one_engine("a row is judged before any database is asked")

HEADER = [*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS]
BCRYPT = "$2b$12$" + "a" * 53


def judged(**cells: str) -> Row | Rejection:
    """A sound record but for these cells, judged as row 7."""
    given = record(**cells)
    return judge(7, HEADER, [given.get(name, "") for name in HEADER], at=AS_OF)


def accepted(**cells: str) -> Row:
    """The same, where it is taken in."""
    row = judged(**cells)
    assert isinstance(row, Row), row
    return row


@pytest.mark.parametrize(
    ("column", "cell", "right"),
    [
        ("customer_no", "", "EX0000001"),
        ("customer_no", "hoa@example.com", "EX0000001"),
        ("customer_no", "Nguyễn Thị Hoa", "EX0000001"),
        ("customer_no", "E" * 33, "E" * 32),
        ("full_name", "", "H"),
        ("team", "hoa@example.com", "Team 2024-2025"),
        ("services", "CDN|091 230 0001", "CDN|Plan 2024-2025"),
        ("full_name", " \t ", "H"),
        ("full_name", "x" * 201, "x" * 200),
        ("company", "x" * 201, "x" * 200),
        ("email", "", "a@example.com"),
        ("email", "no-at-sign", "at-sign@example.com"),
        ("email", "x@@example.com", "x@example.com"),
        ("email", "@example.com", "x@example.com"),
        ("email", "nobody@", "nobody@example.com"),
        ("email", "a b@example.com", "a.b@example.com"),
        ("email", f"a@{'x' * 64}.example.com", f"a@{'x' * 63}.example.com"),
        ("phone", "+84 1", "+84 912 345 612"),
        ("phone", "call me", ""),
        ("phone", "12", "0912345612"),
        ("locale", "", "vi"),
        ("locale", "kl-ON", "EN"),
        ("registered_at", "", "2021-10-25"),
        ("registered_at", "yesterday", "2021-10-25 08:15"),
        ("registered_at", "31/12/2020", "2020-12-31"),
        ("registered_at", "2020-02-30", "2020-02-29"),
        ("registered_at", "20211025", "2021-10-25"),
        ("registered_at", "0001-01-01", "0001-01-02"),
        ("registered_at", "2021-10-25T08:15:00+25:00", "2021-10-25T08:15:00+07:00"),
        ("registered_at", "2027-01-02", "2027-01-01"),
        ("status", "", "active"),
        ("status", "vip", "CLOSED"),
        ("team", "  ", "Hanoi"),
        ("team", "x" * 101, "x" * 100),
        ("services", "CDN|" + "x" * 101, "CDN|" + "x" * 100),
        ("password_hash", "correct horse", BCRYPT),
        ("password_hash", BCRYPT[:-1], BCRYPT),
        ("password_hash", f" {BCRYPT}", ""),
        ("renewals", "CDN", "CDN=2027-01-31"),
        ("renewals", "CDN=2027-02-30", "CDN=2027-02-28"),
        ("renewals", "CDN=31/01/2027", "CDN=2028-02-29"),
        ("renewals", "=2027-01-31", ""),
        ("renewals", "CDN=2027-01-31|CDN=2027-02-28", "CDN=2027-01-31|DNS=2027-02-28"),
    ],
)
def test_a_row_is_rejected_for_a_wrong_cell_and_taken_in_with_the_right_one(column: str, cell: str, right: str) -> None:
    rejection = judged(**{column: cell})
    assert isinstance(rejection, Rejection)
    assert (rejection.row, rejection.column) == (7, column)
    assert not cell.strip() or cell not in rejection.why
    assert isinstance(judged(**{column: right}), Row)


def test_a_row_with_several_faults_is_rejected_for_the_leftmost() -> None:
    assert judged(status="vip", email="nobody@", phone="12") == judged(email="nobody@")


@pytest.mark.parametrize("change", [-1, 1])
def test_a_row_with_more_or_fewer_cells_than_the_header_is_rejected_as_a_whole(change: int) -> None:
    cells = [record().get(name, "") for name in HEADER]
    rejection = judge(3, HEADER, [*cells, "more"][: len(cells) + change], at=AS_OF)
    assert isinstance(rejection, Rejection)
    assert (rejection.row, rejection.column) == (3, "")
    assert isinstance(judge(3, HEADER, cells, at=AS_OF), Row)


@pytest.mark.parametrize(
    "spelling", ["+84912300001", "84912300001", "0912300001", "091 230 0001", "(091) 2300001", "+84 91-230-0001"]
)
def test_every_spelling_of_a_phone_number_becomes_one(spelling: str) -> None:
    assert accepted(phone=spelling).phone == "+84912300001"


def test_an_address_is_kept_as_the_customer_spells_it_with_its_domain_in_lower_case() -> None:
    assert accepted(email="  Hoa.NGUYEN@Mail.EXAMPLE.com ").email == "Hoa.NGUYEN@mail.example.com"


@pytest.mark.parametrize(
    ("spelling", "time"),
    [
        ("2021-10-25", datetime(2021, 10, 24, 17, tzinfo=UTC)),
        ("2021-10-25T08:15:00", datetime(2021, 10, 25, 1, 15, tzinfo=UTC)),
        ("2021-10-25T08:15:00+07:00", datetime(2021, 10, 25, 1, 15, tzinfo=UTC)),
        ("2021-10-25T01:15:00Z", datetime(2021, 10, 25, 1, 15, tzinfo=UTC)),
    ],
)
def test_a_time_without_a_zone_is_vietnams(spelling: str, time: datetime) -> None:
    assert accepted(registered_at=spelling).registered_at == time


def test_the_crms_words_for_a_status_become_the_desks() -> None:
    said = [accepted(status=word).status for word in ("active", "closed", "suspended")]
    assert said == ["connected", "ended", "suspended"]


def test_names_are_kept_in_nfc_and_formulas_and_line_breaks_are_just_text() -> None:
    row = accepted(full_name=unicodedata.normalize("NFD", " Nguyễn Thị Hoa "), company='=SUM(1)\n"Sao, Mai"')
    assert (row.full_name, row.company) == (unicodedata.normalize("NFC", "Nguyễn Thị Hoa"), '=SUM(1)\n"Sao, Mai"')


def test_what_may_be_empty_is_none_and_not_an_empty_text() -> None:
    row = accepted(company=" ", phone="", services="", password_hash=" ")
    assert (row.company, row.phone, row.services, row.password_hash) == (None, None, {}, None)


def test_renewals_belong_to_services_and_add_those_that_are_not_listed() -> None:
    row = accepted(services="CDN| Cloud  Server |CDN", renewals="CDN=2027-01-31|DNS = 2027-02-28")
    assert row.services == {"CDN": date(2027, 1, 31), "Cloud Server": None, "DNS": date(2027, 2, 28)}


@pytest.mark.parametrize(
    "hashed",
    [
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Njc4OTA",
        "argon2$argon2id$v=19$m=102400,t=2,p=8$c29tZXNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Njc4OTA",
        BCRYPT,
        f"bcrypt_sha256${BCRYPT}",
        "pbkdf2_sha256$1000000$c2FsdA$MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=",
        "$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk",
        "pbkdf2:sha256:1000000$c2FsdA$" + "0f" * 32,
    ],
)
def test_a_password_hash_is_taken_exactly_as_it_stands(hashed: str) -> None:
    assert accepted(password_hash=hashed).password_hash == hashed


# --- the digest -----------------------------------------------------------------------------------------------


def test_rows_that_say_the_same_in_other_spellings_share_a_digest_whatever_the_marketing_columns_say() -> None:
    one = accepted(full_name="Đỗ Thị Hạnh", registered_at="2021-10-25", renewals="CDN=2027-01-31")
    same = accepted(
        full_name=unicodedata.normalize("NFD", " Đỗ Thị Hạnh"),
        email=" HOA.nguyen1@MAIL.example.com",
        phone="0912300001",
        locale="VI",
        registered_at="2021-10-24T17:00:00Z",
        status=" Active",
        team=" Hanoi ",
        services="Cloud Server| CDN",
        renewals="CDN = 2027-01-31",
        marketing_email="no",
        marketing_sms="anything",
    )
    assert one.digest == same.digest


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("customer_no", "EX0000002"),
        ("full_name", "Nguyễn Thị Hòa"),
        ("company", ""),
        ("email", "hoa.nguyen2@mail.example.com"),
        ("phone", ""),
        ("locale", "en"),
        ("registered_at", "2021-10-26"),
        ("status", "closed"),
        ("team", "Da Nang"),
        ("services", "CDN"),
        ("password_hash", BCRYPT),
        ("renewals", "CDN=2027-01-31"),
    ],
)
def test_a_row_that_says_anything_else_has_another_digest(column: str, cell: str) -> None:
    assert accepted(**{column: cell}).digest != accepted().digest


def test_a_value_that_moves_into_the_next_column_changes_the_digest() -> None:
    assert accepted(full_name="Mai", company="Hoa").digest != accepted(full_name="Mai Hoa", company="").digest
    assert accepted(team="CDN", services="DNS").digest != accepted(team="DNS", services="CDN").digest
    assert accepted(services="CDN|DNS").digest != accepted(services="CDN,DNS").digest


def test_a_digest_cannot_be_made_without_the_key(settings: Any) -> None:
    before = accepted().digest
    settings.BLIND_INDEX_KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
    assert accepted().digest != before


def test_a_row_shows_none_of_its_values_when_it_is_printed() -> None:
    row = accepted()
    assert "Hoa" in row.full_name
    assert not [value for value in (row.full_name, row.email, row.phone) if str(value) in f"{row!r}{row}"]
