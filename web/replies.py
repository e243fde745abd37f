"""What a reply of the API holds, in the words of its specification. Tests hold the replies to these models."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from web.records.jobs import KINDS, STATES

_Offset = Annotated[int, Field(ge=0)]
_Span = Annotated[tuple[_Offset, _Offset], Field(examples=[[14, 22]])]
_Milliseconds = Annotated[float, Field(ge=0)]


class Reply(BaseModel):
    """What all replies share: nothing is in them that is not described."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CitationReply(Reply):
    """报告中的一段原文和它的出处：文档的 text[start:end] 就是 quote。 A slice of a document: text[start:end] of it is the quote."""

    document_id: Annotated[str, Field(description="报告编号。 Id of the document.", examples=["79eefec02d57"])]
    title: Annotated[str, Field(description="标题。 Its title.", examples=["许昌市2020年经济增长、财政与企业服务"])]
    issuer: Annotated[str | None, Field(description="发布机构。 Who issued it.", examples=["许昌市人民政府"])]
    region: Annotated[str | None, Field(description="地区。 The place it is about.", examples=["许昌市"])]
    published: Annotated[str | None, Field(description="发布日期。 Day of publication, as ISO date.", examples=["2021-03-23"])]
    report_year: Annotated[int | None, Field(description="报告所述的年份。 The year that is reported on.", examples=[2020])]
    source: Annotated[str, Field(description="文件，相对于收录的目录。 Its file, relative to the folder that was taken in.",
                                 examples=["xuchang-2020-growth.md"])]
    page: Annotated[int | None, Field(ge=1, description="页码，原件分页时才有。 Page of the original, where it has pages.", examples=[3])]
    section: Annotated[tuple[str, ...], Field(description="所在的各级标题。 Headings above it, outermost first.", examples=[["生产总值与工业"]])]
    start: Annotated[_Offset, Field(description="起点，按字符计。 Where it begins, in characters.", examples=[12])]
    end: Annotated[_Offset, Field(description="终点，不含。 Where it ends, itself excluded.", examples=[45])]
    quote: Annotated[str, Field(description="原文。 The text.", examples=["2020年，许昌市生产总值为3449.2亿元，比上年增长2.7%。"])]
    url: Annotated[str, Field(description="在报告中打开这一处。 Opens the report at this place.", examples=["/reports/79eefec02d57?start=12&end=45"])]


class PassageReply(CitationReply):
    """检索到的段落，附各项得分。 A passage that was retrieved, and why."""

    score: Annotated[float, Field(description="排序用的分数；经阅读模型看过的大于 1。 Orders passages and means nothing else; above 1 where the reader"
                                              " looked into the passage.", examples=[1.98])]
    bm25: Annotated[float, Field(description="BM25 得分。 BM25 score.", examples=[58.52])]
    vector: Annotated[float, Field(description="与问题的余弦相似度。 Cosine similarity to the question.", examples=[0.73])]
    matched: Annotated[tuple[str, ...], Field(description="命中的词。 Terms of the question that occur in it.", examples=[["生产总值", "许昌市"]])]


class OtherYearReply(CitationReply):
    """同一问题在别的年份的回答。 What answers the same question of another year."""

    year: Annotated[int, Field(description="所说的年份。 The year it speaks of.", examples=[2019])]


class TimingsReply(Reply):
    """各步所用的毫秒。 Milliseconds of each stage."""

    understand: _Milliseconds
    retrieve: _Milliseconds
    read: _Milliseconds
    total: _Milliseconds


