"""Pages about staff: add a person, give and end roles, end and give back access, links, resets, sessions; teams."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from customers.acts.refusals import Refused
from customers.admin_forms.staff import PersonForm, RoleForm, TeamForm
from customers.admin_views.base import act_page, get_or_post, post_data, require_permission
from customers.evidence.errors import RecordFailed
from customers.models import Role, StaffMember, Team
from customers.models.acts import Act
from customers.permissions.reader import reader
from customers.permissions.staff import can_manage_staff, staff_visible_to
from customers.staff import accounts, teams
from customers.staff.sign_in_links import NotSent, send_link
from customers.validation.errors import InvalidInput

STAFF = "admin:customers_staffmember_changelist"


def find_person(request: HttpRequest, key: int) -> StaffMember:
    """A member of staff whom the reader manages, or 404."""
    person = staff_visible_to(reader(request)).filter(pk=key).first()
    if person is None:
        raise Http404
    return person


def staff_url(person: StaffMember) -> str:
    """URL of a person's page."""
    return reverse("admin:customers_staffmember_change", args=[person.pk])


@get_or_post
def add_view(request: HttpRequest) -> HttpResponse:
    """Add a person and mail them the link to choose a password."""
    by = _administrator(request)

    def act(username: str, first_name: str, email: str) -> str:
        person = accounts.add_person(username, first_name=first_name, email=email, by=by)
        _send_after(request, person, by)
        return staff_url(person)

    context = {
        "title": _("Add a person"),
        "back": reverse(STAFF),
        "button": _("Add and send the link"),
        "on_record": _("The person holds no role yet; the next page gives one. Your name and the time go on record."),
    }
    return act_page(request, PersonForm(post_data(request)), act, context)


@get_or_post
def give_role_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """Give a person a role."""
    by, person = _administrator(request), find_person(request, object_id)

    def act(role: Role, team: Team | None) -> str:
        accounts.give_role(person, role, team, by=by)
        messages.success(request, _("The role is given; it holds from the next page the person opens."))
        return staff_url(person)

    context = {
        "title": _("Give %(person)s a role") % {"person": person.username},
        "back": staff_url(person),
        "button": _("Give the role"),
        "on_record": _("Your name, the role and the time go on record."),
    }
    return act_page(request, RoleForm(post_data(request)), act, context, fresh=True)


@get_or_post
def end_role_view(request: HttpRequest, object_id: int, membership_id: int) -> HttpResponse:
    """Take a role away."""
    by, person = _administrator(request), find_person(request, object_id)
    membership = person.memberships.select_related("role", "team", "person").filter(pk=membership_id).first()
    if membership is None:
        raise Http404

    def act() -> str:
        accounts.end_role(membership, by=by)
        messages.success(request, _("The role is taken away."))
        return staff_url(person)

    names = {"person": person.username, "role": _(membership.role.name)}
    return act_page(
        request,
        Form(post_data(request)),
        act,
        {
            "title": _("Take the role “%(role)s” from %(person)s?") % names,
            "back": staff_url(person),
            "button": _("Take it away"),
            "on_record": _("It holds from the next page the person opens. Your name and the time go on record."),
            "danger": True,
        },
    )


def _confirmed(
    act: Callable[[HttpRequest, StaffMember, StaffMember], object], title: str, button: str, on_record: str
) -> Callable[[HttpRequest, int], HttpResponse]:
    """Make a view that asks for confirmation and then calls ``act`` on a person. Texts are translated when shown."""

    @get_or_post
    def view(request: HttpRequest, object_id: int) -> HttpResponse:
        by, person = _administrator(request), find_person(request, object_id)

        def done() -> str:
            act(request, person, by)
            return staff_url(person)

        context = {
            "title": _(title) % {"person": person.username},
            "back": staff_url(person),
            "button": _(button),
            "on_record": _(on_record),
            "danger": act in (_end, _reset),
        }
        return act_page(request, Form(post_data(request)), done, context, fresh=act in (_reset, _send, _take_back))

    return view


def _end(request: HttpRequest, person: StaffMember, by: StaffMember) -> None:
    accounts.end_person(person, by=by)
    messages.success(request, _("Access is ended, with every session."))


def _take_back(request: HttpRequest, person: StaffMember, by: StaffMember) -> None:
    accounts.take_back(person, by=by)
    _send_after(request, person, by)


def _reset(request: HttpRequest, person: StaffMember, by: StaffMember) -> None:
    accounts.start_sign_in_reset(person, by=by)
    _send_after(request, person, by)


def _end_sessions(request: HttpRequest, person: StaffMember, by: StaffMember) -> None:
    accounts.end_sessions_of(person, by=by)
    messages.success(request, _("Every session is ended; the person can sign in again."))


def _send(request: HttpRequest, person: StaffMember, by: StaffMember) -> None:
    """Mail the sign-in link, and add a message whether it was sent."""

    def address(uid: str, token: str) -> str:
        return request.build_absolute_uri(reverse("password_reset_confirm", args=[uid, token]))

    try:
        send_link(person, by=by, address=address)
    except NotSent as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("A link to choose a password is on its way to %(person)s.") % {"person": person})


def _send_after(request: HttpRequest, person: StaffMember, by: StaffMember) -> None:
    """Mail the link after another act, which stays done where mailing fails."""
    try:
        _send(request, person, by)
    except (InvalidInput, Refused, RecordFailed) as error:
        messages.error(request, str(error))


end_view = _confirmed(
    _end,
    gettext_noop("End the access of %(person)s?"),
    gettext_noop("End access now"),
    gettext_noop("Roles, personal grants, password and sessions end at once; what the person did stays on record."),
)
take_back_view = _confirmed(
    _take_back,
    gettext_noop("Give %(person)s access again?"),
    gettext_noop("Give access again"),
    gettext_noop("Without any role; a link to choose a password is mailed. Your name and the time go on record."),
)
link_view = _confirmed(
    _send,
    gettext_noop("Send %(person)s a link to choose a password?"),
    gettext_noop("Send the link"),
    gettext_noop("It works once, and for a day. Your name and the time go on record."),
)

reset_view = _confirmed(
    _reset,
    gettext_noop("Let %(person)s set up password and second factor anew?"),
    gettext_noop("Start the reset"),
    gettext_noop(
        "For a lost phone or a password that others may know: password, second factors and sessions go at once, and a "
        "link to choose a new password is mailed. Make sure first that it is really they who ask."
    ),
)
sessions_view = _confirmed(
    _end_sessions,
    gettext_noop("Sign %(person)s out everywhere?"),
    gettext_noop("End every session"),
    gettext_noop("Password and second factor stay. Your name and the time go on record."),
)


@get_or_post
def add_team_view(request: HttpRequest) -> HttpResponse:
    """Create a team."""
    by = _administrator(request)

    def act(name: str) -> str:
        teams.create_team(name, by=by)
        return reverse("admin:customers_team_changelist")

    context = {
        "title": _("New team"),
        "back": reverse("admin:customers_team_changelist"),
        "button": _("Make the team"),
        "on_record": _("Roles held for all teams reach it at once. Your name and the time go on record."),
    }
    return act_page(request, TeamForm(post_data(request)), act, context)


def _administrator(request: HttpRequest) -> StaffMember:
    """The signed-in person where they manage staff; 403 for everybody else, before the page's subject is looked up."""
    require_permission(request, can_manage_staff(reader(request)), Act.MANAGE_STAFF)
    return reader(request)
