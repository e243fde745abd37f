"""The words of the pages, in Chinese and in English."""

LANGUAGES = ("zh", "en")

WORDING = {
    "name": ("报告问答", "Report Q&A"),
    "tagline": ("以报告原文作答，句句有出处", "Answers in the reports’ own words, each with its source"),
    "skip": ("跳到提问框", "Skip to the question box"),
    "to_language": ("English", "中文"),
    "library": ("{count} 份报告", "{count} reports"),
    "new": ("新对话", "New chat"),
    "ask_heading": ("想查什么？", "What would you like to know?"),
    "ask_lead": ("问一个数字、一项政策、一个日期。回答只引用报告里的原句，并指明出自哪里；报告里没有的，不会编造。",
                 "Ask for a figure, a policy, a date. The answer quotes the reports and says where; "
                 "what they do not say is not made up."),
    "first": ("可以这样问", "Questions to start with"),
    "question": ("您的问题", "Your question"),
    "placeholder": ("输入问题，回车发送", "Type a question, Enter to send"),
    "send": ("提问", "Ask"),
    "keys": ("回车发送，Shift+回车换行", "Enter sends, Shift+Enter starts a new line"),
    "conversation": ("对话", "Conversation"),
    "you": ("问", "Q"),
    "reply": ("答", "A"),
    "understood": ("已理解为：", "Understood as: "),
    "confidence_sure": ("很有把握", "Very confident"),
    "confidence_fair": ("较有把握", "Fairly confident"),
    "confidence_slight": ("仅供参考", "For reference only"),
    "confidence_number": ("置信度 {value}", "Confidence {value}"),
    "open_quote": ("在报告中查看第 {number} 处引文：{title}", "Show quotation {number} in the report: {title}"),
    "year_of_report": ("{year} 年度", "covers {year}"),
    "page_of_report": ("第 {page} 页", "page {page}"),
    "others": ("其他相关段落（{count}）", "Other related passages ({count})"),
    "next": ("还可以问", "You could also ask"),
    "no_answer": ("报告里没有找到能回答这个问题的原文。", "No sentence in the reports answers this question."),
    "no_answer_near": ("内容最接近的是：", "The nearest places are:"),
    "no_answer_nothing": ("也没有找到相近的内容，可以换个说法试试。", "Nothing close was found either; try other words."),
    "announce_answer": ("回答：{quote}。出自{title}。", "Answer: {quote} From {title}."),
    "loading": ("正在查阅报告……", "Looking through the reports…"),
    "offline": ("没有连上服务器，请检查网络后重试。", "The server could not be reached. Check the network and try again."),
    "retry": ("重试", "Try again"),
    "report": ("报告", "Report"),
    "close": ("关闭报告", "Close the report"),
    "outline": ("目录", "Contents"),
    "own_page": ("单独打开", "Open as a page"),
    "original": ("下载原始文件", "Download the original"),
    "origin": ("原始出处：", "Drawn from: "),
    "number": ("文号：", "Document number: "),
    "file": ("文件：", "File: "),
    "back": ("去提问", "Ask a question"),
    "reports": ("全部报告", "All reports"),
    "reports_lead": ("共 {count} 份，按日期从新到旧。", "{count} in all, newest first."),
    "no_reports": ("还没有报告。", "There are no reports yet."),
    "undated": ("日期不详", "undated"),
    "newer": ("较新的", "Newer"),
    "older": ("较早的", "Older"),
    "error": ("出错了", "Something is wrong"),
}


def say(name: str, language: str, **values: object) -> str:
    """One phrase in one language, its placeholders filled.

    :raises KeyError: there is no such phrase.
    """
    return WORDING[name][LANGUAGES.index(language)].format(**values)
