"""Customers whose every sealed value is unmistakable: wherever one comes out, it can have come from nowhere else.

The words are of no language, the addresses of domains that are kept for examples, and no value is part of a mask.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta

from django.apps import apps
from django.utils import timezone

from customers.access.grants import end_grant, give_grant
from customers.access.reveal import reveal
from customers.casework.address_verification import answer_with_code, ask_owner
from customers.casework.approvals import approve
from customers.casework.corrections import Why, correct
from customers.casework.holds import close_after_contact, suspend
from customers.casework.information_requests import ask
from customers.casework.requests import hand_back, hand_over, register, withdraw
from customers.evidence.recording import recording
from customers.models import ContactPoint, Customer, Notice, ServiceAccess, StaffMember
from customers.vault.fields import sealed_fields
from customers.vault.kinds import Kind
from customers.vault.sealed import owner_of
from tests import factories
from tests.canary.planting_consent import sow_consent
from tests.canary.planting_disclosures import owners_of, sow_disclosures
from tests.canary.planting_tamper import owners_of_words, sow_check

TEAMS = ("Hanoi", "Da Nang")

PLACES: dict[str, tuple[Kind, str, str]] = {
    "Customer.full_name": (Kind.NAME, "Zưởng Fậtđệ Wần", "Jĩnh Zuđoàng Fẳnwoa"),
    "former Customer.full_name": (Kind.NAME, "Đzợp Khuỵwn Vjắng", "Wởtfoan Đjậuz Plễng"),
    "former Customer.company": (Kind.COMPANY, 'Gnờrp & Vlíxtúr "Zhomquist"', "Dwộmf & Pjáqelt <Urkvåst>"),
    "Customer.company": (Kind.COMPANY, 'Wompát & Zíngđa "Fjordquark"', "Blixợm & Krávwuđ <Snørfel>"),
    "Customer.password_hash": (
        Kind.PASSWORD,
        "argon2$argon2id$v=19$m=19456,t=2,p=1$Q2FuYXJ5SGFub2lTYWx0$Zk9wUXVhZ2dhSGFub2lOZXZlclNob3du",
        "argon2$argon2id$v=19$m=19456,t=2,p=1$Q2FuYXJ5RGFOYW5nU2Fs$VmV4Wnlnb3RlRGFOYW5nTmV2ZXJTZWVu",
    ),
    "ContactPoint.email": (Kind.EMAIL, "quokkazebra.fjord@example.com", "Wombatzither_Quill@example.org"),
    "former ContactPoint.email": (Kind.EMAIL, "marmotgazette@example.net", "ibexkazoo-pylon@example.com"),
    "deleted ContactPoint.email": (Kind.EMAIL, "walrusfez.odeon@example.org", "gnuzeppelin.axiom@example.net"),
    "second ContactPoint.email": (Kind.EMAIL, "pelicanxylem.umbra@example.net", "lynxmandolin_gable@example.org"),
    "ContactPoint.phone": (Kind.PHONE, "+84785319462", "+84936071584"),
    "new ContactPoint.phone": (Kind.PHONE, "+84703824615", "+84868190347"),
    "former ServiceAccess.login": (Kind.SERVICE_ACCESS, "adm-quixotgrebe", "svc.jackdawfrotz"),
    "ServiceAccess.login": (Kind.SERVICE_ACCESS, "root-zymurgyfjeld", "ops.vexilkwartz"),
    "ServiceAccess.secret": (Kind.SERVICE_ACCESS, "Gq7&xW'vK<zJ2\"pTnD", "Hf4>yB\"kZ&wM9'rLcV"),
    "Reveal.reason_text": (Kind.REASON, "quagga marzipan, turbine “zeppelin”", "narwhal kumquat & gyroscope fandango"),
    "AccessGrant.reason_text": (Kind.REASON, "okapi nougat; windlass “fez”", "tapir pumpernickel & oboe lagoon"),
    "CustomerRequest.text": (Kind.REQUEST, "axolotl rhubarb? thimble «marimba»", "pangolin tapioca! gondola «bassoon»"),
    "RequestMove.words": (Kind.REQUEST, "dugong parsnip, doily ‘sousaphone’", "lemur gherkin, trellis ‘clavichord’"),
    "Hold.proof": (Kind.REQUEST, "civet saffron: lantern & ukulele", "bongo horseradish: spindle & celesta"),
    "released Hold.proof": (Kind.REQUEST, "kinkajou turmeric; bobbin, theremin", "aardwolf fennel; pulley, piccolo"),
    "HoldContact.who": (Kind.REASON, "Vựqzong Kẻpfjid", "Dzẫmwur Flợxtem"),
    "Correction.proof_text": (
        Kind.REQUEST, "serval cardamom / anvil “didgeridoo”", "caracal tarragon / bellows “hurdygurdy”",
    ),
    "Notice.text": (
        Kind.LETTER, "manatee juniper… chandelier <glockenspiel>", "wolverine quinoa… tabernacle <harpsichord>",
    ),
    "ConsentEvent.words": (Kind.REQUEST, "ocelot fennugreek: gazebo; dulcimer", "tamarin sorghum: rotunda; ocarina"),
    "Message.text": (
        Kind.LETTER, "porcupine mulberry — pergola [vibraphone]", "salamander persimmon — minaret [contrabassoon]",
    ),
    "RecipientDetails.sealed_name": (Kind.NAME, "Kvựmzuo Đfẹjq Wộblan", "Pjũxtr Zwễnoq Fđálm"),
    "RecipientDetails.sealed_contact": (
        Kind.REQUEST, "jerboa lovage: cupola, hurdle", "numbat sorrel: lattice, mandola",
    ),
    "CustomerPermission.words": (Kind.REQUEST, "echidna chervil; awning, zither", "potto borage; turret, rebec"),
    "DisclosureRequest.signer": (Kind.NAME, "Fjzụng Wxơmb Đqủylz", "Zđẽwk Jfuợmp Qxáv"),
    "DisclosureRequest.letter_phone": (Kind.PHONE, "+84786402951", "+84967153820"),
    "AuthenticityCheck.sender": (Kind.REQUEST, "kudu tansy / cistern “shawm”", "eland mace / scullery “crumhorn”"),
    "AuthenticityCheck.signer": (Kind.REQUEST, "coati dill / vestibule “viol”", "margay cumin / belfry “regal”"),
    "AuthenticityCheck.instrument": (
        Kind.REQUEST, "zorilla anise / parapet “lute”", "dhole caraway / portico “sackbut”",
    ),
    "AuthenticityCheck.call_number": (Kind.PHONE, "+84795048163", "+84978260514"),
    "AuthenticityCheck.call_found": (Kind.REQUEST, "gaur hyssop ‹almanac› cornice", "saola rue ‹gazetteer› gable"),
    "AuthenticityCheck.call_to": (Kind.NAME, "Qwịzf Đjâmx Vuọlk", "Xfấwj Kđozg Mwĩrz"),
    "FreezeLift.words": (Kind.REQUEST, "tenrec sumac; cornice ~ sarrusophone", "jerboa nigella; plinth ~ ocarina"),
    "DisclosureMove.words": (Kind.REQUEST, "fossa lemongrass — buttress [cittern]", "linsang galangal — gutter [fife]"),
    "EmergencyReview.words": (Kind.REQUEST, "olingo savory, dormer & bombard", "tayra woodruff, lintel & cornett"),
    "ReviewVerdict.words": (Kind.REQUEST, "guanaco arnica; gantry + bagpipe", "springhare orache; hatch + kantele"),
    "NonDisclosure.words": (Kind.REQUEST, "zebu marjoram; rafter, tabor", "yapok costmary; joist, gittern"),
    "Document.content": (
        Kind.DOCUMENT,
        "JVBERi0xLjQgcXVva2thIHppdGhlciBwZXJnb2xhLCBIYW5vaQ==",
        "JVBERi0xLjQgbmFyd2hhbCBiYXNzb29uIHRyZWxsaXMsIERhIE5hbmc=",
    ),
}  # fmt: skip
"""What is planted where: its kind, and the value of each team's customer, in the order of ``TEAMS``."""


