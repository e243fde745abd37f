"""The bots on the command line, against a running service."""

import pytest

from qa.settings import SETTINGS, Settings
from web.bots import check
from web.bots.platforms import PLATFORMS

AES_KEY = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq"
NEEDED = {"wecom_aes_key": AES_KEY, "wecom_robot_aes_key": AES_KEY, "wechat_aes_key": AES_KEY}


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs a command with settings in the environment; its exit code and what it said."""
    def go(*arguments, **settings):
        for setting in SETTINGS:
            monkeypatch.delenv(setting.variable, raising=False)
        for name, value in settings.items():
            monkeypatch.setenv(f"QA_{name.upper()}", value)
        code = check.main(arguments)
        said = capsys.readouterr()
        return code, said.out + said.err

    return go


def needed(kind):
    """Settings with which there is such a bot."""
    return {name: NEEDED.get(name, "12345678") for name in kind.needs}


@pytest.mark.parametrize("kind", PLATFORMS, ids=lambda kind: kind.name)
def test_a_running_bot_takes_the_test_call_and_nobody_is_answered(run, bot_app, serve, counted, kind):
    app = bot_app(**needed(kind))
    code, said = run("check", kind.name, "--url", serve(app), **needed(kind))
    assert (code, "正常" in said) == (0, True)
    assert counted(app) == {}


@pytest.mark.parametrize("kind", PLATFORMS, ids=lambda kind: kind.name)
def test_what_is_missing_is_named(run, kind):
    code, said = run("check", kind.name)
    assert code == 2
    for name in kind.needs:
        assert f"QA_{name.upper()}" in said


@pytest.mark.parametrize("kind", PLATFORMS, ids=lambda kind: kind.name)
def test_other_secrets_than_the_services_are_told(run, bot_app, serve, kind):
    secrets = ("_token", "webhook_secret", "encrypt_key", "signing_secret", "client_secret")
    theirs = needed(kind) | {name: "another" for name in kind.needs if name.endswith(secrets)}
    code, said = run("check", kind.name, "--url", serve(bot_app(**needed(kind))), **theirs)
    assert code == 3
    assert "403" in said


def test_a_connection_that_is_not_there_is_told(run, bot_app, serve, dingtalk, gateway, eventually):
    app = bot_app(**dingtalk.settings, dingtalk_stream=True)
    settings = dingtalk.settings | {"dingtalk_stream": "true"}
    command = "check", "dingtalk", "--url", serve(app)
    code, said = run(*command, **settings)
    assert (code, "没有连上" in said) == (3, True)
    app.extensions["reception"].listen()
    eventually(lambda: run(*command, **settings)[0] == 0)
    app.extensions["reception"].close()
    eventually(lambda: run(*command, **settings)[0] == 3)


def test_a_service_that_does_not_run_is_told(run):
    code, said = run("check", "webhook", "--url", "http://127.0.0.1:9", webhook_secret="x")
    assert (code, "连不上" in said) == (3, True)


def test_the_bots_are_listed(run):
    code, said = run("list", webhook_secret="x")
    assert code == 0
    assert "webhook\t已设置" in said


def test_needs_are_settings_and_secrets_are_not_shown():
    names = {setting.name: setting for setting in SETTINGS}
    for kind in PLATFORMS:
        for name in kind.needs:
            assert name in names
    assert "hidden" not in repr(Settings(webhook_secret="hidden"))
