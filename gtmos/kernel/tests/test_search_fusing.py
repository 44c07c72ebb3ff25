"""Fusing rankings and cutting text."""

from gtmos.kernel.search.fusing import LONGEST_PASSAGE, best_sentence, fused, passages


def test_what_stands_in_two_rankings_beats_what_is_first_in_one():
    scores = fused([["a", "b"], ["c", "b"]])

    assert list(scores) == ["b", "a", "c"]
    assert scores["b"] == 2 / 62


def test_a_key_counts_once_in_each_ranking():
    assert fused([["a", "a", "b"]]) == {"a": 1 / 61, "b": 1 / 62}


def test_short_sentences_stay_together_and_long_ones_are_cut_between_words():
    short, long = "He called. She wrote.", "word " * 100

    pieces = passages(f"{short}\n{long}")

    assert max(len(piece) for piece in pieces) <= LONGEST_PASSAGE
    assert " ".join(pieces) == " ".join(f"{short} {long}".split())
    assert pieces[0].startswith(short)


def test_the_sentence_with_most_of_the_words_is_shown():
    text = "We met in May. The slow export annoys them. They stay."

    assert best_sentence(text, ["slow", "export"]) == "The slow export annoys them."
    assert best_sentence(text, ["invoice"]) == ""
