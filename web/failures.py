"""What can go wrong at the endpoints of the API: the status, the stable code and what it means, for the specification.

The errors themselves are raised where they arise; tests refuse a reply whose code is not written down for its endpoint.
"""

from typing import NamedTuple


class Failure(NamedTuple):
    """One error that an endpoint can give."""

    status: int
    code: str
    meaning: str


JSON_BODY = (
    Failure(400, "invalid_json", "不是有效的 JSON。 Not valid JSON."),
    Failure(400, "invalid_request", "某一项缺少、多余或不对；detail.fields 逐项说明。 A field is missing, unknown or wrong; detail.fields names each."),
    Failure(413, "body_too_large", "请求内容太大。 The body is too large."),
    Failure(415, "unsupported_media_type", "内容不是所要的类型。 The body is not of a type that is taken."),
)
PARAMETERS = (
    Failure(400, "invalid_request", "某个参数未知、重复或不对；detail.fields 逐项说明。 A parameter is unknown, given twice or wrong; detail.fields names"
                                    " each."),
)
QUESTION = (
    Failure(400, "question_empty", "问题是空的。 The question is empty."),
    Failure(400, "question_too_long", "问题超过 QA_MAX_QUESTION 个字。 The question has more than QA_MAX_QUESTION characters."),
    Failure(400, "question_control_characters", "问题里有控制字符。 The question holds control characters."),
)
NO_USER_MESSAGE = (Failure(400, "no_user_message", "没有用户的提问。 There is no message of the user."),)
MODEL = (Failure(404, "model_not_found", "没有这个模型。 There is no such model."),)
ADDRESS = (Failure(404, "not_found", "没有这个地址。 There is nothing at this address."),)
DOCUMENT = (Failure(404, "document_not_found", "没有这篇报告。 There is no such document."),)
FILES = (
    Failure(400, "number_of_files", "表单里没有文件，或者太多。 The form holds no file, or too many."),
    Failure(500, "upload_unwritable", "文件无法存放。 The file cannot be stored."),
)
CORRECTION = (Failure(400, "nothing_given", "没有给出要更正的内容。 Nothing to correct was given."),)
JOB = (Failure(404, "job_not_found", "没有这个任务，或已不再保存。 There is no such job, or it is no longer kept."),)
ANSWER = (Failure(404, "answer_not_found", "没有保存这次回答。 No such answer is kept."),)
CALLER = (
    Failure(401, "key_needed", "没有密钥。 There is no key."),
    Failure(401, "key_wrong", "密钥不对，或已被撤销。 The key is wrong, or was revoked."),
    Failure(403, "scope_missing", "密钥没有所需的权限。 The key lacks the scope."),
    Failure(429, "too_many_requests", "超过每分钟或每天的次数；Retry-After 是要等的秒数。 More calls than are allowed in a minute or a day; Retry-After is"
                                      " the seconds to wait."),
)
INDEX = (
    Failure(503, "index_missing", "没有索引。 There is no index."),
    Failure(503, "index_unreachable", "索引所在的 Milvus 连接不上。 The Milvus that keeps the index cannot be reached."),
    Failure(503, "index_corrupt", "索引已损坏。 The index is damaged."),
    Failure(503, "index_mismatch", "索引属于另一个库或模型。 The index belongs to another library or model."),
    Failure(503, "generation_gone", "索引所用的一版文档库已清除。 The index's generation of the library is gone."),
    Failure(503, "library_missing", "没有文档库。 There is no library."),
    Failure(503, "library_corrupt", "文档库已损坏。 The library is damaged."),
    Failure(503, "library_locked", "文档库正被占用。 The library is in use."),
    Failure(503, "library_newer", "文档库来自更新的版本。 The library is of a newer version."),
    Failure(503, "database_unreachable", "文档库所在的数据库连接不上。 The database that keeps the library cannot be reached."),
    Failure(503, "database_refused", "文档库所在的数据库拒绝了连接。 The database that keeps the library refused the connection."),
)
BUG = (Failure(500, "internal_error", "服务器出错；请附上 detail.request_id 反馈。 Something went wrong here; quote detail.request_id."),)
