"""The adapter: runs single operations for the suite, JSON lines in and out.

One object a line on standard input, one answer a line on standard output. Every
operation takes and gives the members that the vectors list, bytes as hex.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from sealwire import frame, handshake, identity, packet, primitives, relay
from sealwire.frame import Link
from sealwire.identity import Invite, PublicIdentity, SecretIdentity
from sealwire.packet import Message
from sealwire.refusals import Refused

HELLO = {
    "type": "hello",
    "name": "sealwire-python",
    "version": "0.1.0",
    "language": "Python",
    "homepage": "",
    "profiles": ["wire-2"],
    "features": [],
    "aliases": {},
}


class Input:
    """The members of one input."""

    def __init__(self, members: dict[str, Any]) -> None:
        self._members = members

    def raw(self, name: str) -> bytes:
        """A member of bytes."""
        return bytes.fromhex(self._members[name])

    def x25519(self, name: str) -> bytes:
        """A member that is somebody's X25519 key. It comes from outside: imported."""
        return primitives.import_x25519(self.raw(name))

    def ed25519(self, name: str) -> bytes:
        """A member that is somebody's Ed25519 key, imported too."""
        return primitives.import_ed25519(self.raw(name))

    def text(self, name: str) -> str:
        """A member of text."""
        return str(self._members[name])

    def number(self, name: str) -> int:
        """A member that is a number."""
        return int(self._members[name])

    def secret_identity(self) -> SecretIdentity:
        """The identity of two seeds."""
        return SecretIdentity(self.raw("x25519_seed"), self.raw("ed25519_seed"))

    def public_identity(self, suffix: str = "") -> PublicIdentity:
        """The imported identity of two keys."""
        x25519, ed25519 = self.raw("x25519" + suffix), self.raw("ed25519" + suffix)
        return PublicIdentity.imported(x25519, ed25519)

    def message(self) -> Message:
        """A command and its body, with the message id if there is one."""
        return Message(self.number("command"), self.raw("body"), self._members.get("message_id", 0))

    def client_link(self) -> Link:
        """The link as the client derives it."""
        return Link.between(self.raw("x25519_seed"), self.x25519("relay_x25519"))

    def relay_link(self) -> Link:
        """The link as the relay derives it."""
        return Link.between(self.raw("relay_x25519_seed"), self.x25519("x25519"))


Output = dict[str, Any]
Operation = Callable[[Input], Output]
OPERATIONS: dict[str, Operation] = {}


def operation(name: str) -> Callable[[Operation], Operation]:
    """Lists a function as the operation `name`."""

    def register(function: Operation) -> Operation:
        OPERATIONS[name] = function
        return function

    return register


# Primitives


@operation("primitives.x25519")
def _(i: Input) -> Output:
    return {"shared": primitives.x25519(i.raw("secret"), i.raw("public"))}


@operation("primitives.import-x25519")
def _(i: Input) -> Output:
    return {"key": primitives.import_x25519(i.raw("key"))}


@operation("primitives.import-ed25519")
def _(i: Input) -> Output:
    return {"key": primitives.import_ed25519(i.raw("key"))}


@operation("primitives.sign")
def _(i: Input) -> Output:
    seed = i.raw("seed")
    signature = primitives.sign(seed, i.raw("message"))
    return {"public": primitives.ed25519_public(seed), "signature": signature}


@operation("primitives.verify")
def _(i: Input) -> Output:
    key = primitives.import_ed25519(i.raw("key"))
    primitives.verify(key, i.raw("message"), i.raw("signature"))
    return {}


@operation("primitives.aead-seal")
def _(i: Input) -> Output:
    sealed = primitives.aead_seal(i.raw("key"), i.raw("nonce"), i.raw("plaintext"))
    return {"sealed": sealed}


@operation("primitives.aead-open")
def _(i: Input) -> Output:
    plaintext = primitives.aead_open(i.raw("key"), i.raw("nonce"), i.raw("sealed"))
    return {"plaintext": plaintext}


