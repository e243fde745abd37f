"""WeCom: the application in XML and the robot in JSON, called as the platform calls them."""

import json
from itertools import count

import pytest

QUESTION, FIGURE = "2021年云溪市生产总值是多少？", "1286.4亿元"
ids = count(1)


@pytest.fixture
def application(tencent):
    return tencent("/bots/wecom", "corp")


@pytest.fixture
def robot(tencent):
    robot = tencent("/bots/wecom-robot", "")
    robot.wrap = lambda sealed: json.dumps({"encrypt": sealed})
    return robot


@pytest.fixture
def app(bot_app, application, exchange):
    exchange.answers["/cgi-bin/gettoken"] = {"errcode": 0, "access_token": "t1", "expires_in": 7200}
    return bot_app(wecom_corp_id="corp", wecom_agent_id="1000002", wecom_secret="s3cret", wecom_token=application.token,
                   wecom_aes_key=application.key, wecom_robot_token=application.token, wecom_robot_aes_key=application.key,
                   wecom_api=exchange.address)


def written(text: str | None = QUESTION, kind: str = "text", number: int | None = None, **fields) -> str:
    """A message to the application."""
    content = "" if text is None else f"<Content><![CDATA[{text}]]></Content>"
    number = "" if kind == "event" else f"<MsgId>{next(ids) if number is None else number}</MsgId>"
    others = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return (f"<xml><ToUserName>corp</ToUserName><FromUserName>zhang</FromUserName><CreateTime>1348831860</CreateTime>"
            f"<MsgType>{kind}</MsgType>{content}{number}{others}<AgentID>1000002</AgentID></xml>")


def spoken(text: str = QUESTION, **fields) -> str:
    """A message to the robot."""
    return json.dumps({"msgid": str(next(ids)), "aibotid": "b", "chattype": "single", "from": {"userid": "zhang"}, "msgtype": "text",
                       "text": {"content": text}} | fields)


def heard(robot, reply) -> dict:
    """What the robot said."""
    got = reply.json
    return json.loads(robot.crypto.decrypt_message({"Encrypt": got["encrypt"]}, got["msgsignature"], str(got["timestamp"]), got["nonce"]))


def test_the_application_answers_in_the_response(app, application, counted):
    said = application.said(application.call(app, written()))
    assert (said["ToUserName"], said["FromUserName"], said["MsgType"]) == ("zhang", "corp", "text")
    assert FIGURE in said["Content"]
    assert '<a href="https://qa.example.org/reports/' in said["Content"]
    assert len(said["Content"].encode()) <= 2048
    assert counted(app) == {"answered": 1}


def test_a_message_is_answered_once(app, application, counted):
    replies = [application.call(app, written(number=7)) for _ in range(4)]
    assert [(reply.status_code, bool(reply.data)) for reply in replies] == [(200, True)] + [(200, False)] * 3
    assert counted(app) == {"answered": 1, "repeated": 3}


def test_who_opens_the_application_is_greeted_once(app, application):
    assert "4 份报告" in application.said(application.call(app, written(None, "event", Event="enter_agent")))["Content"]
    assert application.call(app, written(None, "event", Event="enter_agent")).data == b""
    assert application.call(app, written(None, "event", Event="LOCATION")).data == b""


def test_a_picture_is_answered_in_words(app, application):
    assert "只看得懂文字" in application.said(application.call(app, written(None, "image", PicUrl="x")))["Content"]


def test_a_late_answer_is_sent_by_the_application(app, application, slow, exchange, counted, eventually):
    exchange.faults.extend([200, 503, 0])
    reply = application.call(app, written())
    assert (reply.status_code, reply.data) == (200, b"")
    slow()
    assert exchange.wait().path == "/cgi-bin/gettoken?corpid=corp&corpsecret=s3cret"
    got = exchange.wait()
    assert got.path == "/cgi-bin/message/send?access_token=t1"
    assert (got.json["touser"], got.json["agentid"], got.json["msgtype"]) == ("zhang", "1000002", "text")
    assert FIGURE in got.json["text"]["content"]
    eventually(lambda: counted(app) == {"sent": 1})


