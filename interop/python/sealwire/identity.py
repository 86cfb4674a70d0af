"""Chapter 2: keys, ids, invites and safety numbers."""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass, field

from . import primitives
from .refusals import Refused

RELAY_ID = bytes(primitives.ID_BYTES)

INVITE_PREFIX = "K0"
WRITTEN_NICKNAME_BYTES = 64
READ_NICKNAME_BYTES = 1024
CONTACT_TYPE_SEPARATOR = "\u241f"

_ASCII_WHITE_SPACE = "\t\n\f\r "
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


@dataclass(frozen=True)
class PublicIdentity:
    """Two public keys that were imported; make it with `imported`.

    Equality is that of whole keys ([identity/full-key]).
    """

    x25519: bytes
    ed25519: bytes

    @classmethod
    def imported(cls, x25519: bytes, ed25519: bytes) -> PublicIdentity:
        """The identity of two keys from outside, the X25519 key judged first."""
        return cls(primitives.import_x25519(x25519), primitives.import_ed25519(ed25519))

    @property
    def id(self) -> bytes:
        """The first eight bytes of the X25519 key, as sent."""
        return self.x25519[: primitives.ID_BYTES]

    @property
    def keys(self) -> bytes:
        """Both keys, one after the other."""
        return self.x25519 + self.ed25519


@dataclass(frozen=True)
class SecretIdentity:
    """Two seeds and what is recomputed from them; the seeds are never shown."""

    x25519_seed: bytes = field(repr=False)
    ed25519_seed: bytes = field(repr=False)
    public: PublicIdentity = field(init=False, compare=False)

    def __post_init__(self) -> None:
        for seed in (self.x25519_seed, self.ed25519_seed):
            if len(seed) != primitives.KEY_BYTES:
                raise Refused("identity/seeds")
        # Keys of one's own are honest by construction: nothing to import.
        public = PublicIdentity(
            primitives.x25519_public(self.x25519_seed),
            primitives.ed25519_public(self.ed25519_seed),
        )
        object.__setattr__(self, "public", public)

    @classmethod
    def generate(cls) -> SecretIdentity:
        """A new identity; raises if the system has no randomness to give."""
        return cls(secrets.token_bytes(32), secrets.token_bytes(32))


# Nicknames


def split_nickname(nickname: str) -> tuple[str, str | None]:
    """Name and contact type: what stands before and after the last U+241F."""
    name, separator, contact_type = nickname.rpartition(CONTACT_TYPE_SEPARATOR)
    return (name, contact_type) if separator else (nickname, None)


# Invites


@dataclass(frozen=True)
class Invite:
    """What an invite hands over; the nickname is a stranger's text."""

    identity: PublicIdentity
    nickname: str


def encode_invite(invite: Invite) -> str:
    """The text of an invite."""
    nickname = invite.nickname.encode("utf-8")
    if len(nickname) > WRITTEN_NICKNAME_BYTES:
        raise Refused("identity/invite-nickname")
    payload = invite.identity.keys + nickname
    return INVITE_PREFIX + base64.urlsafe_b64encode(payload).decode("ascii").rstrip("=")


def decode_invite(text: str) -> Invite:
    """An invite from a bare code or from a URL that carries one."""
    text = text.strip(_ASCII_WHITE_SPACE)
    code = _code_of_url(text) if "://" in text else text
    if not code.startswith(INVITE_PREFIX):
        raise Refused("identity/invite-prefix")
    payload = _decode_base64url(code[len(INVITE_PREFIX) :])
    if len(payload) < 64:
        raise Refused("identity/invite-length")
    nickname = payload[64:]
    if len(nickname) > READ_NICKNAME_BYTES:
        raise Refused("identity/invite-nickname-read")
    try:
        nickname_text = nickname.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("identity/invite-utf8") from None
    return Invite(PublicIdentity.imported(payload[:32], payload[32:64]), nickname_text)


def _code_of_url(url: str) -> str:
    # Not urllib: it decodes percents, strips characters and splits differently.
    before, _, fragment = url.partition("#")
    query = before.partition("?")[2]
    for pairs in (query, fragment):
        for pair in pairs.split("&"):
            name, equals, value = pair.partition("=")
            if equals and name == "peer":
                return value
    if fragment.startswith(INVITE_PREFIX):
        return fragment
    raise Refused("identity/invite-url")


def _decode_base64url(text: str) -> bytes:
    """Strict, so that one identity has one text; Python's decoder is not."""
    if not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise Refused("identity/invite-encoding")
    decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    # Encoding again shows the unused low bits of the last character.
    if base64.urlsafe_b64encode(decoded).decode("ascii").rstrip("=") != text:
        raise Refused("identity/invite-encoding")
    return decoded


# Safety numbers


def safety_number(one: PublicIdentity, other: PublicIdentity) -> str:
    """Twelve groups of five digits, the same for both whoever computes them."""
    smaller, greater = sorted((one.keys, other.keys))
    derived = primitives.derive(primitives.SAFETY_NUMBER, smaller + greater, 60)
    groups = (int.from_bytes(derived[i : i + 5], "big") % 100_000 for i in range(0, 60, 5))
    return " ".join(f"{group:05}" for group in groups)