@operation("primitives.derive")
def _(i: Input) -> Output:
    return {"key": primitives.derive(i.text("context"), i.raw("material"), i.number("length"))}


# Identity


@operation("identity.from-seeds")
def _(i: Input) -> Output:
    return _shown(i.secret_identity().public)


@operation("identity.import")
def _(i: Input) -> Output:
    return {"id": i.public_identity().id}


@operation("identity.invite-encode")
def _(i: Input) -> Output:
    return {"invite": identity.encode_invite(Invite(i.public_identity(), i.text("nickname")))}


@operation("identity.invite-decode")
def _(i: Input) -> Output:
    invite = identity.decode_invite(i.text("invite"))
    name, contact_type = identity.split_nickname(invite.nickname)
    return {
        "x25519": invite.identity.x25519,
        "ed25519": invite.identity.ed25519,
        "name": name,
        "contact_type": contact_type,
    }


@operation("identity.safety-number")
def _(i: Input) -> Output:
    return {"digits": identity.safety_number(i.public_identity("_a"), i.public_identity("_b"))}


# Packet


@operation("packet.seal")
def _(i: Input) -> Output:
    sender = i.secret_identity()
    key = packet.pair_key(sender.x25519_seed, i.x25519("peer_x25519"))
    inner = i.message().encode()
    return {"packet": packet.seal(key, sender.ed25519_seed, inner, i.raw("nonce"))}


@operation("packet.open")
def _(i: Input) -> Output:
    peer_x25519, peer_ed25519 = i.x25519("peer_x25519"), i.ed25519("peer_ed25519")
    key = packet.pair_key(i.raw("x25519_seed"), peer_x25519)
    return _opened(packet.open_packet(key, peer_ed25519, i.raw("packet")))


# Frame


@operation("frame.mask")
def _(i: Input) -> Output:
    return {"mask": frame.mask(i.raw("key"), i.raw("nonce"))}


@operation("frame.send")
def _(i: Input) -> Output:
    return {"frame": frame.send(i.raw("c2s"), i.raw("to"), i.raw("packet"))}


@operation("frame.uplink")
def _(i: Input) -> Output:
    return {"to": frame.read_uplink(i.raw("c2s"), i.raw("frame"))}


@operation("frame.forward")
def _(i: Input) -> Output:
    to, forwarded = frame.forward(i.raw("c2s"), i.raw("s2c"), i.raw("from"), i.raw("frame"))
    return {"to": to, "frame": forwarded}


@operation("frame.downlink")
def _(i: Input) -> Output:
    return {"from": frame.read_downlink(i.raw("s2c"), i.raw("frame"))}


@operation("frame.relay-header")
def _(i: Input) -> Output:
    frame.require_relay(i.raw("s2c"), i.raw("frame"))
    return {}


# Handshake


@operation("handshake.hello")
def _(i: Input) -> Output:
    return {"hello": handshake.hello(i.secret_identity(), i.client_link(), i.raw("nonce"))}


@operation("handshake.accept")
def _(i: Input) -> Output:
    return _shown(handshake.accept(i.raw("relay_x25519_seed"), i.raw("hello")))


@operation("handshake.reply")
def _(i: Input) -> Output:
    seed = i.raw("relay_ed25519_seed")
    return {"reply": handshake.reply(seed, i.relay_link(), i.raw("nonce"))}


@operation("handshake.read-reply")
def _(i: Input) -> Output:
    version = handshake.read_reply(i.client_link(), i.ed25519("relay_ed25519"), i.raw("reply"))
    return {"version": version}


# Relay


@operation("relay.command")
def _(i: Input) -> Output:
    match relay.read_command(i.message()):
        case relay.KeyList(command, keys):
            return {"name": _KEY_LISTS[command], "keys": keys}
        case relay.Introduce(target, nickname):
            return {"name": "INTRODUCE", "target": target, "nickname": nickname}
        case relay.Wake(target, kind):
            return {"name": "WAKE", "target": target, "kind": kind}
        case relay.PushRegister(kind, token):
            return {"name": "PUSH_REGISTER", "kind": kind, "token": token}