@dataclass(frozen=True)
class Canary:
    """A planted value. ``label`` says whose and where from; nothing that prints a canary prints its value."""

    label: str
    kind: Kind
    value: str = field(repr=False)

    def __str__(self) -> str:
        return self.label


CANARIES: dict[str, Canary] = {
    f"{team} {place}": Canary(f"{team} {place}", kind, values[number])
    for number, team in enumerate(TEAMS)
    for place, (kind, *values) in PLACES.items()
}
"""Every planted value by its label, for instance ``Da Nang former ContactPoint.email``."""


@dataclass(frozen=True)
class Planted:
    """The customers who hold the canaries."""

    hanoi: Customer
    da_nang: Customer


def plant() -> Planted:
    """Both customers, through the acts of life where there are any. Needs a database, and no one called ``sower-…``."""
    sow_check([CANARIES[f"{team} FreezeLift.words"].value for team in TEAMS])
    return Planted(*(sow(team) for team in TEAMS))


def sow(team: str) -> Customer:
    """The customer of a team: with a past name, company and address, an address that was deleted, and work under way.

    Whoever acts is called after the team: its ``sower-…`` leads, its ``worker-…`` does the daily work.
    """
    factories.deadlines()
    value = {place: CANARIES[f"{team} {place}"].value for place in PLACES}
    called = team.lower().replace(" ", "-")
    lead = factories.person(f"sower-{called}", "Support lead", team)
    worker = factories.person(f"worker-{called}", "Support agent", team)
    customer = factories.customer(
        team_name=team,
        full_name=value["former Customer.full_name"],
        company=value["former Customer.company"],
        password_hash=value["Customer.password_hash"],
        email=value["former ContactPoint.email"],
        phone=value["ContactPoint.phone"],
        login=value["former ServiceAccess.login"],
        secret=value["ServiceAccess.secret"],
    )
    sow_addresses(customer, value)
    confirm(customer.contact_points.get(email__isnull=False, state="active"), by=worker)
    sow_corrections(customer, value, by=worker, approver=lead)
    sow_holds(customer, value, by=worker)
    sow_requests(customer, value, by=worker)
    sow_letter(customer, value)
    sow_consent(customer, value, by=worker)
    sow_disclosures(customer, value)
    reveal(customer, "full_name", by=lead, reason="other", text=value["Reveal.reason_text"])
    keeper = factories.person(f"keeper-{lead.username}", "Support agent", "Vinh")
    until, why = timezone.now() + timedelta(hours=1), value["AccessGrant.reason_text"]
    end_grant(
        give_grant(customer, keeper, ["see_customers"], by=lead, ends_at=until, reason="other", text=why), by=lead
    )
    return customer


