"""The bots on messaging platforms: one file a platform, each a :class:`web.bots.shape.Platform`."""
