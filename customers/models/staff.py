"""Staff, teams, roles, and who holds which role for which team."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.contrib import auth
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from customers.evidence.append_only import Recorded
from customers.evidence.schema import SYSTEM

RIGHTS_ON_CUSTOMERS = [
    ("see_customers", _("see customers, masked")),
    ("verify_customers", _("verify what a caller says")),
    ("reveal_name", _("reveal name and company")),
    ("reveal_email", _("reveal e-mail")),
    ("reveal_phone", _("reveal phone")),
    ("reveal_service_access", _("reveal service access")),
    ("read_requests", _("read requests and letters")),
    ("work_on_requests", _("work on requests, corrections and suspended addresses")),
    ("set_service_access", _("set service access")),
    ("record_consent", _("put on record what customers say about being contacted")),
    ("write_to_customers", _("write to customers")),
]
"""Rights that are held on a team, for all of its customers, or on one customer by a personal grant."""

RIGHTS_ON_TEAMS = [
    ("decide_access", _("give personal grants, allow more for a day")),
    ("approve_corrections", _("approve corrections that somebody else proposed")),
    ("decide_escalated", _("decide on ended customers, on fraud, and on what is handed over")),
]
"""Rights that are held on a team only; no personal grant gives them."""


class StaffMember(AbstractUser):
    """A member of staff, shown by username everywhere. Records refer to it, so it is deactivated, never deleted."""

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff members")
        default_permissions = ()

    def __str__(self) -> str:
        return self.username

    @property
    def is_reserved(self) -> bool:
        """True for the account that commands act as: whoever runs one has the server itself."""
        return self.username == SYSTEM

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """Ask the authentication backends, for superusers too: without a role they see no customer."""
        return self.is_active and any(backend.has_perm(self, perm, obj) for backend in auth.get_backends())

    async def ahas_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """``has_perm``, as Django's own asynchronous form would give superusers everything."""
        return await sync_to_async(self.has_perm)(perm, obj)

    async def ahas_module_perms(self, app_label: str) -> bool:
        """``has_module_perms``, without Django's exception for superusers."""
        return await sync_to_async(self.has_module_perms)(app_label)

    def has_module_perms(self, app_label: str) -> bool:
        """True where an authentication backend opens the app; there is no exception for superusers."""
        methods = (getattr(backend, "has_module_perms", None) for backend in auth.get_backends())
        return self.is_active and any(method(self, app_label) for method in methods if method)


class Team(Recorded):
    """The staff who look after certain customers. Rights held on a team reach its customers."""

    name = models.CharField(_("name"), max_length=100, unique=True)

    class Meta(Recorded.Meta):
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name"]
        default_permissions = ()
        permissions = [*RIGHTS_ON_CUSTOMERS, *RIGHTS_ON_TEAMS]

    def __str__(self) -> str:
        return self.name


class Role(Recorded):
    """What a role may do: the names of its rights. Written by ``manage.py sync_roles``."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    all_teams = models.BooleanField(_("held for all teams"), default=False)
    rights = models.JSONField(_("rights"), default=list)

    class Meta(Recorded.Meta):
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class Membership(Recorded):
    """A person holds a role for a team, or for all of them (``team`` empty)."""

    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="memberships")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="memberships", null=True)

    class Meta(Recorded.Meta):
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["person", "role", "team"], name="one_membership"),
            models.UniqueConstraint(
                fields=["person", "role"], condition=models.Q(team=None), name="one_membership_for_all_teams"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.role}"


class TeamGroupPermission(Recorded, GroupObjectPermissionBase):
    """A right that a role's group holds on a team (guardian's direct foreign key)."""

    content_object = models.ForeignKey(Team, on_delete=models.CASCADE)

    class Meta(Recorded.Meta, GroupObjectPermissionBase.Meta):
        default_permissions = ()


class TeamUserPermission(Recorded, UserObjectPermissionBase):
    """guardian needs it beside ``TeamGroupPermission``; nobody holds a right on a team in person, so it stays empty."""

    content_object = models.ForeignKey(Team, on_delete=models.CASCADE)

    class Meta(Recorded.Meta, UserObjectPermissionBase.Meta):
        default_permissions = ()
