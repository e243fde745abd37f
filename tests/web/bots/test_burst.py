"""Many people ask at once, of the real server."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode

from qa.service import AnswerService
from qa.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
LIMIT = 5  # seconds that WeCom waits
PEOPLE = 200


def test_200_calls_at_once_are_acknowledged_in_time_and_all_answered(tmp_path, tiny_reports, tencent, exchange):
    exchange.answers["/cgi-bin/gettoken"] = {"access_token": "t1", "expires_in": 7200}
    wecom = tencent("/bots/wecom", "corp")
    settings = Settings(home=tmp_path / "data", port=0, wecom_corp_id="corp", wecom_agent_id="1", wecom_secret="s", wecom_token=wecom.token,
                        wecom_aes_key=wecom.key, wecom_api=exchange.address)
    AnswerService.index(settings, [tiny_reports])
    server = subprocess.Popen([sys.executable, "-m", "web.serve"], cwd=ROOT, env=os.environ | settings.to_environment(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        address = re.search(r"http://\S+", "".join(islice(server.stdout, 2)))[0]

        def ask(person):
            query, sealed = wecom.sealed(f"<xml><ToUserName>corp</ToUserName><FromUserName>{person}</FromUserName><MsgId>{person}</MsgId>"
                                         "<MsgType>text</MsgType><Content>2021年云溪市生产总值是多少？</Content></xml>")
            request = urllib.request.Request(f"{address}/bots/wecom?{urlencode(query)}", wecom.wrap(sealed).encode())
            with urllib.request.urlopen(request, timeout=LIMIT) as reply:
                return reply.read()

        with ThreadPoolExecutor(PEOPLE) as pool:
            at_once = sum(map(bool, pool.map(ask, map(str, range(PEOPLE)))))
        got = [exchange.wait() for _ in range(1 + PEOPLE - at_once)]
    finally:
        server.send_signal(signal.SIGTERM)
        _, log = server.communicate(timeout=60)
    sent = Counter(each.json["touser"] for each in got if "message/send" in each.path)
    assert len(sent) == PEOPLE - at_once
    assert set(sent.values()) == {1}
    assert all("1286.4亿元" in each.json["text"]["content"] for each in got if "message/send" in each.path)
    assert "Traceback" not in log
