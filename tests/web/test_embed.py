"""The chat on other sites: who may show it, and that it answers there."""

from dataclasses import replace

import pytest

from qa.settings import SettingsError
from web.app import create_app
from web.embed import origins


@pytest.mark.parametrize(("setting", "found"), [
    ("", ()), ("https://a.example", ("https://a.example",)),
    (" https://a.example/, http://b.example:8080 ", ("https://a.example", "http://b.example:8080"))])
def test_origins_are_read_from_the_setting(setting, found):
    assert origins(setting) == found


@pytest.mark.parametrize("setting", ["a.example", "https://a.example/page", "ftp://a.example", "https://", "*", "https://a;frame-src"])
def test_what_is_no_origin_is_refused(setting):
    with pytest.raises(SettingsError, match="不是网站来源"):
        origins(setting)


def test_only_the_page_for_frames_may_be_framed_elsewhere(service):
    client = create_app(service, replace(service.settings, embed_origins="https://a.example")).test_client()
    assert "frame-ancestors 'self' https://a.example" in client.get("/embed").headers["Content-Security-Policy"]
    for page in ("/", "/reports", "/embed/example"):
        assert client.get(page).headers["Content-Security-Policy"].endswith("frame-ancestors 'self'")
    with client.get("/embed.js") as script:
        assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_the_example_shows_the_line_to_copy(client):
    assert '&lt;script src="http://localhost/embed.js"' in client.get("/embed/example").text