def test_an_answer_that_wecom_does_not_take_is_counted(app, application, slow, exchange, counted, eventually, caplog):
    exchange.answers["/cgi-bin/message/send"] = {"errcode": 81013, "errmsg": "user not in the application"}
    application.call(app, written())
    slow()
    eventually(lambda: counted(app) == {"undelivered": 1})
    assert "81013" in caplog.text
    assert "s3cret" not in caplog.text


def test_the_robot_answers_in_markdown_at_once(app, robot):
    said = heard(robot, robot.call(app, spoken()))
    assert (said["msgtype"], said["stream"]["finish"]) == ("stream", True)
    assert FIGURE in said["stream"]["content"]
    assert "](https://qa.example.org/reports/" in said["stream"]["content"]


def test_the_robot_in_a_group_leaves_out_its_name_and_keeps_its_conversations_apart(app, robot):
    group = {"chattype": "group", "chatid": "g1"}
    first = heard(robot, robot.call(app, spoken(f"@报告机器人\u2005{QUESTION}", **group)))
    assert FIGURE in first["stream"]["content"]
    assert "已理解为" not in first["stream"]["content"]
    follow_up = "@报告机器人 社会消费品零售总额呢？"
    assert "2021年社会" in heard(robot, robot.call(app, spoken(follow_up, **group)))["stream"]["content"]
    assert "2021年社会" not in heard(robot, robot.call(app, spoken(follow_up, **group | {"chatid": "g2"})))["stream"]["content"]


def test_the_robot_takes_the_words_of_mixed_messages_and_speech(app, robot):
    mixed = {"msg_item": [{"msgtype": "image", "image": {"url": "x"}}, {"msgtype": "text", "text": {"content": QUESTION}}]}
    for fields in ({"msgtype": "mixed", "mixed": mixed}, {"msgtype": "voice", "voice": {"content": QUESTION}}):
        assert FIGURE in heard(robot, robot.call(app, spoken(**fields)))["stream"]["content"]
    picture = robot.call(app, spoken(msgtype="image", image={"url": "x"}))
    assert "只看得懂文字" in heard(robot, picture)["stream"]["content"]


def test_the_robot_greets_and_heeds_no_other_event(app, robot):
    said = heard(robot, robot.call(app, spoken(msgtype="event", event={"eventtype": "enter_chat"})))
    assert said["msgtype"] == "text"
    assert "4 份报告" in said["text"]["content"]
    for fields in ({"msgtype": "event", "event": {"eventtype": "feedback_event"}}, {"msgtype": "stream", "stream": {"id": "1"}}):
        assert robot.call(app, spoken(**fields)).data == b""


def test_a_late_answer_of_the_robot_goes_to_the_address_that_came_with_the_message(app, robot, slow, exchange):
    assert robot.call(app, spoken(response_url=f"{exchange.address}/cgi-bin/aibot/response?code=c")).data == b""
    slow()
    got = exchange.wait()
    assert got.path == "/cgi-bin/aibot/response?code=c"
    assert FIGURE in got.json["markdown"]["content"]


@pytest.mark.parametrize("address", ["", "http://evil.example/", "file:///etc/passwd"])
def test_a_late_answer_goes_to_no_other_address(app, robot, slow, exchange, counted, eventually, address):
    robot.call(app, spoken(response_url=address))
    slow()
    eventually(lambda: counted(app) == {"undelivered": 1})
    assert exchange.got.empty()


def test_the_check_of_the_address_does_not_read_overheard_messages(app, application):
    query, sealed = application.sealed(written())
    assert app.test_client().get("/bots/wecom", query_string=query | {"echostr": sealed}).status_code == 403
