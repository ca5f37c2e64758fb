"""Codes of the acts that may be refused, and of the reasons why, as the refusals' records store them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ActCode(TextChoices):
    """The code of an act; each app has a subclass with its own."""


class ReasonCode(TextChoices):
    """The code of why an act was refused; an app may have a subclass with its own."""


class Act(ActCode):
    """What somebody may be refused: the acts of this app."""

    REVEAL = "reveal", _("reveal a value")
    FIND = "find", _("look for a customer")
    VERIFY = "verify", _("verify a caller")
    BREAK_GLASS = "break_glass", _("break glass")
    GIVE_GRANT = "give_grant", _("give a grant")
    END_GRANT = "end_grant", _("end a grant")
    ALLOW_MORE = "allow_more", _("allow more for today")
    MANAGE_STAFF = "manage_staff", _("look after staff")
    SYNC_ROLES = "sync_roles", _("write the roles")
    CREATE_TEAM = "create_team", _("make a team")
    ADD_PERSON = "add_person", _("add a person")
    GIVE_ROLE = "give_role", _("give a role")
    END_ROLE = "end_role", _("take a role away")
    END_PERSON = "end_person", _("end access")
    TAKE_BACK = "take_back", _("give access back")
    SEND_LINK = "send_link", _("send a sign-in link")
    SET_PASSWORD = "set_password", _("set a password")
    SIGN_IN = "sign_in", _("sign in")
    SECOND_FACTOR = "second_factor", _("change a second factor")
    START_SIGN_IN_RESET = "start_sign_in_reset", _("start the reset of a sign-in")
    END_SESSIONS = "end_sessions", _("end sessions")
    REGISTER_REQUEST = "register_request", _("put a request on file")
    TAKE_ON = "take_on", _("take a request on")
    ACKNOWLEDGE = "acknowledge", _("acknowledge a request")
    EXTEND = "extend", _("extend a request")
    REQUEST_HAND_OVER = "request_hand_over", _("hand a request over")
    REQUEST_HAND_BACK = "request_hand_back", _("hand a request back")
    REQUEST_WITHDRAW = "request_withdraw", _("record that a request was withdrawn")
    REQUEST_COMPLETE = "request_complete", _("complete a request")
    REQUEST_REFUSE = "request_refuse", _("refuse a request")
    ASK = "ask", _("ask the customer for more")
    TAKE_ANSWER = "take_answer", _("take an answer")
    CLOSE_QUESTION = "close_question", _("close a question")
    SEND_LINKS = "send_links", _("send links")
    RETIRE = "retire", _("take an address out of use")
    BOUNCE = "bounce", _("record that mail bounces")
    ASK_OWNER = "ask_owner", _("have an address confirmed")
    ANSWER_CHECK = "answer_check", _("confirm an address")
    SUSPEND = "suspend", _("suspend an address")
    CLOSE_HOLD = "close_hold", _("clear up a suspended address")
    CORRECT = "correct", _("correct what is on file")
    APPROVE = "approve", _("approve a correction")
    REFUSE_CORRECTION = "refuse_correction", _("refuse a correction")
    WITHDRAW_CORRECTION = "withdraw_correction", _("take a correction back")
    SET_SERVICE_ACCESS = "set_service_access", _("set what opens a service")
    ROTATE_SECRET = "rotate_secret", _("rotate a secret")
    START_RESET = "start_reset", _("start the reset of a password")
    SET_DEADLINE = "set_deadline", _("set a deadline")
    ADD_LINK = "add_link", _("add a link")
    END_LINK = "end_link", _("take a link out of use")


class RefusalReason(ReasonCode):
    """Why an act was refused."""

    NO_RIGHT = "no_right", _("no right")
    OVER_BUDGET = "over_budget", _("over budget")
    TOO_MANY_MISSES = "too_many_misses", _("too many misses")
    ENDED = "ended", _("access had ended")
    OWN_RIGHTS = "own_rights", _("rights for oneself")
    OWN_ACCESS = "own_access", _("one’s own access")
    BEGUN_BEFORE = "begun_before", _("begun before the password was changed")
    OWN_PROPOSAL = "own_proposal", _("one’s own proposal")
    SECOND_PERSON = "second_person", _("takes a second person")
    OFFICERS_WORD = "officers_word", _("takes an officer’s word")
    ENDED_CUSTOMER = "ended_customer", _("the customer’s contract has ended")
    NOT_VERIFIED = "not_verified", _("not verified by another way")
    CUSTOMER_DATA_IN_LINK = "customer_data_in_link", _("a customer’s data in a link")
