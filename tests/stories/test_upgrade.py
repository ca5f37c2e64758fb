"""A database of the version before: migrated and given its roles anew, it works and its log is whole."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.roles import ROLES
from consent.choices.consents import Evidence, opt_out
from consent.gate.gate import may_contact
from consent.gate.purposes import purpose_of
from consent.permissions import can_record_consent, can_write_to
from customers.access.reveal import reveal
from customers.evidence import schema, triggers
from customers.models import Customer, Leaf, StaffMember, Team
from customers.permissions.customers import kinds_revealable_by
from customers.staff import teams
from customers.vault.kinds import Kind
from tests import factories
from tests.customers.evidence.logs import verify

pytestmark = pytest.mark.bare  # first rows of tables that the version before had not are no part of its log

BEFORE = [("customers", "0002_freeze_rows_and_be_born")]
BEFORE_CONSENT = [("customers", "0004_addresses_requests_holds_and_corrections")]
OLD_RIGHTS = {"Support agent": ["see_customers", "reveal_contact"], "Auditor": ["read_evidence"]}

NEW_RIGHTS = {"record_consent", "write_to_customers", "keep_policies"}


def migrate(targets: list[tuple[str, str]]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


def test_a_database_of_the_version_before_goes_on_where_it_was(own_database: str) -> None:
    customer, agent = factories.customer("BZ0000001"), factories.person("linh", "Support agent")
    old = migrate(BEFORE)
    hold_the_old_right(old)
    assert "customers_accessgrant" not in connection.introspection.table_names()

    call_command("migrate", verbosity=0)
    assert triggers.trouble("default") == []
    assert not Permission.objects.filter(codename="reveal_contact").exists()
    assert kinds_revealable_by(agent, customer) == set()
    assert teams.sync_roles(ROLES, by=factories.system()) == len(ROLES)
    assert kinds_revealable_by(agent, customer) == {*Kind} - {
        Kind.SERVICE_ACCESS,
        Kind.PASSWORD,
        Kind.REASON,
        Kind.CODE,
        Kind.DOCUMENT,
    }
    assert reveal(Customer.objects.get(), "full_name", by=agent, reason="call_back").value == "Nguyễn Thị Hoa"
    call_command("checkpoint")
    assert verify().exit == 0


def hold_the_old_right(old: Any) -> None:
    """As the version before had it: one right for name, e-mail and phone, held by the groups of the roles."""
    content_type = ContentType.objects.get_for_model(Team)
    right = Permission.objects.create(content_type=content_type, codename="reveal_contact", name="old")
    group = StaffMember.objects.get(username="linh").groups.get()
    held = old.get_model("customers", "TeamGroupPermission").objects
    held.exclude(permission__codename="see_customers").delete()
    held.create(group_id=group.pk, permission_id=right.pk, content_object_id=Team.objects.get().pk)
    for role in old.get_model("customers", "Role").objects.all():
        role.rights = OLD_RIGHTS.get(role.name, [])
        role.save()
    assert apps.get_model("customers", "Role").objects.count() == len(ROLES)


def test_a_database_from_before_consent_learns_to_ask_the_gate(own_database: str) -> None:
    customer, agent = factories.customer("BZ0000001"), factories.person("linh", "Support agent")
    lesser = {name: {**role, "rights": [*{*role["rights"]} - NEW_RIGHTS]} for name, role in ROLES.items()}
    teams.sync_roles(lesser, by=factories.system())
    migrate(BEFORE_CONSENT)
    assert not [table for table in connection.introspection.table_names() if table.startswith("consent_")]

    call_command("migrate", verbosity=0)
    assert (triggers.trouble("default"), schema.trouble("default")) == ([], "")
    assert not can_record_consent(agent, customer)
    assert not can_write_to(agent, customer)
    call_command("sync_roles", verbosity=0)
    assert can_record_consent(agent, customer)
    assert can_write_to(agent, customer)
    assert may_contact(customer, "support", "email")
    assert may_contact(customer, "promotions", "email").why == "no_consent"
    opt_out(customer, [purpose_of("promotions")], by=agent, evidence=Evidence("phone"))
    assert may_contact(customer, "promotions", "email").why == "objected"
    call_command("checkpoint")
    assert verify().exit == 0


def test_the_list_of_tables_is_brought_up_to_date_by_migrating(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the software had been another one until now, whose log listed one table less."""
    describe = schema.describe
    with monkeypatch.context() as before:
        fewer = {name: table for name, table in describe(connection.vendor).items() if name != "customers_find"}
        before.setattr(schema, "describe", lambda vendor: fewer)
        schema._digest.cache_clear()
        factories.customer("BZ0000001")
    schema._digest.cache_clear()
    size = Leaf.objects.count()
    assert "is not this software's" in schema.trouble("default")
    call_command("migrate", verbosity=0)
    assert schema.trouble("default") == ""
    call_command("checkpoint")
    assert (Leaf.objects.count(), verify().exit) == (size + 1, 0)
    call_command("migrate", verbosity=0)
    assert Leaf.objects.count() == size + 1
