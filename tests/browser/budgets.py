"""What each story costs its people, all together: screens and clicks. More than that fails, a story without one too."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Keyboard, Locator, Page

BUDGETS: dict[str, tuple[int, int]] = {
    "test_the_first_day": (3, 3),
    "test_a_new_agent_comes_to_the_end_of_the_list": (12, 19),
    "test_a_new_officer_comes_to_the_end_of_the_list": (10, 18),
    "test_every_day_a_code": (3, 2),
    "test_a_security_key_is_set_up_and_opens_the_desk_from_then_on": (5, 6),
    "test_a_browser_without_a_key_is_told": (2, 2),
    "test_a_value_is_found_and_revealed_by_keys": (3, 4),
    "test_a_caller_opts_out_by_keys": (2, 2),
    "test_a_police_letter_is_approved_and_released_by_keys": (4, 4),
    "test_a_month_is_signed_off_by_keys": (2, 2),
    "test_the_first_stop_leads_past_the_bar_and_the_bar_is_read_line_by_line": (1, 1),
    "test_a_check_takes_one_screen_and_one_click": (1, 1),
    "test_tampering_is_named_and_two_officers_lift_the_freeze_in_two_screens_each": (5, 5),
    "test_a_month_is_signed_off_in_two_clicks_more_than_it_has_entries": (4, 13),
    "test_a_review_is_left_and_gone_on_with_by_somebody_else": (4, 13),
    "test_a_caller_opts_out_and_still_gets_renewal_notices": (6, 11),
    "test_a_policy_version_takes_effect_once_both_sites_have_shown_it": (11, 18),
    "test_a_customer_leaves_by_the_link_in_a_real_mail": (4, 5),
    "test_an_export_comes_in_and_one_value_is_revealed_and_proven": (4, 5),
    "test_a_revealed_value_leaves_the_page_when_its_time_is_over": (4, 4),
    "test_a_police_letter_ends_in_a_package_only_the_police_can_open": (8, 14),
    "test_a_processor_whose_commitment_lapsed_gets_nothing_until_there_is_another": (8, 13),
    "test_a_customer_is_told_who_got_the_data": (3, 3),
    "test_a_caller_has_an_email_corrected": (11, 18),
    "test_the_customer_confirms_by_the_link_in_the_letter": (4, 4),
    "test_a_hijacked_mailbox_is_suspended_and_released_by_somebody_else": (9, 18),
    "test_a_confirmed_fraud_is_refused_and_on_the_officers_list": (8, 15),
    "test_an_address_is_no_longer_used_and_another_one_asked_for": (3, 4),
    "test_more_is_asked_for_and_the_answer_dealt_with": (11, 18),
    "test_a_request_is_refused_with_a_letter_in_the_customers_language": (6, 10),
    "test_a_seen_secret_is_rotated_and_a_reset_of_the_password_started": (7, 12),
    "test_an_officer_keeps_the_links_that_letters_carry": (9, 15),
    "test_a_caller_is_found_verified_and_called_back": (3, 5),
    "test_glass_is_broken_an_officer_sees_it_and_closes_it": (9, 11),
    "test_a_lead_gives_a_colleague_of_another_team_a_grant": (7, 9),
    "test_an_agent_without_reveals_left_is_told_and_the_lead_allows_ten": (5, 7),
    "test_somebody_is_added_signs_in_by_the_link_and_is_ended_at_once": (11, 12),
    "test_who_holds_what_is_looked_through_and_a_role_is_taken_away": (7, 11),
}


class Tally:
    """Counts whatever people click in a test, and the screens that each of them comes to.

    Choosing a chip is a click, Enter is one; typing is none. A screen that one comes back to is counted once, and two
    of the same kind (two customers' pages) are two.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clicks = 0
        self.screens: set[tuple[int, str]] = set()
        self.people = 0
        for name in ("click", "check"):
            monkeypatch.setattr(Locator, name, self._counting(getattr(Locator, name)))
        monkeypatch.setattr(Keyboard, "press", self._counting(Keyboard.press, only="Enter"))

    def _counting(self, act: Any, only: str = "") -> Any:
        def counted(on: Any, *args: Any, **kwargs: Any) -> Any:
            self.clicks += not only or only in args
            return act(on, *args, **kwargs)

        return counted

    def watched(self, page: Page) -> Page:
        """The same page; the screens that it shows are counted from here on."""
        self.people += 1
        person = self.people
        page.on("framenavigated", lambda frame: self.screens.add((person, urlsplit(frame.url).path)))
        return page

    def check(self, story: str) -> None:
        """Fail where a story costs more than its budget."""
        cost, budget = (len(self.screens), self.clicks), BUDGETS.get(story, (0, 0))
        if cost[0] > budget[0] or cost[1] > budget[1]:
            pytest.fail(f"BUDGET {story}: it takes {cost} screens and clicks, and may take {budget}.")
