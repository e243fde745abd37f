"""First questions and related ones."""

from corpus.document import Metadata, Passage
from corpus.snapshot import Entry
from qa.question import check
from qa.statements import Made
from qa.suggestions import RELATED, related, varied

REPORT = Metadata("云溪市2021年政府工作报告", region="云溪市", published="2022-02-16", report_year=2021)
LONG = Metadata("云溪市人民政府办公室关于进一步加强机动车停车秩序综合治理若干措施的通知", region="云溪市")
ENTRIES = {"d1": Entry("d1", "a.md", REPORT), "d2": Entry("d2", "b.md", LONG)}
OUTPUT = "2021年，全市生产总值完成1286.4亿元，社会消费品零售总额达到512.7亿元。"
ASKED = "2021年云溪市生产总值是多少？"
RETAIL = "2021年云溪市社会消费品零售总额是多少？"


def passage(text, document_id="d1", section=()):
    return Passage(document_id, 0, len(text), text, section)


def chosen(made, limit):
    return [each.question for each in varied((Made(d, q, "1", about, form) for d, q, about, form in made), limit)]


def test_subjects_then_documents_then_forms_take_turns():
    made = [("d1", "一？", "粮食", "amount"), ("d1", "二？", "造林", "amount"), ("d2", "三？", "粮食", "amount"),
            ("d2", "四？", "公路", "amount"), ("d2", "五？", "桥梁", "growth"), ("d1", "一？", "粮食", "amount")]
    assert chosen(made, 10) == ["一？", "五？", "二？", "四？", "三？"]
    assert chosen(made, 2) == ["一？", "五？"]
    assert chosen([], 3) == []


def test_beside_an_answer_stand_other_questions_of_the_passages():
    assert related(ASKED, "全市生产总值完成1286.4亿元", [passage(OUTPUT)], ENTRIES) == (RETAIL,)


def test_what_was_asked_or_is_answered_already_is_not_suggested():
    assert related(ASKED, OUTPUT, [passage(OUTPUT)], ENTRIES) == ()
    assert related(RETAIL, None, [passage(OUTPUT)], ENTRIES) == (ASKED,)


def test_the_document_of_the_first_passage_comes_first():
    found = [passage("开头。"), passage("2020年，云溪市城乡居民收入达到3万元。", "d2"), passage(OUTPUT)]
    assert related("？", None, found, ENTRIES) == (ASKED, RETAIL, "2020年云溪市城乡居民收入是多少？")


def test_without_statements_the_nearest_headings_are_offered():
    found = [passage("修缮学校。", section=("一、回顾", "（一）教育事业")), passage("兴修水利。", section=("一、回顾", "（一）教育事业")),
             passage("植树。"), *[passage("办好。", section=(f"第{n}条 政务服务之{n}",)) for n in range(9)]]
    suggestions = related("？", None, found, ENTRIES)
    assert suggestions[0] == "云溪市2021年政府工作报告：教育事业"
    assert len(suggestions) == len(set(suggestions)) == RELATED
    assert related("？", None, [], {}) == ()


def test_a_heading_under_a_long_title_speaks_for_itself_or_is_silent():
    def headed(heading):
        return related("？", None, [passage("办好。", "d2", (heading,))], ENTRIES)

    assert headed("三、路边停车收费办法") == ("路边停车收费办法",)
    assert headed("4.路边停车怎样收费？") == ("路边停车怎样收费？",)
    assert headed("三、工作要求") == headed("四、") == headed("2.") == ()


def test_what_is_suggested_may_be_asked(service):
    for question in service.suggestions():
        assert check(question, service.settings.max_question) == question
