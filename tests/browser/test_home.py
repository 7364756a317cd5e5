"""The first page, in a real browser."""

from accessibility import assert_accessible


def test_the_first_page_is_open_to_everybody(quiet_page, site):
    quiet_page.goto(site.url("/"))

    assert_accessible(quiet_page)
