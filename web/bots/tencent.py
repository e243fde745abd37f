"""What WeCom and WeChat share: signature and encryption of calls, their XML, and messages sent with an access token.

The scheme: SHA-1 over the token and what is signed, sorted; AES-256-CBC with the key's first half as the initial vector, over
16 random bytes, the length of the text, the text, and the id of the receiver, padded to 32 bytes.
"""

import hashlib
import hmac
import re
import secrets
import struct
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from urllib.parse import urlencode
from xml.etree.ElementTree import ParseError

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from defusedxml import ElementTree

from qa.settings import SettingsError
from web.bots.outgoing import Outgoing, Token, Undelivered, accepted
from web.bots.shape import Call, Refused, check_fresh

TEXT_LIMIT = 2048  # bytes of a text message, in the response or sent
RANDOM, LENGTH = 16, 4  # bytes before the text
BLOCK = 256  # bits
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_AGAIN = (-1, 40001, 40014, 42001)  # the platform is busy, or no longer takes the token


def sign(token: str, *parts: str) -> str:
    """The signature of a call."""
    return hashlib.sha1("".join(sorted((token, *parts))).encode()).hexdigest()


def check_signature(token: str, call: Call, name: str, *parts: str) -> None:
    """Check the signature over a call's time, its nonce and ``parts``, and that it is fresh.

    :param name: of the parameter that holds the signature.
    :raises Refused: it is forged, damaged or stale.
    """
    timestamp = call.query.get("timestamp", "")
    expected = sign(token, timestamp, call.query.get("nonce", ""), *parts)
    if not hmac.compare_digest(call.query.get(name, "").encode(), expected.encode()):
        raise Refused("signature")
    check_fresh(signed_at(call))


def signed_at(call: Call) -> float:
    """When a call was signed, in seconds since 1970. :raises Refused: that is no number."""
    try:
        return float(call.query.get("timestamp", ""))
    except ValueError:
        raise Refused("malformed") from None


class Seal:
    """Signs and encrypts, and takes off what was signed and encrypted.

    :param receiver: id of the enterprise or the account, which stands inside; empty for a robot.
    :param variable: where the key is set, for the message.
    :raises SettingsError: the key has not 43 characters of base64.
    """

    def __init__(self, token: str, key: str, receiver: str, variable: str) -> None:
        try:
            decoded = b64decode(key + "=", validate=True)
        except ValueError:
            decoded = b""
        if len(decoded) != 32:
            raise SettingsError("bad_setting", f"设置 {variable} 应为平台给出的 43 个字符的 EncodingAESKey。 {variable} must be the"
                                " EncodingAESKey of 43 characters that the platform shows.", variable=variable)
        self._token, self._receiver = token, receiver.encode()
        self._cipher = Cipher(AES(decoded), CBC(decoded[:16]))

    def open(self, call: Call, sealed: str) -> bytes:
        """The text in what came with a call. The signature is checked before anything is decrypted.

        :raises Refused: it is forged, damaged, stale, or for another receiver.
        """
        check_signature(self._token, call, "msg_signature", sealed)
        try:
            decryptor, unpadder = self._cipher.decryptor(), PKCS7(BLOCK).unpadder()
            padded = decryptor.update(b64decode(sealed, validate=True)) + decryptor.finalize()
            plain = (unpadder.update(padded) + unpadder.finalize())[RANDOM:]
            length, = struct.unpack_from(">I", plain)
        except (ValueError, struct.error):
            raise Refused("encryption") from None
        text, receiver = plain[LENGTH:LENGTH + length], plain[LENGTH + length:]
        if not hmac.compare_digest(receiver, self._receiver):
            raise Refused("receiver")
        return text

    def close(self, text: str) -> tuple[str, str, str, str]:
        """A text encrypted, its signature, and the time and the nonce that this is over."""
        data = text.encode()
        padder, encryptor = PKCS7(BLOCK).padder(), self._cipher.encryptor()
        padded = padder.update(secrets.token_bytes(RANDOM) + struct.pack(">I", len(data)) + data + self._receiver) + padder.finalize()
        sealed = b64encode(encryptor.update(padded) + encryptor.finalize()).decode()
        timestamp, nonce = str(int(time.time())), secrets.token_hex(8)
        return sealed, sign(self._token, timestamp, nonce, sealed), timestamp, nonce

    def close_xml(self, text: str) -> str:
        """The same as the XML of a response."""
        sealed, signature, timestamp, nonce = self.close(text)
        return write_xml({"Encrypt": sealed, "MsgSignature": signature, "TimeStamp": int(timestamp), "Nonce": nonce})


def read_xml(data: bytes) -> dict[str, str]:
    """The elements directly under the root, by name.

    :raises Refused: it is no XML, or it declares anything, such as entities that expand.
    """
    try:
        return {element.tag: element.text or "" for element in ElementTree.fromstring(data, forbid_dtd=True)}
    except (ParseError, ValueError, LookupError):
        raise Refused("malformed") from None


def write_xml(elements: Mapping[str, str | int]) -> str:
    """XML of one level, text in CDATA as the platforms' examples have it, without what no XML may hold."""
    return f"<xml>{''.join(f'<{name}>{_cdata(value)}</{name}>' for name, value in elements.items())}</xml>"


def _cdata(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    return f"<![CDATA[{_NO_XML.sub('', value).replace(']]>', ']]]]><![CDATA[>')}]]>"


class Sender:
    """Posts with an access token.

    :param fetch: the platform's answer to the request for a token.
    """

    def __init__(self, outgoing: Outgoing, fetch: Callable[[], dict]) -> None:
        self._outgoing = outgoing
        self._fetch = fetch
        self._token = Token(self._fetch_token)

    def post(self, address: str, body: object) -> None:
        """:raises Undelivered: the platform did not take it, nor once more with a new token."""
        self._token.use(
            lambda token: accepted(self._outgoing.post(f"{address}?{urlencode({'access_token': token})}", body)), _AGAIN)

    def _fetch_token(self) -> tuple[str, float]:
        answer = accepted(self._fetch())
        try:
            return str(answer["access_token"]), float(answer["expires_in"])
        except (KeyError, TypeError, ValueError):
            raise Undelivered("the platform gave no access token") from None
