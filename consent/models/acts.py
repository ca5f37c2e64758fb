"""Codes of the acts of this app that may be refused."""

from django.utils.translation import gettext_lazy as _

from customers.models.acts import ActCode


class ConsentAct(ActCode):
    """The acts of this app that may be refused, by the codes that refusals on record store."""

    OBJECT_TO = "object_to", _("put an opt-out on record")
    WITHDRAW_CONSENT = "withdraw_consent", _("put a withdrawal on record")
    GRANT_CONSENT = "grant_consent", _("put a consent on record")
    WRITE = "write", _("write to a customer")
    ACCEPT_POLICY = "accept_policy", _("put an acceptance of the policy on record")
    ADD_PURPOSE = "add_purpose", _("add a purpose")
    SET_LIMIT = "set_limit", _("set a limit of news")
    WRITE_VERSION = "write_version", _("put a policy version on file")
    CONFIRM_PUBLICATION = "confirm_publication", _("confirm a publication")
    KEEP_TEMPLATE = "keep_template", _("keep a template")