def sow_addresses(customer: Customer, value: dict[str, str]) -> None:
    """Another address in the place of the first one, a second one that nobody confirmed, one that was deleted.

    And a service that nothing opens yet.
    """
    address = customer.contact_points.get(channel="email")
    second, gone = (
        ContactPoint(customer=customer, channel="email", email=value[place], source="staff", state=state)
        for place, state in (("second ContactPoint.email", "unverified"), ("deleted ContactPoint.email", "retired"))
    )
    with recording(by=factories.system()):
        address.email = value["ContactPoint.email"]
        for row in (address, second, gone, ServiceAccess(customer=customer, service="Object Storage")):
            row.save()
        factories.note([customer.reference])
    with recording(by=factories.system()):
        gone.delete()
        factories.note([customer.reference])


def confirm(point: ContactPoint, *, by: StaffMember) -> None:
    """Its owner reads the code back."""
    answer_with_code(point, asked_code(point, by=by), by=by)


def asked_code(point: ContactPoint, *, by: StaffMember) -> str:
    """Ask the owner of an address, and read the code in the letter."""
    words = ask_owner(point, by=by).words
    return re.findall(r"(?<=: )[0-9]{6}(?![0-9])", words.body)[-1]


def sow_corrections(customer: Customer, value: dict[str, str], *, by: StaffMember, approver: StaffMember) -> None:
    """Name, company and login as they are now; a new number waits for somebody's word."""
    why = Why("correct", "inaccurate", "proactive", "call", text=value["Correction.proof_text"])
    service = customer.services.get(service="Cloud Server")
    number = customer.contact_points.get(channel="phone")
    correct(customer, "name", value["Customer.full_name"], by=by, why=why)
    correct(customer, "company", value["Customer.company"], by=by, why=why)
    login = correct(customer, "login", value["ServiceAccess.login"], by=by, why=why, service=service)
    approve(login, by=approver)
    correct(customer, "phone", value["new ContactPoint.phone"], by=by, why=why, point=number)


