"""The platforms that there are bots for."""

from web.bots.shape import Platform
from web.bots.webhook import Webhook

PLATFORMS: tuple[type[Platform], ...] = (Webhook,)
