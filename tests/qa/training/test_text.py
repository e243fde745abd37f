from qa.tokens import UNKNOWN
from qa.training import text


def test_the_vocabulary_has_the_characters_that_are_not_rare(characters):
    assert UNKNOWN not in characters.encode("粮食产量达到万吨")[0]
    assert UNKNOWN in text.vocabulary(["鼎" * 11]).encode("鼎")[0]
    assert UNKNOWN not in text.vocabulary(["鼎" * 12]).encode("鼎")[0]


def test_forms_of_a_character_count_and_are_read_as_one():
    made = text.vocabulary(["国國" * 6, "ａA" * 6])
    assert len(set(made.encode("国國")[0])) == len(set(made.encode("aＡAａ")[0])) == 1
    assert UNKNOWN not in made.encode("国a")[0]


def test_the_stream_is_the_texts_one_after_the_other(characters):
    tokens = text.stream(["粮食 产量", "农户"], characters)
    assert tokens.tolist() == characters.encode("粮食产量农户")[0].tolist()
    assert tokens.dtype == "int16"


def test_the_stream_holds_no_document_that_measures(shared, characters, report, held_out):
    def holds(tokens, words):
        return text.stream([words], characters).tobytes() in tokens.tobytes()

    tokens = text.stream(text.read(shared), characters)
    assert UNKNOWN not in characters.encode(held_out)[0]
    assert holds(tokens, report("云溪", 2002)) and holds(tokens, report("云溪", 2005))
    assert not holds(tokens, held_out)
