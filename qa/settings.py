"""Every setting with its default, its meaning and its environment variable; the only reader of ``QA_*`` variables."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from qa.errors import ServiceError

_SWITCH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
SECRET, ADDRESS, NETWORKS, REDIS, MILVUS, POSTGRESQL = "secret", "address", "networks", "redis", "milvus", "postgresql"
HIDDEN = (SECRET, REDIS, MILVUS, POSTGRESQL)  # forms that may hold a password
CALLERS = EVERYONE, LOCAL, NOBODY = "everyone", "local", "nobody"  # who may call the API without a key
_ADDRESS = re.compile(r"https?://[^\s/?#]+[^\s?#]*")
_KINDS = {int: ("整数", "a whole number"), float: ("数字", "a number"), bool: (" true 或 false", "true or false")}


class SettingsError(ServiceError, ValueError):
    """A setting has a value that cannot be used."""


def _setting(default: object, chinese: str, english: str, low: float | None = None, high: float | None = None,
             form: str = "", choices: tuple[str, ...] = ()):
    """A field of :class:`Settings`.

    :param low, high: the smallest and the largest value allowed.
    :param choices: the values allowed, where they are few.
    :param form: :data:`SECRET`, which is never shown, :data:`REDIS`, which is not either, :data:`ADDRESS`, :data:`NETWORKS`, or empty.
    """
    return field(default=default, repr=form not in HIDDEN,
                 metadata={"meaning": (chinese, english), "bounds": (low, high), "form": form, "choices": choices})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process.

    :raises SettingsError: a value is outside its bounds, none of its choices, or is no address where it should be one.
    """

    home: Path = _setting(Path("data"), "文档库和索引所在的目录", "folder of the library and the index")
    database_url: str = _setting(
        "", "文档库和各项记录所在的 PostgreSQL，如 postgresql://用户:密码@主机/数据库 ；留空则存为 QA_HOME 里的 SQLite 文件",
        "PostgreSQL that keeps the library and the records, such as postgresql://USER:PASSWORD@HOST/DATABASE; empty for files of SQLite in"
        " QA_HOME", form=POSTGRESQL)
    index_url: str = _setting(
        "", "索引所在的 Milvus：服务器的地址，如 http://用户:密码@主机:19530 ，或 milvus-lite 的 .db 文件；留空则索引在 QA_HOME 里",
        "Milvus that keeps the index: address of a server, such as http://USER:PASSWORD@HOST:19530, or a .db file of milvus-lite; empty"
        " to keep it in QA_HOME", form=MILVUS)
    embedding_model: str = _setting(
        "", "sentence-transformers 模型的名称或目录；留空即用自带的模型",
        "name or folder of a sentence-transformers model; empty for the one that ships")
    reader_model: str = _setting(
        "", "transformers 抽取式问答模型的名称或目录；留空即用自带的阅读模型",
        "name or folder of a transformers model for extractive question answering; empty for the reader that ships")
    reranker_model: str = _setting(
        "", "sentence-transformers CrossEncoder 重排模型的名称或目录；留空则由阅读模型排序",
        "name or folder of a sentence-transformers CrossEncoder; empty to rank by the reader")
    host: str = _setting("127.0.0.1", "监听的地址；0.0.0.0 对所有网卡开放",
                         "address to listen on; 0.0.0.0 opens it to every network interface")
    port: int = _setting(8000, "监听的端口", "port to listen on", 0, 65535)
    workers: int = _setting(1, "服务进程数", "server processes", 1, 256)
    threads: int = _setting(8, "每个进程的线程数", "threads in each process", 1, 1024)
    proxies: int = _setting(0, "前面有几层反向代理；客户端的地址和 https 以它们的 X-Forwarded-For 和 X-Forwarded-Proto 为准，0 则一概不信",
                            "reverse proxies in front, whose X-Forwarded-For and X-Forwarded-Proto say where a client is and that it"
                            " speaks https; with 0 nobody's are believed", 0, 10)
    max_question: int = _setting(500, "问题最多多少字", "longest question, in characters", 1, 100_000)
    max_file_mb: int = _setting(100, "文件最大多少 MB", "largest file to take in, in MB", 1, 100_000)
    fetch_networks: str = _setting(
        "", "网址可以指向哪些内部网络，如 10.0.0.0/8，多个用逗号隔开；留空则只收录公网上的网址",
        "private networks that reports may be fetched from, such as 10.0.0.0/8; several between commas; empty for the open internet"
        " alone", form=NETWORKS)
    vector_weight: float = _setting(
        0.07, "混合检索中向量所占的份额，0 为只用 BM25，1 为只用向量",
        "share of the vectors in hybrid retrieval; 0 is BM25 alone, 1 is vectors alone", 0, 1)
    threshold: float = _setting(0.35, "置信度低于此值就不回答", "abstain where the confidence is below this", 0, 1)
    candidates: int = _setting(100, "两路检索各取多少段落参加融合",
                               "passages that each of the two rankings hands to fusion", 1, 10_000)
    keep_days: int = _setting(365, "提问和对话保存多少天，0 为不保存", "days that questions and conversations are kept; 0 keeps none", 0, 36_500)
    embed_origins: str = _setting("", "哪些网站可以嵌入对话，如 https://www.example.org ，多个用逗号隔开",
                                  "sites that may embed the chat, such as https://www.example.org; several between commas")
    public_url: str = _setting("", "别人打开本站所用的地址，如 https://qa.example.org ；机器人回复中的链接以它开头",
                               "address at which others reach this site, such as https://qa.example.org; links in bots' replies begin"
                               " with it", form=ADDRESS)
    webhook_secret: str = _setting("", "通用 Webhook 机器人的签名密钥", "secret that signs the calls of the generic webhook", form=SECRET)
    webhook_reply_url: str = _setting("", "通用 Webhook 的回复发往的地址；留空则在响应中回复",
                                      "address that the generic webhook's replies are sent to; empty to reply in the response", form=SECRET)
    webhook_template: str = _setting("", "通用 Webhook 回复的 Jinja 模板文件；留空则用自带的 JSON 格式",
                                     "file with a Jinja template of the generic webhook's reply; empty for our own JSON")
    wecom_corp_id: str = _setting("", "企业微信的企业 ID", "WeCom: id of the enterprise")
    wecom_agent_id: str = _setting("", "企业微信自建应用的 AgentId", "WeCom: AgentId of the self-built application")
    wecom_secret: str = _setting("", "企业微信自建应用的 Secret", "WeCom: Secret of the self-built application", form=SECRET)
    wecom_token: str = _setting("", "企业微信自建应用接收消息的 Token", "WeCom: Token of the application's callback", form=SECRET)
    wecom_aes_key: str = _setting("", "企业微信自建应用接收消息的 EncodingAESKey", "WeCom: EncodingAESKey of the application's callback",
                                  form=SECRET)
    wecom_robot_token: str = _setting("", "企业微信智能机器人的 Token", "WeCom: Token of the intelligent robot", form=SECRET)
    wecom_robot_aes_key: str = _setting("", "企业微信智能机器人的 EncodingAESKey", "WeCom: EncodingAESKey of the intelligent robot",
                                        form=SECRET)
    wecom_api: str = _setting("https://qyapi.weixin.qq.com", "企业微信接口的地址；私有部署时更改",
                              "address of WeCom's API; another one where WeCom is hosted privately", form=ADDRESS)
    wechat_app_id: str = _setting("", "公众号的 AppID", "WeChat official account: AppID")
    wechat_token: str = _setting("", "公众号服务器配置的 Token", "WeChat official account: Token of the callback", form=SECRET)
    wechat_aes_key: str = _setting("", "公众号服务器配置的 EncodingAESKey；留空即明文模式",
                                   "WeChat official account: EncodingAESKey of the callback; empty for plain mode", form=SECRET)
    wechat_secret: str = _setting("", "公众号的 AppSecret，用于发送来不及当场回复的答案；没有客服消息权限时留空",
                                  "WeChat official account: AppSecret, to send answers that came late; empty without customer-service"
                                  " messages", form=SECRET)
    wechat_api: str = _setting("https://api.weixin.qq.com", "公众号接口的地址", "address of the WeChat official account API", form=ADDRESS)
    feishu_app_id: str = _setting("", "飞书应用的 App ID", "Feishu: App ID")
    feishu_app_secret: str = _setting("", "飞书应用的 App Secret", "Feishu: App Secret", form=SECRET)
    feishu_encrypt_key: str = _setting("", "飞书应用的 Encrypt Key", "Feishu: Encrypt Key", form=SECRET)
    feishu_verification_token: str = _setting("", "飞书应用的 Verification Token", "Feishu: Verification Token", form=SECRET)
    feishu_api: str = _setting("https://open.feishu.cn", "飞书接口的地址；国际版 Lark 和私有部署时更改",
                               "address of Feishu's API; another one for Lark and where Feishu is hosted privately", form=ADDRESS)
    dingtalk_client_id: str = _setting("", "钉钉应用的 Client ID（原 AppKey）；旧式 Outgoing 机器人没有，留空",
                                       "DingTalk: Client ID (once AppKey) of the application; empty for the older outgoing robot, which"
                                       " has none")
    dingtalk_client_secret: str = _setting("", "钉钉应用的 Client Secret（原 AppSecret），或 Outgoing 机器人的密钥",
                                           "DingTalk: Client Secret (once AppSecret) of the application, or secret of the outgoing robot",
                                           form=SECRET)
    dingtalk_stream: bool = _setting(False, "用 Stream 模式接收钉钉的消息，服务不必能从公网访问",
                                     "take DingTalk's messages in stream mode, for which this site need not be reached from the internet")
    dingtalk_api: str = _setting("https://api.dingtalk.com", "钉钉接口的地址；私有部署时更改",
                                 "address of DingTalk's API; another one where DingTalk is hosted privately", form=ADDRESS)
    slack_signing_secret: str = _setting("", "Slack 应用的 Signing Secret", "Slack: Signing Secret of the app", form=SECRET)
    slack_bot_token: str = _setting("", "Slack 应用的 Bot User OAuth Token", "Slack: Bot User OAuth Token of the app", form=SECRET)
    slack_api: str = _setting("https://slack.com", "Slack 的地址；政府版为 https://slack-gov.com",
                              "address of Slack; https://slack-gov.com for GovSlack", form=ADDRESS)
    telegram_bot_token: str = _setting("", "Telegram 机器人的令牌", "Telegram: token of the bot", form=SECRET)
    telegram_bot_name: str = _setting("", "Telegram 机器人的用户名，如 report_qa_bot", "Telegram: username of the bot, such as report_qa_bot")
    telegram_secret_token: str = _setting("", "setWebhook 时自己定的 secret_token", "Telegram: the secret_token given to setWebhook", form=SECRET)
    telegram_api: str = _setting("https://api.telegram.org", "Telegram Bot API 的地址；自建 Bot API 服务时更改",
                                 "address of Telegram's Bot API; another one for a Bot API server of your own", form=ADDRESS)
    api_open: str = _setting(LOCAL, "谁不用密钥就能调用接口：everyone 所有人，local 本机，nobody 没有人",
                             "who may call the API without a key: everyone, local (this machine) or nobody",
                             choices=CALLERS)
    api_per_minute: int = _setting(60, "没有密钥时，每个地址每分钟可调用接口多少次；本机不限",
                                   "calls of the API that an address may make a minute without a key; this machine any number", 1, 1_000_000)
    api_per_day: int = _setting(2000, "没有密钥时，每个地址每天可调用接口多少次；本机不限",
                                "calls of the API that an address may make a day without a key; this machine any number", 1, 1_000_000)
    limiter_url: str = _setting(
        "", "各进程、各机器共同计数所用的 Redis，如 redis://127.0.0.1:6379/0；留空则每个进程各自计数",
        "Redis in which all processes and machines count calls together, such as redis://127.0.0.1:6379/0; empty for a count in each"
        " process", form=REDIS)
    api_origins: str = _setting("", "哪些网站的页面可以调用接口，如 https://www.example.org ，多个用逗号隔开",
                                "sites whose pages may call the API, such as https://www.example.org; several between commas")
    log_json: bool = _setting(False, "日志每行写成一个 JSON 对象", "write each log line as a JSON object")
    log_questions: bool = _setting(False, "把每个问题写进日志", "write each question into the log")

    def __post_init__(self) -> None:
        for setting in SETTINGS:
            value, (low, high) = getattr(self, setting.name), setting.bounds
            if low is not None and not low <= value <= high:
                raise SettingsError(
                    "bad_setting", f"设置 {setting.variable} 应在 {low} 到 {high} 之间，现在是 {value}。"
                    f" {setting.variable} must be between {low} and {high}, and is {value}.", variable=setting.variable)
            if setting.choices and value not in setting.choices:
                raise SettingsError(
                    "bad_setting", f"设置 {setting.variable} 可选 {'、'.join(setting.choices)}，现在是“{value}”。"
                    f" {setting.variable} must be one of {', '.join(setting.choices)}, and is “{value}”.", variable=setting.variable)
            if setting.form == ADDRESS and value and not _ADDRESS.fullmatch(value):
                raise SettingsError(
                    "bad_setting", f"设置 {setting.variable} 应为 http:// 或 https:// 开头的地址，现在是“{value}”。"
                    f" {setting.variable} must be an address that begins with http:// or https://, and is “{value}”.",
                    variable=setting.variable)
            if setting.form == MILVUS and value and not (_ADDRESS.fullmatch(value) or value.endswith(".db")):
                raise SettingsError(
                    "bad_setting", f"设置 {setting.variable} 应为 http:// 或 https:// 开头的地址，或 .db 文件的路径。 {setting.variable} must be an"
                    " address that begins with http:// or https://, or the path of a .db file.", variable=setting.variable)
            if setting.form == NETWORKS:
                networks(value, setting.variable)
            if setting.form == POSTGRESQL and value and not _names(value, ("postgresql", "postgres")):
                raise SettingsError(
                    "bad_setting", f"设置 {setting.variable} 应形如 postgresql://用户:密码@主机:5432/数据库。 {setting.variable} must look like"
                    " postgresql://USER:PASSWORD@HOST:5432/DATABASE.", variable=setting.variable)
            if setting.form == REDIS and value and not _names(value, ("redis", "rediss")):
                raise SettingsError(
                    "bad_setting", f"设置 {setting.variable} 应形如 redis://:密码@主机:6379/0，加密连接用 rediss://。 {setting.variable} must look"
                    " like redis://:PASSWORD@HOST:6379/0, with rediss:// for TLS.", variable=setting.variable)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Defaults, overridden by the ``QA_*`` variables that are set and not empty.

        :param environ: the variables; those of the process where None.
        :raises SettingsError: a value is not of its setting's type, or outside its bounds.
        """
        environ = os.environ if environ is None else environ
        return cls(**{s.name: s.parse(environ[s.variable]) for s in SETTINGS if environ.get(s.variable, "").strip()})

    def to_environment(self) -> dict[str, str]:
        """The variables from which :meth:`from_environment` makes the same settings, for a child process."""
        return {s.variable: str(getattr(self, s.name)) for s in SETTINGS}


def _names(url: str, schemes: tuple[str, ...]) -> bool:
    """Whether it is an address of a server with one of the schemes."""
    try:
        parts = urlsplit(url)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0 and not re.search(r"\s", url)
    except ValueError:  # of the port
        return False


def networks(text: str, variable: str = "") -> list[IPv4Network | IPv6Network]:
    """The networks that a setting names.

    :param variable: its variable, for the message.
    :raises SettingsError: one of them is none.
    """
    try:
        return [ip_network(each.strip()) for each in text.split(",") if each.strip()]
    except ValueError as error:
        raise SettingsError(
            "bad_setting", f"设置 {variable} 应为 10.0.0.0/8 这样的网段，多个用逗号隔开，现在是“{text}”。"
            f" {variable} must be networks such as 10.0.0.0/8 between commas, and is “{text}”.", variable=variable) from error


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of the table :data:`SETTINGS`.

    :ivar meaning: what it means, in Chinese and in English.
    :ivar bounds: the smallest and the largest value allowed, or two Nones.
    :ivar form, choices: as in :func:`_setting`.
    """

    name: str
    type: type
    default: object
    meaning: tuple[str, str]
    bounds: tuple[float | None, float | None]
    form: str
    choices: tuple[str, ...]

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return f"QA_{self.name.upper()}"

    def parse(self, text: str) -> object:
        """The value that a variable's text stands for.

        :raises SettingsError: the text is not of the setting's type.
        """
        text = text.strip()
        try:
            return _SWITCH[text.lower()] if self.type is bool else self.type(text)
        except (KeyError, ValueError) as error:
            chinese, english = _KINDS[self.type]
            raise SettingsError(
                "bad_setting", f"设置 {self.variable} 应为{chinese}，现在是“{text}”。"
                f" {self.variable} must be {english}, and is “{text}”.", variable=self.variable, value=text) from error


SETTINGS = tuple(Setting(f.name, f.type, f.default, **f.metadata) for f in fields(Settings))
