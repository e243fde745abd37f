"""The platforms that there are bots for."""

from web.bots.dingtalk import Dingtalk
from web.bots.feishu import Feishu
from web.bots.shape import Platform
from web.bots.slack import Slack
from web.bots.telegram import Telegram
from web.bots.webhook import Webhook
from web.bots.wechat import Wechat
from web.bots.wecom import Wecom, WecomRobot

PLATFORMS: tuple[type[Platform], ...] = (Webhook, Wecom, WecomRobot, Wechat, Feishu, Dingtalk, Slack, Telegram)