class AnswerReply(Reply):
    """答案，或者不作回答（answered 为 false）。 An answer, or an abstention (answered is false)."""

    id: Annotated[str, Field(description="这次回答的编号，反馈时用。 Id of this answer, for feedback.", examples=["93e0b4de803c49bfb455419325ab7e00"])]
    question: Annotated[str, Field(description="所提的问题。 The question as asked.", examples=["那2020年呢？"])]
    understood: Annotated[str, Field(description="补全后用来检索的问题。 The standalone question that was searched.",
                                     examples=["2020年许昌市生产总值是多少？"])]
    answered: Annotated[bool, Field(description="是否作答。 Whether there is an answer.")]
    answer: Annotated[str | None, Field(description="各处引文，以换行连接；不作答时为 null。 The quotes of the citations, joined by newlines; null for an"
                                                    " abstention.", examples=["2020年，许昌市生产总值为3449.2亿元，比上年增长2.7%。"])]
    highlights: Annotated[tuple[_Span, ...], Field(description="answer 中最短的答案，最好的在前。 Spans of answer: the shortest reply in it, best first.",
                                                   examples=[[[14, 22]]])]
    confidence: Annotated[float, Field(ge=0, le=1, description="把握；低于阈值就不作答。 How sure; decides about abstaining.", examples=[0.997])]
    citations: Annotated[tuple[CitationReply, ...], Field(description="引文。 What is quoted.")]
    passages: Annotated[tuple[PassageReply, ...], Field(description="检索到的段落，最好的在前。 Passages that were retrieved, best first.")]
    suggestions: Annotated[tuple[str, ...], Field(description="接着可以问什么。 What to ask next.", examples=[["2019年许昌市生产总值是多少？"]])]
    timings_ms: TimingsReply
    index_version: Annotated[str, Field(description="索引的版本。 Version of the index.", examples=["000001-e551dd39"])]
    other_years: Annotated[tuple[OtherYearReply, ...], Field(description="不作答时，别的年份的数字，最近的在前。 Of an abstention: what answers for other"
                                                                         " years, newest first.")]


class SearchTimingsReply(Reply):
    """各步所用的毫秒。 Milliseconds of each stage."""

    understand: _Milliseconds
    retrieve: _Milliseconds
    total: _Milliseconds


class SearchReply(Reply):
    """检索到的段落，未经阅读模型。 Passages that were retrieved, before the reader."""

    question: Annotated[str, Field(description="所提的问题。 The question as asked.", examples=["那2020年呢？"])]
    understood: Annotated[str, Field(description="补全后用来检索的问题。 The standalone question that was searched.",
                                     examples=["2020年许昌市生产总值是多少？"])]
    passages: Annotated[tuple[PassageReply, ...], Field(description="段落，最好的在前；score 在 0 到 1 之间。 Best first; score is between 0 and 1.")]
    timings_ms: SearchTimingsReply
    index_version: Annotated[str, Field(description="索引的版本。 Version of the index.", examples=["000001-e551dd39"])]


class DocumentReply(Reply):
    """一篇报告，不含正文。 A document without its text."""

    id: Annotated[str, Field(examples=["79eefec02d57"])]
    title: Annotated[str, Field(examples=["许昌市2020年经济增长、财政与企业服务"])]
    issuer: Annotated[str | None, Field(examples=["许昌市人民政府"])]
    region: Annotated[str | None, Field(examples=["许昌市"])]
    published: Annotated[str | None, Field(examples=["2021-03-23"])]
    report_year: Annotated[int | None, Field(examples=[2020])]
    number: Annotated[str | None, Field(description="文号。 Document number.", examples=["许政〔2021〕1号"])]
    origin: Annotated[str | None, Field(description="文中注明的来源。 The publication it names as its own source.", examples=["《许昌日报》"])]
    origin_url: Annotated[str | None, Field(description="发布的网址。 Where it was published.", examples=[None])]
    source: Annotated[str, Field(description="文件。 Its file.", examples=["xuchang-2020-growth.md"])]
    characters: Annotated[int, Field(ge=0, description="字数。 Length of its text.", examples=[876])]
    url: Annotated[str, Field(description="阅读页。 The report viewer.", examples=["/reports/79eefec02d57"])]
    original: Annotated[str, Field(description="原件下载。 Download of the file.", examples=["/api/v1/documents/79eefec02d57/original"])]


class SectionReply(Reply):
    """一个标题，和它的内容在正文中的起止。 A heading, and where what stands under it begins and ends."""

    heading: Annotated[str, Field(examples=["生产总值与工业"])]
    level: Annotated[int, Field(ge=1, examples=[1])]
    start: _Offset
    body: Annotated[_Offset, Field(description="标题之后。 Behind the heading.")]
    end: _Offset


