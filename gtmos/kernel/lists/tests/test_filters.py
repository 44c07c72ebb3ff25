"""The language of filters: what is written is read again, and what cannot be read is said in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtmos.kernel.lists.filters import (
    DEEPEST,
    NOTHING,
    Condition,
    FilterError,
    Group,
    format_filter,
    parse_filter,
)

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,12}(\.[a-z0-9_]{1,8})?", fullmatch=True)
VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
CONDITIONS = st.builds(Condition, NAMES, NAMES, st.lists(VALUES, max_size=3).map(tuple))


def groups(depth: int) -> st.SearchStrategy[Group]:
    parts = CONDITIONS if depth == 1 else CONDITIONS | groups(depth - 1)
    return st.builds(
        Group, st.sampled_from(["all", "any"]), st.lists(parts, min_size=1, max_size=3).map(tuple)
    )


@given(groups(DEEPEST - 1))
def test_what_is_written_of_a_tree_is_read_as_the_same_tree(tree: Group) -> None:
    assert parse_filter(format_filter(tree)) == tree


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_a_sentence(text: str) -> None:
    sentence, tree = "", None
    try:
        tree = parse_filter(text)
    except FilterError as error:
        sentence = error.message

    assert sentence.endswith((".", "….")) if tree is None else parse_filter(format_filter(tree)) == tree


def test_a_filter_reads_as_people_write_it() -> None:
    tree = parse_filter("state:is:using, (industry:is:Fintech | size:at_least:200)")

    assert tree == Group(
        "all",
        (
            Condition("state", "is", ("using",)),
            Group(
                "any", (Condition("industry", "is", ("Fintech",)), Condition("size", "at_least", ("200",)))
            ),
        ),
    )
    assert format_filter(tree) == "state:is:using,(industry:is:Fintech|size:at_least:200)"


def test_an_empty_text_filters_nothing() -> None:
    assert (parse_filter(""), parse_filter("  "), format_filter(NOTHING)) == (NOTHING, NOTHING, "")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "a:is:b,c:is:d|e:is:f",
            "A filter with both “,” and “|” needs brackets that say what belongs together.",
        ),
        ("(a:is:b", "A bracket of the filter is not closed."),
        ("a", "After “a” comes a colon and how it is compared, such as a:is:…."),
        ("a:is:", "A value of the filter is missing or its quotes are not closed."),
        ('a:is:"b', "A value of the filter is missing or its quotes are not closed."),
        ("a:is:b)", "The filter cannot be read from “)” on."),
        ("a:is:b,", "The filter names no field at “”."),
        ("((((a:is:b))))", "Groups of a filter stand at most 4 deep."),
        ("x" * 4001, "A filter has at most 4,000 letters."),
        (",".join(["a:is:b"] * 51), "A filter has at most 50 conditions."),
        ("a:any_of:" + ";".join(["b"] * 101), "A condition has at most 100 values."),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(FilterError) as refused:
        parse_filter(text)

    assert refused.value.message == sentence
