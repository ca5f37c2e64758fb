"""What must hold before the server starts: system checks, each with an id and a hint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.admin.sites import all_sites
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from customers.access.office_hours import hours_of
from customers.admin.base import DeskAdmin, ScopedAdmin
from customers.evidence import triggers
from customers.permissions.querysets import TWINS
from customers.vault import keyring, known_keys
from customers.vault.errors import KeyringError
from customers.vault.fields import BlindIndexField, SealedField, sealed_fields


@register(Tags.models)
def sealed_models_are_sound(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every model with a sealed field has a ``seal_id`` first, and blind indexes before their sources."""
    found: list[CheckMessage] = []
    for model in apps.get_models():
        names = [field.name for field in model._meta.concrete_fields]
        sealed = [field.name for field in sealed_fields(model)]
        for field in sealed_fields(model):
            if "seal_id" not in names or names.index("seal_id") > names.index(field.name):
                hint = "Let the model inherit customers.vault.models.SealedRow."
                message = f"{field} is sealed, and its row has no seal_id before it."
                found.append(Error(message, hint=hint, id="vault.E001"))
        for index in (field for field in model._meta.concrete_fields if isinstance(field, BlindIndexField)):
            if index.source not in sealed:
                sentence = f"{index} follows {index.source}, which is no sealed field of its row."
                found.append(Error(sentence, hint="Name the sealed field it follows.", id="vault.E002"))
            elif names.index(index.name) > names.index(index.source):
                hint = f"Declare {index.name} above {index.source}."
                found.append(Error(f"{index} would be wiped by its own default.", hint=hint, id="vault.E002"))
    return found