class PageReply(Reply):
    """原件的一页从正文何处开始。 Where a page of the original begins in the text."""

    page: Annotated[int, Field(ge=1)]
    start: _Offset


class DocumentTextReply(DocumentReply):
    """一篇报告，含正文和目录。 A document with its text and outline."""

    text: Annotated[str, Field(description="正文；所有起止都按它的字符计。 Its text, in whose characters all offsets are.")]
    outline: tuple[SectionReply, ...]
    pages: Annotated[tuple[PageReply, ...], Field(description="原件分页时才有。 Empty where the original has no pages.")]
    passages: Annotated[int, Field(ge=0, description="切成多少段落。 How many passages it was cut into.", examples=[6])]


class DocumentsReply(Reply):
    """报告列表的一页，新的在前。 One page of the documents, newest first."""

    documents: tuple[DocumentReply, ...]
    total: Annotated[int, Field(ge=0, description="一共多少篇。 How many there are in all.", examples=[32])]
    offset: _Offset
    limit: Annotated[int, Field(ge=1, examples=[50])]


class JobReply(Reply):
    """对文档库的一项改动，和它的进度。 A change of the library, and how far it has come."""

    id: Annotated[int, Field(description="编号。 Its number.", examples=[12])]
    kind: Annotated[Literal[KINDS], Field(description="要做什么。 What is to be done.", examples=["file"])]
    subject: Annotated[str, Field(description="文件名、网址或报告标题。 A file's name, an address or a report's title.", examples=["云溪港统计公报.txt"])]
    state: Annotated[Literal[STATES], Field(description="处于哪一步。 What it is at.", examples=["done"])]
    stages: Annotated[dict[str, int], Field(
        description="进度：读出的字、修复成的篇、切成的段、向量的百分比、已入索引。 How far: characters read, articles repaired, passages cut, percent"
        " embedded, indexed.", examples=[{"read": 36, "repaired": 1, "cut": 1, "embedded": 100, "indexed": 100}])]
    message: Annotated[str | None, Field(description="没有成功的原因，或需要知道的事。 Why it failed, or what there is to know.", examples=[None])]
    document_id: Annotated[str | None, Field(description="所改动的报告。 Of the document that it changes or replaces.", examples=[None])]
    document_ids: Annotated[tuple[str, ...], Field(
        description="由此而来的报告；没有成功时，是内容相同的那些。 Of the documents that came of it; where it failed, of those that are the same.",
        examples=[["79eefec02d57"]])]
    created: Annotated[datetime, Field(description="提交的时间。 When it came.", examples=["2026-11-27T06:24:04.120Z"])]
    ended: Annotated[datetime | None, Field(description="结束的时间。 When it ended.", examples=["2026-11-27T06:24:06.731Z"])]
    url: Annotated[str, Field(description="在这里查进度。 Where to ask how far it is.", examples=["/api/v1/jobs/12"])]


class AcceptedReply(Reply):
    """已受理，由后台进程处理。 Accepted, and done by a process of its own."""

    jobs: Annotated[tuple[JobReply, ...], Field(description="每个文件一项。 One for each file.")]


class JobsReply(AcceptedReply):
    """任务列表的一页：未完成的按顺序在前，其余最近结束的在前。 One page of the jobs: open ones in their order, then those that ended, latest first."""

    total: Annotated[int, Field(ge=0, description="一共多少项。 How many there are in all.", examples=[32])]
    offset: _Offset
    limit: Annotated[int, Field(ge=1, examples=[50])]


class SuggestionsReply(Reply):
    """现有报告能够回答的问题。 Questions that what is indexed can answer."""

    suggestions: Annotated[tuple[str, ...], Field(examples=[["2020年许昌市生产总值是多少？"]])]


