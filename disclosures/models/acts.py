"""Codes of this app's acts that can be refused, and of the reasons for refusal that only these acts have."""

from django.utils.translation import gettext_lazy as _

from customers.models.acts import ActCode, ReasonCode


class DisclosureAct(ActCode):
    """Acts on recipients, disclosure requests, the log of disclosures, and reviews."""

    KEEP_RECIPIENT = "keep_recipient", _("keep a recipient")
    SUSPEND_RECIPIENT = "suspend_recipient", _("suspend a recipient")
    RESUME_RECIPIENT = "resume_recipient", _("take a recipient back")
    COMMIT = "commit", _("put a commitment on file")
    STOP_COMMITMENT = "stop_commitment", _("suspend a commitment")
    PERMIT = "permit", _("put a customer’s permission on record")
    WITHDRAW_PERMISSION = "withdraw_permission", _("record that a permission was withdrawn")
    REGISTER_DISCLOSURE = "register_disclosure", _("put a request from outside on file")
    READ_DISCLOSURE = "read_disclosure", _("read what came with a request from outside")
    MATCH = "match", _("match a request to customers")
    CHECK_REQUEST = "check_request", _("check a request from outside")
    PROPOSE = "propose", _("propose a disclosure")
    SEND_BACK = "send_back", _("send a proposal back")
    APPROVE_DISCLOSURE = "approve_disclosure", _("approve a disclosure")
    RELEASE = "release", _("release a package")
    FETCH = "fetch", _("fetch a package")
    REFUSE_DISCLOSURE = "refuse_disclosure", _("refuse a request from outside")
    WITHDRAW_DISCLOSURE = "withdraw_disclosure", _("record that a request from outside was withdrawn")
    CLOSE_DISCLOSURE = "close_disclosure", _("close a request from outside")
    REVIEW_EMERGENCY = "review_emergency", _("review an emergency")
    KEEP_FROM_CUSTOMER = "keep_from_customer", _("keep a request from its customers")
    TELL_CUSTOMER = "tell_customer", _("tell a customer of a disclosure")
    GIVE_STATEMENT = "give_statement", _("give a statement of who got the data")
    TELL_RECIPIENT = "tell_recipient", _("tell a recipient of a correction")
    EXPORT_DISCLOSURES = "export_disclosures", _("export the log of disclosures")
    CHECK_LOG = "check_log", _("check the log for tampering")
    LIFT_FREEZE = "lift_freeze", _("lift a freeze of disclosing")
    BEGIN_REVIEW = "begin_review", _("begin the review of a month")
    JUDGE = "judge", _("judge an entry of a month")
    SIGN_OFF = "sign_off", _("sign a month off")
    JUDGE_ACCESS = "judge_access", _("judge who holds what")
    SIGN_OFF_ACCESS = "sign_off_access", _("sign a review of access off")


class DisclosureRefusalReason(ReasonCode):
    """Why one of these acts was refused; reasons common to all apps are in ``RefusalReason``."""

    RECIPIENT_SUSPENDED = "recipient_suspended", _("the recipient is suspended")
    NO_COMMITMENT = "no_commitment", _("no commitment in force")
    OUT_OF_SCOPE = "out_of_scope", _("not covered by the commitment")
    NO_PERMISSION = "no_permission", _("no permission of the customer")
    NOT_ASKED = "not_asked", _("more than was asked for")
    NOT_CHECKED = "not_checked", _("not checked")
    AMBIGUOUS = "ambiguous", _("not clear which customer is meant")
    NOT_REQUESTER = "not_requester", _("released by somebody else")
    FROZEN = "frozen", _("disclosing is frozen")
    OWN_ENTRY = "own_entry", _("a part of one’s own in it")
    NOT_ONE_LOG = "not_one_log", _("the log does not go on from the last review")
