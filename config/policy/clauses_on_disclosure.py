"""The clauses about whom data is given to, as rules."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from config.policy.clause import ANY, CONSTRAINT, NO_RIGHT, TRIGGER, Clause, Part

AT_THE_DATABASE = "tests/disclosures/models/test_constraints.py::"
BY_LETTER = "tests/disclosures/requests/test_police_letter.py::"
BY_LEAVE = "tests/disclosures/recipients/test_legal_bases.py::"
FROM_OUTSIDE = "tests/disclosures/requests/test_register.py::"

GIVEN = Part(
    _("To whom data is given"),
    (
        Clause(
            "nobody_else",
            _("Data is given to nobody outside, but on one of three grounds."),
            _("Each field is approved by somebody other than who proposed it, for a recipient that is not suspended."),
            (
                "disclosures.requests.decisions.approve",
                "disclosures.requests.release.release",
                CONSTRAINT + "nobody_approves_their_own",
                CONSTRAINT + "a_disclosure_takes_a_second_person",
                CONSTRAINT + "what_left_had_a_second_person",
                TRIGGER + "disclosures_disclosure",
            ),
            (
                AT_THE_DATABASE + "test_nothing_is_approved_by_whoever_proposed_it",
                AT_THE_DATABASE + "test_nothing_has_left_without_a_second_person",
                BY_LETTER + "test_approved_fields_and_no_others_reach_the_police",
                BY_LEAVE + "test_a_recipient_suspended_between_approval_and_release_gets_nothing",
            ),
            {
                "propose": NO_RIGHT,
                "approve_disclosure": (*NO_RIGHT, "own_proposal", "recipient_suspended"),
                "release": (*NO_RIGHT, "recipient_suspended", "not_checked"),
                "fetch": ANY,
            },
        ),
        Clause(
            "authorities",
            _("Authorities get data where they ask for it by law."),
            _("Only what was asked for, about customers who are meant without doubt, once the request was checked."),
            (
                "disclosures.requests.register.require_formal_letter",
                "disclosures.requests.decisions.require_ready",
                "disclosures.models.recipients.OFFICIAL",
                "disclosures.models.DisclosureRequest.TRANSITIONS",
                CONSTRAINT + "nothing_ambiguous_goes_out",
            ),
            (
                AT_THE_DATABASE + "test_nothing_is_proposed_about_whom_nobody_is_sure",
                FROM_OUTSIDE + "test_nothing_is_given_by_default_and_never_more_than_was_asked",
                BY_LETTER + "test_a_call_to_the_number_in_their_letter_counts_for_nothing",
            ),
            dict.fromkeys(("propose", "approve_disclosure", "release"), ("not_asked", "ambiguous")),
        ),
        Clause(
            "processors",
            _("Payment processors get data under a commitment."),
            _("A commitment for payment is in force and covers each field; without one, nothing goes."),
            (
                "disclosures.recipients.legal_bases.require_commitment",
                CONSTRAINT + "a_processor_has_a_commitment",
                CONSTRAINT + "commitments_are_for_payment",
            ),
            (
                AT_THE_DATABASE + "test_nothing_has_gone_to_a_processor_without_a_commitment",
                AT_THE_DATABASE + "test_a_commitment_is_for_payment_and_ends_after_it_was_signed",
                BY_LEAVE + "test_a_commitment_ends_at_vietnams_midnight",
            ),
            dict.fromkeys(("propose", "approve_disclosure", "release"), ("no_commitment", "out_of_scope")),
        ),
        Clause(
            "permitted",
            _("Whom a customer permits gets what the customer permits."),
            _("A permission of this customer, for this recipient and these fields, is in force; it can be withdrawn."),
            (
                "disclosures.recipients.legal_bases.require_customer_permission",
                CONSTRAINT + "a_permission_is_named",
                CONSTRAINT + "a_named_recipient_has_its_customer",
            ),
            (
                AT_THE_DATABASE + "test_nothing_has_gone_by_permission_without_naming_it",
                AT_THE_DATABASE + "test_a_recipient_that_a_customer_named_has_that_customer",
                BY_LEAVE + "test_a_permission_taken_back_stops_the_release",
            ),
            dict.fromkeys(("propose", "approve_disclosure", "release"), ("no_permission",)),
        ),
        Clause(
            "never_sold",
            _("Data is never sold."),
            _("There are four kinds of recipient and three grounds. A sale, a broker or a partner is none of them."),
            (
                "disclosures.models.RecipientKind",
                CONSTRAINT + "no_other_kind_of_recipient",
                CONSTRAINT + "no_other_basis",
            ),
            (
                AT_THE_DATABASE + "test_there_is_no_other_kind_of_recipient",
                AT_THE_DATABASE + "test_there_is_no_other_basis",
            ),
            cannot_be_expressed=True,
        ),
    ),
)