class ProblemReply(Reply):
    """出了什么问题。 What went wrong."""

    code: Annotated[str, Field(description="固定的代码，供程序判断。 Stable, for programs.", examples=["question_too_long"])]
    message: Annotated[str, Field(description="给人看的话，先中文后英文。 For people, in Chinese and in English.", examples=[
        "问题太长，请缩短到500字以内。 The question is too long: at most 500 characters."])]
    detail: Annotated[dict[str, Any], Field(description="供程序使用的细节。 Facts for programs.", examples=[{"length": 612, "limit": 500}])]


class ErrorReply(Reply):
    """所有错误都是这一种形式。 The one body of all errors."""

    error: ProblemReply


class BatchReply(Reply):
    """各个问题的结果，次序不变。 What came of each question, in their order."""

    results: Annotated[tuple[AnswerReply | ErrorReply, ...], Field(
        description="答案，或者单独提这个问题会得到的错误。 The answer, or the error that this question alone would give.")]


class AliveReply(Reply):
    """服务进程在运行。 The process answers."""

    status: Literal["ok"]


class ReadyReply(Reply):
    """索引已载入。 An index is loaded."""

    status: Literal["ready"]
    documents: Annotated[int, Field(ge=0, examples=[32])]
    passages: Annotated[int, Field(ge=0, examples=[209])]
    model: Annotated[str, Field(description="嵌入模型。 The embedding model.", examples=["shipped-f0a18862"])]
    index_version: Annotated[str, Field(examples=["000001-e551dd39"])]
    built: Annotated[str, Field(description="索引建成的时间。 When the index was built.", examples=["2026-11-27T06:24:04+00:00"])]


class ModelReply(Reply):
    """OpenAI 接口中的一个模型。 A model as OpenAI's interface has it."""

    id: Annotated[str, Field(examples=["reports"])]
    object: Literal["model"]
    created: int
    owned_by: str


class ModelsReply(Reply):
    """可选的模型，只有一个。 The models, of which there is one."""

    object: Literal["list"]
    data: tuple[ModelReply, ...]


class SourceReply(Reply):
    """引文的出处在回答中何处链接。 Where in the answer a source is linked."""

    start_index: _Offset
    end_index: _Offset
    title: str
    url: str


class AnnotationReply(Reply):
    """OpenAI 接口中的一条注释。 An annotation as OpenAI's interface has it."""

    type: Literal["url_citation"]
    url_citation: SourceReply


class ChatMessageReply(Reply):
    """回答，Markdown 格式，每处引文附出处。 The answer in Markdown, each quote with its source."""

    role: Literal["assistant"]
    content: str
    refusal: None
    annotations: Annotated[tuple[AnnotationReply, ...], Field(description="设有 QA_PUBLIC_URL 时，各处出处。 The sources, where QA_PUBLIC_URL is set.")]


class ChatChoiceReply(Reply):
    """OpenAI 接口中的一个选项。 A choice as OpenAI's interface has it."""

    index: int
    message: ChatMessageReply
    logprobs: None
    finish_reason: Literal["stop"]


class UsageReply(Reply):
    """用量，按字符计。 How much was said, in characters."""

    prompt_tokens: _Offset
    completion_tokens: _Offset
    total_tokens: _Offset


class ChatCompletionReply(Reply):
    """OpenAI 接口的回答。 A completion of OpenAI's interface."""

    id: Annotated[str, Field(examples=["chatcmpl-93e0b4de803c49bfb455419325ab7e00"])]
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: tuple[ChatChoiceReply, ...]
    usage: UsageReply
    report: Annotated[AnswerReply | None, Field(description="POST /api/v1/ask 的回答；打招呼时为 null。 What POST /api/v1/ask says; null for a greeting.")]


class OpenAiProblemReply(ProblemReply):
    """同上，另有 OpenAI 的客户端要看的。 The same, and what OpenAI's clients look for besides."""

    type: Annotated[str, Field(examples=["invalid_request_error"])]
    param: Annotated[str | None, Field(examples=["messages"])]


class OpenAiErrorReply(Reply):
    """OpenAI 接口的错误。 An error of OpenAI's interface."""

    error: OpenAiProblemReply
