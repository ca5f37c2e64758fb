"""The demo's staff accounts, and its customers, who do not exist."""

from __future__ import annotations

import csv
import random
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CUSTOMERS = 300
TEAMS = ["Hanoi", "Da Nang", "Ho Chi Minh City", "Enterprise"]


@dataclass(frozen=True)
class DemoPerson:
    """A staff account of the demo: its role, the team if the role has one, and what to try first."""

    username: str
    first_name: str
    role: str
    team: str | None
    first_try: str | Promise


FIRST_TRIES = {
    "linh": _(
        "find 0900000004, verify the caller, reveal; then find DM0000020 and read its banner; then DM0000032, write"
    ),
    "minh": _("open Customers: one of Hanoi’s is there by a grant, the others are not"),
    "thao": _("open Requests, Corrections: approve the e-mail that linh proposed; then Access"),
    "an": _(
        "open Disclosures: propose what the police letter gets, two hours are left; then Recipients, Disclosure log"
    ),
    "dung": _("open Disclosures: review what an released alone; months are looked back at by a third person"),
    "binh": _("open Disclosures: approve what dung proposed; you see masks only"),
    "quang": _("add a person (the letter lies under var/mail), give a role, end the access"),
    "yen": _("follow an entry of the log to its payload"),
}

PEOPLE = [
    DemoPerson("linh", "Linh", "Support agent", "Hanoi", FIRST_TRIES["linh"]),
    DemoPerson("minh", "Minh", "Support agent", "Da Nang", FIRST_TRIES["minh"]),
    DemoPerson("thao", "Thảo", "Support lead", "Hanoi", FIRST_TRIES["thao"]),
    DemoPerson("an", "An", "Compliance officer", None, FIRST_TRIES["an"]),
    DemoPerson("dung", "Dung", "Compliance officer", None, FIRST_TRIES["dung"]),
    DemoPerson("binh", "Bình", "Disclosure approver", None, FIRST_TRIES["binh"]),
    DemoPerson("quang", "Quang", "Administrator", None, FIRST_TRIES["quang"]),
    DemoPerson("yen", "Yến", "Auditor", None, FIRST_TRIES["yen"]),
]

FAMILY = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô", "Dương", "Lý"]
MIDDLE = ["Thị", "Văn", "Hữu", "Minh", "Ngọc", "Quốc", "Thanh", "Kim", "Đức", "Gia"]
GIVEN = ["Hoa", "Lan", "Mai", "Nam", "Hùng", "Duyên", "Trung", "Vân", "Sơn", "Thu", "Khánh", "Phúc", "Hạnh", "Quý"]
FIRMS = ["Công ty TNHH {}", "Công ty Cổ phần {}", "{} Trading Co., Ltd", "Hộ kinh doanh {}"]
SERVICES = ["Cloud Server", "CDN", "Business Email", "Kubernetes Engine", "Simple Storage", "Load Balancer"]
COLUMNS = [
    "customer_no", "full_name", "company", "email", "phone", "locale", "registered_at", "status", "team", "services",
    "marketing_email", "marketing_sms",
]  # fmt: skip


def write_customers(path: Path) -> None:
    """Write a CRM export of invented customers: the same at each run, with addresses under example domains only."""
    dice = random.Random(20260131)  # noqa: S311  (not used for secrets)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for number in range(1, CUSTOMERS + 1):
            writer.writerow(_customer(number, dice))


def _customer(number: int, dice: random.Random) -> dict[str, str]:
    family_name, given_name = dice.choice(FAMILY), dice.choice(GIVEN)
    firm = dice.choice(FIRMS).format(f"{dice.choice(FAMILY)} {dice.choice(GIVEN)}") if dice.random() < 0.4 else ""
    return {
        "customer_no": f"DM{number:07d}",
        "full_name": f"{family_name} {dice.choice(MIDDLE)} {given_name}",
        "company": firm,
        "email": f"customer.{number}@{dice.choice(['mail', 'post', 'hopthu'])}.example.com",
        "phone": f"09000{number:05d}",
        "locale": "vi" if dice.random() < 0.9 else "en",
        "registered_at": f"{dice.randint(2019, 2025)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}",
        "status": dice.choices(["active", "suspended", "closed"], [90, 4, 6])[0],
        "team": TEAMS[number % len(TEAMS)],
        "services": "|".join(dice.sample(SERVICES, dice.randint(1, 3))),
        "marketing_email": dice.choice(["yes", "no", ""]),
        "marketing_sms": dice.choice(["yes", "no", ""]),
    }


def passwords(path: Path) -> dict[str, str]:
    """Each person's password by username, made once and kept in a file that only its owner can read."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text("".join(f"{person.username} {secrets.token_urlsafe(9)}\n" for person in PEOPLE))
        path.chmod(0o400)
    return dict(line.split(" ", 1) for line in path.read_text().splitlines())