def sow_holds(customer: Customer, value: dict[str, str], *, by: StaffMember) -> None:
    """The number was suspended and is released; the second address is suspended."""
    number = customer.contact_points.get(channel="phone", state="active")
    second = customer.contact_points.get(channel="email", state="unverified")
    hold = suspend(number, by=by, reason="other", proof=value["released Hold.proof"])
    close_after_contact(hold, by=by, way="in_person", result="confirmed", who=value["HoldContact.who"])
    suspend(second, by=by, reason="other", proof=value["Hold.proof"])


def sow_requests(customer: Customer, value: dict[str, str], *, by: StaffMember) -> None:
    """One that was taken back; one, and one that was asked back about, with the team in Hanoi, with officers else."""
    point = customer.contact_points.get(channel="email", state="active")
    text, words = value["CustomerRequest.text"], value["RequestMove.words"]
    officer = factories.person(f"officer-{by.username}", "Compliance officer")
    feedback, question, correction = (
        register(customer, kind, by=by, came_by="email", from_point=point, text=text, about=["name"])
        for kind in ("feedback", "question", "correction")
    )
    withdraw(feedback, by=by, words=words)
    ask(correction, ["identity", "new_name"], by=by, point=point)
    for request in (question, correction):
        hand_over(request, by=by, words=words)
        if customer.team.name == TEAMS[0]:
            hand_back(request, by=officer, words=words)


def sow_letter(customer: Customer, value: dict[str, str]) -> None:
    """A letter on record, of which nobody knows whether it left."""
    point = customer.contact_points.get(channel="email", state="active")
    with recording(by=factories.system()):
        Notice(
            customer=customer, contact_point=point, what=Notice.What.LINKS, language=customer.locale,
            field=point.address.field, row_seal_id=point.seal_id, datum=point.address.kind, text=value["Notice.text"],
            closes_at=timezone.now(),
        ).save()  # fmt: skip


def barren(planted: Planted) -> list[str]:
    """The sealed fields, as ``Model.field of reference``, that hold no canary of a planted customer; none must be.

    Codes are left out: each is six random digits, which no test can choose and chance writes everywhere.
    """
    found = []
    for model in apps.get_models():
        for sealed in sealed_fields(model):
            if sealed.kind == Kind.CODE:
                continue
            rows = list(model._base_manager.filter(**{f"{sealed.name}__isnull": False}))
            for customer in (planted.hanoi, planted.da_nang):
                owners = owners_of(customer) | owners_of_words()
                held = [getattr(row, sealed.name) for row in rows if owner_of(row) in owners]
                if not any(value == canary.value for value in held for canary in CANARIES.values()):
                    found.append(f"{model.__name__}.{sealed.name} of {customer.reference}")
    return found
