"""Claims about the numbers of an issuer's orders: what did not come is noticed, in any order."""

from hypothesis import given
from hypothesis import strategies as st

from suspension.numbering import Missing, missing, next_number

NUMBERS = st.dictionaries(st.sampled_from("abc"), st.sets(st.integers(1, 30), min_size=1))


def test_a_gap_is_named_from_its_first_to_its_last_number():
    assert missing({"a": {1, 2, 5}, "b": {3}}, {}) == (Missing("a", 3, 4), Missing("b", 1, 2))


def test_a_number_that_a_draft_of_ours_took_is_not_missing():
    assert missing({"a": {1, 4}}, {"a": {2, 3, 9}}) == ()
    assert missing({"a": {1, 4}}, {"a": {3}}) == (Missing("a", 2, 2),)


def test_what_nobody_sent_is_not_missed():
    assert missing({}, {"a": {7}}) == ()


@given(NUMBERS, NUMBERS)
def test_exactly_the_numbers_below_the_highest_are_accounted_for(came, given_here):
    found = missing(came, given_here)
    for issuer, numbers in came.items():
        gone = {
            number
            for one in found
            if one.issuer == issuer
            for number in range(one.first, one.last + 1)
        }
        below = set(range(1, max(numbers)))
        assert gone == below - numbers - given_here.get(issuer, set())


@given(st.sets(st.integers(1, 30)), st.sets(st.integers(1, 30)))
def test_the_next_number_is_new(came, given_here):
    assert next_number(came, given_here) not in came | given_here
    assert next_number({2**53 - 1}, ()) == 2**53 - 1
