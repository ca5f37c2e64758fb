"""Ending the sessions of somebody whose access ends."""

from __future__ import annotations

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from customers.models import StaffMember


def end_sessions(person: StaffMember) -> int:
    """Remove every session of this person's that is not over; returns how many. Part of an act under way.

    Whose a session is stands inside it only, so each one is looked into.
    """
    running = Session.objects.filter(expire_date__gt=timezone.now()).iterator()
    keys = [each.session_key for each in running if each.get_decoded().get(SESSION_KEY) == str(person.pk)]
    Session.objects.filter(session_key__in=keys).delete()
    return len(keys)
