"""Signature and encryption of WeCom and WeChat, against wechatpy and the platform's published example; attacks on all three bots."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from qa.settings import SettingsError
from web.bots import shape
from web.bots.outgoing import Outgoing, Undelivered
from web.bots.shape import FRESH, Call, Refused
from web.bots.tencent import Seal, Sender, read_xml, sign, write_xml

TOKEN, KEY, CORP = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7"
ECHO = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
SIGNED = {"msg_signature": "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3", "timestamp": "1409659589", "nonce": "263014780"}
NAMES = ("wecom", "wecom-robot", "wechat")
BOMB = ('<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
        "<xml><FromUserName>p</FromUserName><MsgId>1</MsgId><MsgType>text</MsgType><Content>&c;</Content></xml>")
OUTSIDE = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><FromUserName>p</FromUserName><Content>&f;</Content></xml>'


@pytest.fixture
def app(bot_app):
    return bot_app(wecom_corp_id="corp", wecom_agent_id="1", wecom_secret="s", wecom_token=TOKEN, wecom_aes_key=KEY, wechat_app_id="corp",
                   wechat_token=TOKEN, wechat_aes_key=KEY, wecom_robot_token=TOKEN, wecom_robot_aes_key=KEY)


@pytest.fixture(params=NAMES)
def platform(request, tencent):
    return tencent(f"/bots/{request.param}", "" if request.param == "wecom-robot" else "corp")


def call(query, body=b"", method="POST"):
    return Call(method, query, {}, body)


def test_the_example_in_the_platforms_documentation(monkeypatch):
    assert sign(TOKEN, SIGNED["timestamp"], SIGNED["nonce"], ECHO) == SIGNED["msg_signature"]
    monkeypatch.setattr(shape.time, "time", lambda: 1409659589.0)
    assert Seal(TOKEN, KEY, CORP, "").open(call(SIGNED), ECHO) == b"1616140317555161061"


@given(st.text(max_size=500).filter(lambda text: "]]>" not in text))
def test_what_is_closed_here_wechatpy_opens(text):
    sealed, signature, timestamp, nonce = Seal(TOKEN, KEY, CORP, "").close(text)
    assert WeChatCrypto(TOKEN, KEY, CORP).decrypt_message({"Encrypt": sealed}, signature, timestamp, nonce) == text


@given(st.text(max_size=500))
def test_what_is_closed_is_opened(text):
    seal = Seal(TOKEN, KEY, CORP, "")
    sealed, signature, timestamp, nonce = seal.close(text)
    assert seal.open(call({"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}), sealed) == text.encode()


@given(st.binary(max_size=200), st.booleans())
def test_nothing_but_what_was_closed_is_opened(data, signed):
    """Also where whoever sends it knows the token."""
    seal = Seal(TOKEN, KEY, CORP, "")
    _, _, timestamp, nonce = seal.close("")
    for sealed in (data.hex(), data.decode("latin-1"), ECHO[:len(data)] + ECHO[len(data) + 1:]):
        with pytest.raises(Refused):
            seal.open(call({"msg_signature": sign(TOKEN, timestamp, nonce, sealed) if signed else "0" * 40, "timestamp": timestamp,
                            "nonce": nonce}), sealed)


@pytest.mark.parametrize("key", ["", "short", KEY + "A", "ü" * 43, "!" * 43])
def test_a_key_that_is_none_is_said(key):
    with pytest.raises(SettingsError, match="设置 QA_X 应为平台给出的 43 个字符"):
        Seal(TOKEN, key, CORP, "QA_X")


@given(st.dictionaries(st.sampled_from(["Content", "MsgId", "ToUserName"]), st.text(st.characters(codec="utf-8"), max_size=50)))
def test_xml_that_is_written_is_read_without_what_xml_cannot_hold(elements):
    kept = read_xml(write_xml(elements).encode())
    assert set(kept) == set(elements)
    for name, text in elements.items():
        wanted = text.replace("\r\n", "\n").replace("\r", "\n")
        assert kept[name] == "".join(c for c in wanted if c in "\t\n" or c >= " " and c not in "\ufffe\uffff")


@pytest.mark.parametrize("data", [b"", b"<xml>", BOMB.encode(), OUTSIDE.encode(), b"\xff\xfe", b"<?xml version='1.0' encoding='none'?><xml/>",
                                  b"<xml>\x00</xml>", b'{"encrypt": 1}'])
def test_xml_that_is_none_or_declares_entities_is_refused(data):
    with pytest.raises(Refused):
        read_xml(data)


def test_the_check_of_the_address_is_answered(app, platform):
    query, sealed = platform.sealed("1616140317555161061")
    echo = "1616140317555161061" if "wechat" in platform.path else sealed
    reply = app.test_client().get(platform.path, query_string=query | {"echostr": echo})
    assert (reply.status_code, reply.text, reply.mimetype) == (200, "1616140317555161061", "text/plain")


def test_a_check_of_the_address_that_is_forged_or_stale_is_refused(app, platform, counted):
    client = app.test_client()
    for options in ({"token": "another"}, {"after": -FRESH - 30}):
        query, sealed = platform.sealed("1616140317555161061", **options)
        assert client.get(platform.path, query_string=query | {"echostr": sealed}).status_code == 403
    assert client.get(platform.path).status_code == 403
    assert counted(app) == {"refused": 3}


@pytest.mark.parametrize("options", [
    {"token": "another"}, {"key": "A" + KEY[1:]}, {"receiver": "another"},
    {"after": -FRESH - 30}, {"after": FRESH + 30}], ids=str)
def test_a_message_that_is_forged_or_stale_is_refused(app, platform, counted, options):
    reply = platform.call(app, "<xml/>", **options)
    assert reply.status_code == 403
    assert reply.json["error"]["code"] == "call_refused"
    assert counted(app) == {"refused": 1}


def test_a_message_that_is_cut_short_or_changed_is_refused(app, platform):
    query, sealed = platform.sealed("<xml/>")
    flipped = sealed[:8] + ("A" if sealed[8] != "A" else "B") + sealed[9:]
    assert app.test_client().post(platform.path, query_string=query, data=platform.wrap(flipped)).status_code == 403
    for changed in (sealed[:-24], sealed[:-1], sealed[4:], ""):
        again = query | {"msg_signature": sign(TOKEN, query["timestamp"], query["nonce"], changed)}  # by one who knows the token
        for parameters in (query, again):
            assert app.test_client().post(platform.path, query_string=parameters, data=platform.wrap(changed)).status_code == 403
    for lacking in query:
        if lacking != "signature" or "wechat" in platform.path:
            parameters = {name: value for name, value in query.items() if name != lacking}
            assert app.test_client().post(platform.path, query_string=parameters, data=platform.wrap(sealed)).status_code == 403


@pytest.mark.parametrize("body", ["", "<xml>", "<xml/>", "[]", BOMB, OUTSIDE, "null", "{}", '{"encrypt": {}}', "[" * 20_000])
def test_what_is_no_message_is_refused_outside_and_inside(app, platform, body):
    query, _ = platform.sealed("")
    assert app.test_client().post(platform.path, query_string=query, data=body).status_code == 403
    assert platform.call(app, body).status_code == 403


def test_a_body_of_a_megabyte_is_refused(app, platform):
    assert platform.call(app, "长" * 2**19).status_code == 413


def test_an_application_without_its_settings_is_not_there(bot_app, platform):
    assert platform.call(bot_app(), "<xml/>").status_code == 404


@pytest.mark.parametrize("code", [-1, 40001, 40014, 42001])
def test_a_token_that_is_no_longer_taken_is_fetched_anew_once(exchange, code):
    tokens = iter(("old", "new"))
    exchange.answers["/send?access_token=old"] = {"errcode": code, "errmsg": "expired"}
    sender = Sender(Outgoing(), lambda: {"access_token": next(tokens), "expires_in": 7200})
    sender.post(f"{exchange.address}/send", {})
    sender.post(f"{exchange.address}/send", {})
    assert [exchange.wait().path[-3:] for _ in range(3)] == ["old", "new", "new"]


@pytest.mark.parametrize("fetched", [{"errcode": 40013}, {}, {"access_token": "a", "expires_in": None}])
def test_without_a_token_nothing_is_sent(exchange, fetched):
    with pytest.raises(Undelivered):
        Sender(Outgoing(), lambda: fetched).post(f"{exchange.address}/send", {})
    assert exchange.got.empty()


def test_an_error_of_the_platform_is_given_up(exchange):
    exchange.answers["/send"] = {"errcode": 45015}
    with pytest.raises(Undelivered, match="45015"):
        Sender(Outgoing(), lambda: {"access_token": "a", "expires_in": 7200}).post(f"{exchange.address}/send", {})
