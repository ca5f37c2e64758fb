"""Who reads a page of the desk."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from customers.models import StaffMember


def reader(request: HttpRequest) -> StaffMember:
    """The member of staff who is signed in. Raises ``PermissionDenied`` (403) where nobody is."""
    if not isinstance(request.user, StaffMember):
        raise PermissionDenied
    return request.user
