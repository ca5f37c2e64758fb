"""The policy as rules: what is promised, what the desk does for it, where that is enforced, and which tests show it.

The promises are told in our own words. Places and tests are names; a test finds every one of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.policy.clause import ANY, CONSTRAINT, NO_RIGHT, TRIGGER, Clause, Part, Stopped
from config.policy.clauses_on_disclosure import GIVEN

KEPT = Part(
    _("How data is kept"),
    (
        Clause(
            "sealed",
            _("E-mail, phone, password and service access are stored encrypted."),
            _("Each value is sealed before it is stored. Pages, lists and exports have its mask and nothing else."),
            ("customers.vault.fields.SealedField", "customers.vault.sealed.Sealed"),
            (
                "tests/customers/vault/test_matrix.py::test_a_value_comes_out_masked_or_not_at_all",
                "tests/customers/vault/test_leaks.py::test_the_scan_reaches_every_table_of_the_models",
            ),
            cannot_be_expressed=True,
        ),
        Clause(
            "password",
            _("Nobody reads a customer’s password."),
            _("Only its one-way hash is on file, sealed too. No record opens it and no page asks for it."),
            ("customers.vault.sealed.Sealed.expose", "customers.models.Customer.password_hash"),
            (
                "tests/customers/vault/test_expose.py::test_a_password_is_never_opened",
                "tests/customers/admin_views/test_reveal.py::test_the_password_has_no_page",
            ),
            cannot_be_expressed=True,
        ),
        Clause(
            "staff",
            _("Only staff who are authorised reach a customer’s data."),
            _("A value is shown with the right to that customer and that kind of data, a reason, and a record first."),
            (
                "customers.access.reveal.reveal",
                "customers.permissions.customers.can_reveal",
                "customers.casework.service_access.set_service_access",
                TRIGGER + "customers_reveal",
            ),
            (
                "tests/customers/access/test_reveal.py::test_an_agent_of_another_team_is_refused_on_record_and_sees_nothing",
                "tests/customers/access/test_reveal.py::test_a_reveal_commits_its_record_before_the_value_is_opened",
                "tests/customers/casework/test_service_access.py::test_who_has_not_the_right_of_it_sets_and_rotates_nothing",
            ),
            {
                "reveal": (*NO_RIGHT, "over_budget"),
                "set_service_access": NO_RIGHT,
                "rotate_secret": NO_RIGHT,
                "start_reset": NO_RIGHT,
            },
        ),
        Clause(
            "looking",
            _("Only staff who are authorised look for customers or check who is calling."),
            _("Looking, checking and breaking glass take a right, have a budget, and are on record."),
            ("customers.access.find.find", "customers.access.verify.verify", "customers.access.grants.break_glass"),
            (
                "tests/customers/access/test_find.py::test_another_team_s_customer_is_told_only_for_an_exact_value",
                "tests/customers/access/test_verify.py::test_five_misses_close_it_for_everybody_for_an_hour_and_then_it_counts_anew",
                "tests/customers/acts/test_budgets.py::test_over_budget_is_refused_on_record_and_a_lead_allows_some_more_once_a_day",
            ),
            {"find": ANY, "verify": ANY, "break_glass": ANY, "give_grant": ANY, "allow_more": ANY},
        ),
    ),
)


def _of_the_contract(code: str, promise: Promise) -> Clause:
    return Clause(
        code,
        promise,
        _("The gate is asked before anything is sent. The contract asks for it, so an opt-out does not stop it."),
        (
            "consent.gate.gate.may_contact",
            "consent.outreach.send.write",
            CONSTRAINT + "only_a_contract_outlives_an_opt_out",
        ),
        (
            "tests/consent/gate/test_gate.py::test_the_gate_and_its_set_say_what_the_design_says_for_every_combination",
            "tests/consent/choices/test_consents.py::test_what_the_contract_needs_cannot_be_opted_out_of",
        ),
        stopped=Stopped(purposes=(code,)),
    )


def _of_news(code: str, promise: Promise) -> Clause:
    return Clause(
        code,
        promise,
        _("The gate is asked before anything is sent. An opt-out stops it; quiet hours and a daily limit do too."),
        ("consent.gate.gate.may_contact", "consent.outreach.send.write"),
        (
            "tests/consent/gate/test_gate.py::test_the_gate_and_its_set_say_what_the_design_says_for_every_combination",
            "tests/consent/outreach/test_send.py::test_after_an_opt_out_news_are_stopped_and_the_contract_is_not",
        ),
        stopped=Stopped(purposes=(code,)),
    )


USED = Part(
    _("What data is used for"),
    (
        _of_the_contract("payment_confirmation", _("Data is used to confirm payments.")),
        _of_the_contract("support", _("Data is used to support customers.")),
        _of_the_contract("renewal_notice", _("Data is used to tell when a service is to be renewed.")),
        _of_news("new_products", _("Data is used to introduce new products and services.")),
        _of_news("promotions", _("Data is used for promotions and other news.")),
        _of_news("surveys", _("Data is used to ask what customers think of a service.")),
        Clause(
            "no_other_use",
            _("Data is used for these six purposes only."),
            _("Nothing is sent without a purpose on file. Officers add one, and it inherits no consent."),
            ("consent.gate.purposes.add_purpose", "consent.gate.purposes.purpose_of", TRIGGER + "consent_purpose"),
            (
                "tests/consent/gate/test_gate.py::test_a_new_purpose_inherits_no_consent",
                "tests/consent/gate/test_gate.py::test_an_unknown_purpose_or_channel_is_an_error_and_never_a_no",
            ),
            {"add_purpose": NO_RIGHT},
        ),
        Clause(
            "channels",
            _("Customers are contacted by e-mail, text message or phone."),
            _("There is no other channel. Each purpose names its own; where there is no address in use, nothing goes."),
            ("consent.models.Channel", "consent.gate.gate.may_contact"),
            (
                "tests/consent/gate/test_gate.py::test_an_unknown_purpose_or_channel_is_an_error_and_never_a_no",
                "tests/consent/choices/test_consents.py::test_one_purpose_or_one_channel_leaves_the_others",
            ),
            stopped=Stopped(whys=("not_this_way", "no_address")),
        ),
        Clause(
            "opt_out",
            _("Customers may opt out of news at any time, through support."),
            _("One act, at once, with a confirmation. The no is the customer’s: another address does not undo it."),
            (
                "consent.choices.consents.opt_out",
                "consent.choices.unsubscribe.stop",
                TRIGGER + "consent_consentevent",
            ),
            (
                "tests/consent/choices/test_consents.py::"
                "test_an_opt_out_holds_from_the_next_question_on_and_leaves_what_the_contract_needs",
                "tests/consent/choices/test_consents.py::test_an_opt_out_survives_a_corrected_a_retired_and_a_new_address",
            ),
            stopped=Stopped(whys=("objected", "withdrawn")),
        ),
    ),
)

EXCHANGED = Part(
    _("How customers and the provider write to each other"),
    (
        Clause(
            "means_of_exchange",
            _("The e-mail on file is the means of exchange. A customer who stops using it says so."),
            _("Each address has a state of its own. One out of use gets nothing, and another is asked for."),
            (
                "customers.casework.addresses.may_write_to",
                "customers.casework.addresses.retire",
                "customers.models.ContactPoint.TRANSITIONS",
            ),
            (
                "tests/customers/casework/test_addresses_lost.py::test_an_address_no_longer_used_is_retired_and_another_one_asked_for",
                "tests/customers/casework/test_addresses_lost.py::test_no_act_writes_to_a_lost_address",
            ),
            {"retire": ANY, "bounce": ANY},
            Stopped(whys=("retired", "bounced", "unverified")),
        ),
        Clause(
            "suspicion",
            _("On signs of fraud, requests from an address are suspended until the customer confirms by another way."),
            _("What comes from it is parked. Only a contact over another channel on file ends that."),
            (
                "customers.casework.holds.suspend",
                "customers.casework.holds.close_after_contact",
                CONSTRAINT + "a_second_person_releases",
                CONSTRAINT + "one_open_hold_of_an_address",
            ),
            (
                "tests/customers/casework/test_holds.py::test_no_door_does_anything_for_a_parked_request",
                "tests/customers/casework/test_holds_released.py::test_the_customer_is_reached_over_another_channel_that_is_on_file",
                "tests/customers/casework/test_holds_released.py::test_where_a_parked_request_opens_an_account_somebody_else_releases",
            ),
            {"suspend": NO_RIGHT, "close_hold": (*NO_RIGHT, "second_person")},
            Stopped(whys=("suspended",)),
        ),
        Clause(
            "more_information",
            _("More information is asked for only where a request needs it."),
            _("Only on an open request, only what its kind needs, each with its why. What else comes is not kept."),
            (
                "customers.casework.information_requests.ask",
                "customers.casework.information_requests.NEEDED",
                CONSTRAINT + "one_open_question_of_a_request",
            ),
            (
                "tests/customers/casework/test_information_requests.py::test_only_what_a_kind_needs_is_asked_for",
                "tests/customers/casework/test_information_requests.py::test_what_is_discarded_or_confirmed_is_stored_nowhere",
            ),
            {"ask": ANY, "take_answer": ANY, "close_question": ANY},
        ),
    ),
)

CORRECTED = Part(
    _("How data is corrected"),
    (
        Clause(
            "proactively",
            _("Data that is wrong, incomplete or out of date is corrected on the provider’s own initiative."),
            _("A correction says its kind, ground, origin and evidence, and leaves a version and a record."),
            (
                "customers.casework.corrections.correct",
                "customers.casework.versions.versions",
                TRIGGER + "customers_correctionproposed",
            ),
            (
                "tests/customers/casework/test_corrections.py::test_a_correction_says_why_in_codes",
                "tests/customers/casework/test_corrections.py::test_a_name_or_company_takes_over_at_once_and_its_version_is_on_record",
            ),
            {"correct": NO_RIGHT, "withdraw_correction": NO_RIGHT, "refuse_correction": NO_RIGHT},
        ),
        Clause(
            "on_request",
            _("Data is corrected when the customer asks for it."),
            _("The customer is verified by another way first. E-mail, phone and logins take a second person."),
            (
                "customers.casework.corrections.verified_otherwise",
                "customers.casework.approvals.approve",
                CONSTRAINT + "a_customers_correction_has_a_request",
                CONSTRAINT + "addresses_and_access_need_a_second",
                CONSTRAINT + "a_second_person_approves",
            ),
            (
                "tests/customers/casework/test_corrections_on_request.py::"
                "test_an_address_changes_on_a_verification_by_another_than_itself_and_the_one_that_asked",
                "tests/customers/casework/test_corrections_on_request.py::test_the_database_knows_the_second_person_and_the_request",
                "tests/customers/casework/test_approvals.py::test_nobody_decides_on_a_proposal_of_ones_own",
            ),
            {
                "correct": ("not_verified",),
                "approve": (*NO_RIGHT, "own_proposal"),
                "refuse_correction": ("own_proposal",),
            },
        ),
        Clause(
            "while_connected",
            _("This holds while the customer uses a service."),
            _(
                "Nothing is corrected unasked for a customer whose contract has ended. "
                "What they ask for goes to an officer."
            ),
            ("customers.casework.corrections.propose", "customers.permissions.casework.can_decide_escalated"),
            (
                "tests/customers/casework/test_corrections_on_request.py::"
                "test_an_ended_customer_is_corrected_by_request_and_through_an_officer_only",
                "tests/customers/casework/test_corrections_on_request.py::test_what_was_proposed_on_our_initiative_ends_with_the_customer",
            ),
            {"correct": ("ended_customer",), "approve": ("ended_customer",), "start_reset": ("ended_customer",)},
        ),
    ),
)

PUBLISHED = Part(
    _("The policy itself"),
    (
        Clause(
            "versions",
            _("A version of the policy is in effect once both sites have published it."),
            _("Officers confirm each site by its text. The time follows from both; nobody can type it."),
            (
                "consent.policies.versions.confirm_publication",
                "consent.policies.versions.effects",
                CONSTRAINT + "confirmed_once_on_each_site",
            ),
            (
                "tests/consent/policies/test_versions.py::test_a_version_is_in_effect_from_the_later_of_both_sites",
                "tests/consent/policies/test_versions.py::test_nobody_can_type_when_a_version_takes_effect",
            ),
            {"write_version": ANY, "confirm_publication": ANY},
        ),
        Clause(
            "other_sites",
            _("The provider is not responsible for other sites that it links to."),
            _("Letters link to registered pages only, with that notice. No link carries a customer’s data."),
            (
                "customers.casework.outside_links.send_links",
                "customers.casework.outside_links.carries_customer_data",
                CONSTRAINT + "one_link_of_an_address",
            ),
            (
                "tests/customers/casework/test_outside_links.py::test_a_link_that_carries_a_customer_s_data_is_refused_on_record",
                "tests/customers/casework/test_outside_links.py::test_the_notice_says_that_the_provider_is_not_responsible",
            ),
            {"add_link": ANY, "end_link": ANY, "send_links": ANY},
        ),
    ),
)

PARTS = (KEPT, USED, EXCHANGED, CORRECTED, GIVEN, PUBLISHED)
"""All of it, in the order in which the policy goes."""


def clauses() -> Iterator[Clause]:
    """Every clause, in that order."""
    return (clause for part in PARTS for clause in part.clauses)
