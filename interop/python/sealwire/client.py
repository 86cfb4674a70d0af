"""A client without its connection: what it knows, and what each frame does to it.

Nothing here waits or touches a socket. Frames come in by `receive` and leave by
the function that `session_began` is given; what a user sees leaves by `show`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from . import frame, identity, packet, peer, relay
from .contacts import Contact, Contacts
from .frame import Link
from .identity import RELAY_ID, PublicIdentity, SecretIdentity
from .outbox import Outbox, Outgoing
from .packet import Message
from .primitives import NONCE_BYTES
from .refusals import Refused

# A relay watches no more keys than these for a session ([relay/subscribe-limit]).
KEYS_IN_ONE_SUBSCRIBE = 4_096


class Show(Protocol):
    """Tells the user of an event."""

    def __call__(self, event: str, **members: Any) -> None: ...


class UnknownPeer(Exception):
    """A command names somebody who is no contact."""


class Client:
    """Contacts, texts and presence; they outlive the sessions."""

    def __init__(self, own: SecretIdentity, relay_keys: PublicIdentity, show: Show) -> None:
        self.own = own
        self.relay_keys = relay_keys
        self.link = Link.between(own.x25519_seed, relay_keys.x25519)
        self._show = show
        self._post: Callable[[bytes], None] | None = None
        self._contacts = Contacts(own.x25519_seed)
        self._outbox = Outbox()
        # Commands that wait for a session.
        self._waiting: list[relay.Command] = []
        # The keys a user watches, and what was last shown of each.
        self._presence: dict[bytes, bool | None] = {}
        # Recipients watched in this session, only to send again what did not arrive.
        self._awaited: set[bytes] = set()

    # Sessions

    def session_began(self, post: Callable[[bytes], None]) -> None:
        """The relay accepted the hello: takes up what the last session left."""
        self._post = post
        self._show("ready", x25519=self.own.public.x25519.hex())
        waiting, self._waiting = self._waiting, []
        for keys in _portions(list(self._presence)):
            self._command(relay.KeyList(relay.SUBSCRIBE, keys))
        for command in waiting:
            self._user_command(command)
        for outgoing in self._outbox:
            self._send_text(outgoing)

    def session_ended(self) -> None:
        """The connection is gone; the texts stay."""
        self._post = None
        self._awaited.clear()

    # What the user wants

    def add_contact(self, invite: str) -> PublicIdentity:
        """Whoever the invite names is a contact from now on."""
        named = identity.decode_invite(invite).identity
        self._contacts.add(named)
        return named

    def send_text(self, to: bytes, text: str, ref: Any) -> None:
        """A text to a contact, now or as soon as a session stands."""
        outgoing = Outgoing(self._contact(to), peer.Text(uuid.uuid4().bytes, text), ref)
        _judge_length(outgoing.text.encode().body)
        self._outbox.add(outgoing)
        if self._post:
            self._send_text(outgoing)

    def subscribe(self, keys: Iterable[bytes]) -> None:
        """Watches these keys; they are not judged, whoever they belong to."""
        command = relay.KeyList(relay.SUBSCRIBE, tuple(keys))
        _judge_length(command.encode().body)
        self._user_command(command)

    def introduce(self, to: bytes, nickname: str) -> None:
        """Hands the own keys to a contact, under this nickname."""
        name = nickname.encode("utf-8")
        if len(name) > relay.INTRODUCED_NICKNAME_BYTES:
            raise Refused("relay/introduce-nickname")
        self._user_command(relay.Introduce(self._contact(to).identity.id, name))

    # What comes from the relay

    def receive(self, message: bytes) -> None:
        """A frame inside a session. A refusal has had no effect."""
        sender = frame.read_downlink(self.link.s2c, message)
        opened = frame.packet_of(message)
        if sender == RELAY_ID:
            secret, key = self.link.secret, self.relay_keys.ed25519
            self._event(packet.open_packet(secret, key, opened))
        else:
            self._peer_packet(*self._open(sender, opened))

    def _open(self, sender: bytes, opened: bytes) -> tuple[Contact, Message]:
        refusal = Refused("packet/signature")  # of an id for which no key is pinned
        if len(opened) < packet.SHORTEST:
            refusal = Refused("packet/too-short")
        for contact in self._contacts.with_id(sender):
            try:
                key = contact.identity.ed25519
                return contact, packet.open_packet(contact.pair_key, key, opened)
            except Refused as refused:
                refusal = refused
        raise refusal

    def _peer_packet(self, contact: Contact, message: Message) -> None:
        if message.command in relay.ALL_COMMANDS:
            raise Refused("relay/peer-privilege")
        key = contact.identity.x25519
        match peer.read(message):
            case peer.Text(uuid_, text):
                if contact.is_new(uuid_):
                    self._show("message", peer=key.hex(), uuid=uuid_.hex(), text=text)
                # Once more for a text seen before: its writer has not heard of the first.
                self._packet(contact, peer.DeliveryAck(uuid_).encode())
            case peer.DeliveryAck(uuid_):
                outgoing = self._outbox.acknowledged(key, uuid_)
                if outgoing:
                    self._show_text("delivered", outgoing)

    def _event(self, event: Message) -> None:
        if event.command in (relay.WAKE, relay.PUSH_REGISTER):
            raise Refused("relay/event-unknown")  # they are for a notifier
        match relay.read_event(event):
            case relay.KeyList(command, keys):
                for key in keys:
                    self._seen(key, command == relay.PEER_ONLINE)
            case relay.IntroFrom(keys, nickname):
                self._introduced(keys, nickname)
            case relay.Notice(text):
                self._show("notice", text=text)
            case relay.RecipientOffline(_, target, nonce):
                outgoing = self._outbox.failed(target, nonce)
                if outgoing:
                    self._show_text("undeliverable", outgoing)
                    self._await(outgoing.peer)
            # Everything else is a sign of life and nothing more.

    def _introduced(self, keys: PublicIdentity, nickname: str) -> None:
        name, contact_type = identity.split_nickname(nickname)
        self._show(
            "introduced",
            peer=keys.x25519.hex(),
            ed25519=keys.ed25519.hex(),
            name=name,
            contact_type=contact_type,
            known=keys in self._contacts,
        )

    def _seen(self, key: bytes, online: bool) -> None:
        if key in self._presence and self._presence[key] != online:
            self._presence[key] = online
            self._show("presence", peer=key.hex(), online=online)
        if online:
            for outgoing in self._outbox:
                if outgoing.undeliverable and outgoing.peer == key:
                    self._send_text(outgoing)

    def _await(self, key: bytes) -> None:
        # Once a session: a relay that answers every SUBSCRIBE with PEER_ONLINE and
        # every text with an ERROR must not keep the two going.
        if key not in self._awaited and key not in self._presence:
            self._awaited.add(key)
            self._command(relay.KeyList(relay.SUBSCRIBE, (key,)))

    # What goes to the relay

    def _user_command(self, command: relay.Command) -> None:
        if not self._post:
            self._waiting.append(command)
            return
        if isinstance(command, relay.KeyList):
            for key in command.keys:
                self._presence.setdefault(key, None)
        self._command(command)

    def _command(self, command: relay.Command) -> None:
        self._transmit(relay.command_frame(self.own.ed25519_seed, self.link, command.encode()))

    def _send_text(self, outgoing: Outgoing) -> None:
        self._outbox.sent(outgoing, self._packet(outgoing.contact, outgoing.text.encode()))

    def _packet(self, contact: Contact, message: Message) -> bytes:
        """Sends a packet to a contact and gives its nonce."""
        sealed = packet.seal(contact.pair_key, self.own.ed25519_seed, message.encode())
        self._transmit(frame.send(self.link.c2s, contact.identity.id, sealed))
        return sealed[:NONCE_BYTES]

    def _transmit(self, message: bytes) -> None:
        if self._post is None:
            raise RuntimeError("frames are sent within a session only")
        self._post(message)

    def _contact(self, key: bytes) -> Contact:
        contact = self._contacts.with_key(key)
        if contact is None:
            raise UnknownPeer
        return contact

    def _show_text(self, event: str, outgoing: Outgoing) -> None:
        shown = {"peer": outgoing.peer.hex(), "uuid": outgoing.text.uuid.hex()}
        self._show(event, **shown, ref=outgoing.ref)


def _judge_length(body: bytes) -> None:
    if frame.SHORTEST + packet.HEAD_BYTES + len(body) > frame.LONGEST_SENT:
        raise Refused("frame/send-limit")


def _portions(keys: list[bytes]) -> Iterator[tuple[bytes, ...]]:
    for start in range(0, len(keys), KEYS_IN_ONE_SUBSCRIBE):
        yield tuple(keys[start : start + KEYS_IN_ONE_SUBSCRIBE])