@operation("relay.event")
def _(i: Input) -> Output:
    match relay.read_event(i.message()):
        case relay.HandshakeOk(version):
            return {"name": "HANDSHAKE_OK", "version": version}
        case relay.KeyList(command, keys):
            return {"name": _KEY_LISTS[command], "keys": keys}
        case relay.IntroFrom(keys, nickname):
            shown = {"x25519": keys.x25519, "ed25519": keys.ed25519}
            return {"name": "INTRO_FROM", **shown, "nickname": nickname}
        case relay.Wake(target, kind):
            return {"name": "WAKE", "target": target, "kind": kind}
        case relay.PushRegistered(sender, kind, token):
            return {"name": "PUSH_REGISTER", "sender": sender, "kind": kind, "token": token}
        case relay.ServerPing():
            return {"name": "SERVER_PING"}
        case relay.Notice(text):
            return {"name": "NOTICE", "text": text}
        case relay.BadVersion(code, supported):
            return {"name": "ERROR", "code": code, "supported": supported}
        case relay.RecipientOffline(code, target, nonce):
            return {"name": "ERROR", "code": code, "target": target, "nonce": nonce}
        case relay.RelayError(code):
            return {"name": "ERROR", "code": code}


@operation("relay.frame")
def _(i: Input) -> Output:
    seed = i.raw("relay_ed25519_seed")
    return {"frame": relay.event_frame(seed, i.relay_link(), i.message(), i.raw("nonce"))}


@operation("relay.open")
def _(i: Input) -> Output:
    return _opened(relay.open_event(i.client_link(), i.ed25519("relay_ed25519"), i.raw("frame")))


_KEY_LISTS = {
    relay.SUBSCRIBE: "SUBSCRIBE",
    relay.UNSUBSCRIBE: "UNSUBSCRIBE",
    relay.PEER_ONLINE: "PEER_ONLINE",
    relay.PEER_OFFLINE: "PEER_OFFLINE",
}


def _shown(public: PublicIdentity) -> Output:
    return {"x25519": public.x25519, "ed25519": public.ed25519, "id": public.id}


def _opened(message: Message) -> Output:
    return {
        "message_id": message.message_id,
        "command": message.command,
        "body": message.body,
    }


# The protocol


def plain(value: Any) -> Any:
    """A value as JSON: bytes become hex, also inside a list."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return value


def run(request: dict[str, Any]) -> dict[str, Any]:
    """The answer to one `run`."""
    seq, name = request["seq"], request["op"]
    function = OPERATIONS.get(name)
    if function is None:
        return {"type": "unsupported", "seq": seq, "feature": name}
    try:
        output = function(Input(request["input"]))
    except Refused as refused:
        return {
            "type": "reject",
            "seq": seq,
            "class": refused.refusal_class,
            "clause": refused.clause,
        }
    except Exception as failure:  # the line must be answered; a fault is not a refusal
        # The type alone: a library's message may quote its input.
        return {"type": "error", "seq": seq, "message": type(failure).__name__}
    return {"type": "ok", "seq": seq, "output": {k: plain(v) for k, v in output.items()}}


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """The answer to one line that is not the last."""
    match request:
        case {"type": "hello", "protocol": 1}:
            return {**HELLO, "ops": sorted(OPERATIONS)}
        case {"type": "run"}:
            return run(request)
        case _:
            raise SystemExit("adapter: not a line of protocol 1")


def main() -> None:
    """Answers line by line until `bye` or the end of the input."""
    # JSON is UTF-8 here whatever the locale says, and a line ends with \n alone.
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if request["type"] == "bye":
            return
        sys.stdout.buffer.write(json.dumps(answer(request)).encode("utf-8") + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
