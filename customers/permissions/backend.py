"""The authentication backend: signing in, and ``has_perm`` answered from a person's ``Standing``."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from customers.models import Customer, Team
from customers.permissions.customers import can_see_customers
from customers.permissions.standing import rights_at_desk, standing_of


class DeskBackend(ModelBackend):
    """Signs staff in, and answers ``has_perm`` from rights on teams and customers instead of model permissions."""

    def user_can_authenticate(self, user: Any) -> bool:
        """True for active staff; the reserved account is not among them, so nobody signs in with it."""
        return bool(super().user_can_authenticate(user) and user.is_staff)

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """No permission by model: rights are held on teams and customers."""
        return set()

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """True where ``perm``, as ``customers.<right>``, is held on a customer (by role or grant) or team (by role)."""
        app, _, right = perm.partition(".")
        if app != "customers" or not isinstance(obj, Customer | Team):
            return False
        standing = standing_of(user_obj, right)
        return standing.holds(right, obj) if isinstance(obj, Customer) else obj.pk in standing.teams.get(right, ())

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """True where the person may open any of the app's pages."""
        rights = {"read_evidence", "review_access", "decide_access", "manage_staff"}
        return app_label == "customers" and (can_see_customers(user_obj) or bool(rights_at_desk(user_obj) & rights))