@register(Tags.security)
def letters_have_an_address(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Links in letters begin with ``SITE_URL``; without it no address can be confirmed."""
    if settings.MODE == "production" and not settings.SITE_URL.startswith("https://"):
        hint = "Set it to where customers reach this installation, for instance https://desk.example.com."
        sentence = "SITE_URL is no https address: no customer can confirm an address."
        return [Warning(sentence, hint=hint, id="desk.W001")]
    return []


KEEPS_LETTERS = ("console", "dummy", "filebased", "locmem")
"""Django's ways to send mail nowhere."""


@register
def letters_leave(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """In production letters go to a mail server that somebody named.

    They carry codes and sign-in links: printed, they would stand in a log, and dropped, nobody would be told.
    """
    if settings.MODE != "production":
        return []
    kept = settings.EMAIL_BACKEND.split(".")[-2] in KEEPS_LETTERS
    if settings.EMAIL_URL_IS_SET and not kept:
        return []
    sentence = "EMAIL_URL sends letters nowhere." if settings.EMAIL_URL_IS_SET else "EMAIL_URL is not set."
    hint = "Set EMAIL_URL or EMAIL_URL_FILE, for instance to smtp+tls://user:password@host:587."
    return [Error(sentence, hint=hint, id="desk.E006")]


@register()
def office_hours_are_hours(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """``OFFICE_HOURS`` names two times of one day."""
    try:
        hours_of(settings.OFFICE_HOURS)
    except ImproperlyConfigured as error:
        return [Error(str(error), hint="Set OFFICE_HOURS, or leave it out.", id="desk.E007")]
    return []


@register(Tags.security)
def keys_are_at_hand(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """In production every key is set, well formed, and not one made for demo or tests."""
    if settings.MODE != "production":
        return []
    found: list[CheckMessage] = []
    try:
        at_hand = known_keys.keys_at_hand()
    except KeyringError as error:
        return [Error(str(error), hint="See config/OPERATING.md, Settings and Keys.", id="vault.E003")]
    for use, key in at_hand:
        if key.startswith(settings.KEY_MARKS_REFUSED_IN_PRODUCTION):
            message = f"The {use} key {keyring.key_id(key)} was made for a demo or for tests."
            found.append(Error(message, hint="Make new keys; config/OPERATING.md says how.", id="vault.E004"))
    if not settings.SECRET_KEY_IS_SET:
        found.append(Error("SECRET_KEY is not set.", hint="Set SECRET_KEY or SECRET_KEY_FILE.", id="vault.E005"))
    return found


@register(Tags.database)
def database_is_ours(app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """The keys are this database's, its triggers are in place, and it was not born in a demo.

    ``migrate`` asks too: while a migration waits, the tables are another version's, and their triggers cannot be this
    one's. Servers and commands start on a database that is up to date only.
    """
    found: list[CheckMessage] = []
    for using in databases or []:
        if "customers_installation" not in connections[using].introspection.table_names():
            continue  # not migrated yet
        found += _birth(using) + _keys(using)
        if migrations_wait(using):
            continue
        found += [_lost(sentence) for sentence in known_keys.forgotten(using)]
        if apps.get_model("customers", "Installation").objects.using(using).count() != 1:
            found.append(_lost("This database does not say which one installation it is."))
        hint = "If a migration has just run, it must end with InstallTriggers; otherwise run verify_evidence."
        found += [Error(sentence, hint=hint, id="evidence.E001") for sentence in triggers.trouble(using)]
    return found


ASKED = ("search_fields", "list_filter", "ordering", "date_hierarchy", "sortable_by", "autocomplete_fields")
"""The options of an admin class that ask something of columns."""


@register(Tags.admin)
def admin_goes_through_twins(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every admin class and inline uses ``ScopedAdmin``, of a table that has one, and asks no sealed field."""
    return [error for site in all_sites for shown in site._registry.values() for error in _admin_trouble(shown)]


def _admin_trouble(shown: Any) -> Iterator[CheckMessage]:
    for each in (type(shown), *shown.inlines):
        if any(not issubclass(written, ScopedAdmin) for written in _asked_first(each)):
            hint = "Inherit customers.admin.base.DeskAdmin, or ScopedAdmin and then Django's class for an inline."
            yield Error(f"{each.__name__} shows rows past the queryset twins.", hint=hint, id="desk.E001")
        anew = {name for written in _asked_first(each) for name in vars(written).keys() & ScopedAdmin.FINAL}
        if anew and issubclass(each, ScopedAdmin):
            hint = "Write row_select_related, row_prefetch_related, action_urls() or lookups instead."
            yield Error(f"{each.__name__} writes {', '.join(sorted(anew))} anew.", hint=hint, id="desk.E005")
        if getattr(each, "model", shown.model) not in TWINS:
            hint = "Write its queryset twin and name it in TWINS."
            yield Error(f"{each.__name__}: nothing says which rows a person may see.", hint=hint, id="desk.E002")
        if getattr(each, "list_editable", ()) or getattr(each, "actions", None):
            hint = "Write an act, and a page that calls it."
            yield Error(f"{each.__name__} changes rows from a list, past every act.", hint=hint, id="desk.E003")
        for option in ASKED:
            for name in _names(getattr(each, option, None)):
                if _leads_to_a_seal(getattr(each, "model", shown.model), name):
                    hint = "What is sealed is found by find, on record; it is neither filtered nor sorted."
                    yield Error(f"{each.__name__}.{option}: {name} is sealed.", hint=hint, id="desk.E004")


def _asked_first(admin_class: type) -> list[type]:
    """The classes whose methods count before those of ``ScopedAdmin``, but ``DeskAdmin``; all where it has none."""
    before = list(takewhile(lambda each: each is not ScopedAdmin, admin_class.__mro__))
    return [each for each in before if each is not DeskAdmin]


def _names(option: Any) -> list[str]:
    """The field names in an option of an admin class, without what Django writes before them."""
    given = [option] if isinstance(option, str) else list(option or ())
    given = [each[0] if isinstance(each, tuple) else each for each in given]
    parts = [part for each in given for part in (each.flatten() if hasattr(each, "flatten") else [each])]
    names = [part if isinstance(part, str) else getattr(part, "name", "") for part in parts]
    return [str(name).lstrip("^=@-") for name in names]


def _leads_to_a_seal(model: Any, name: str) -> bool:
    """Whether a path of lookups reads a sealed field, a blind index or an index of names on its way."""
    for part in name.split("__"):
        try:
            found: Any = model._meta.get_field(part)
        except FieldDoesNotExist:
            return False
        if isinstance(found, SealedField | BlindIndexField) or found.model._meta.object_name == "NameIndex":
            return True
        model = found.related_model or model
    return False


def migrations_wait(using: str) -> bool:
    """True where the database is not up to date: something must not start, or not be looked at yet."""
    executor = MigrationExecutor(connections[using])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _lost(sentence: str) -> CheckMessage:
    hint = "A migration wrote it and nothing removes it: restore the database from a backup, and find out who did."
    return Error(sentence, hint=hint, id="vault.E008")


def _birth(using: str) -> list[CheckMessage]:
    born_in = apps.get_model("customers", "Installation").objects.using(using).values_list("born_in", flat=True)
    if settings.MODE == "production" and [mode for mode in born_in if mode != "production"]:
        hint = "Point DATABASE_URL at a database that was migrated in production mode."
        return [Error("This database was born in a demo or a test; production refuses it.", hint=hint, id="vault.E006")]
    return []


def _keys(using: str) -> list[CheckMessage]:
    try:
        sentences = known_keys.strangers(using)
    except KeyringError as error:
        sentences = [str(error)]
    hint = "Set the keys this database was sealed with; an old field key goes after the new one, behind a comma."
    return [Error(sentence, hint=hint, id="vault.E007") for sentence in sentences]
