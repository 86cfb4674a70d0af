"""Chapter 1: the primitives, and which keys and signatures are refused."""

from __future__ import annotations

import blake3
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from nacl import bindings
from nacl.exceptions import CryptoError

from . import curve
from .refusals import Refused

KEY_BYTES = 32
NONCE_BYTES = 24
TAG_BYTES = 16
SIGNATURE_BYTES = 64
ID_BYTES = 8

ROUTE_CLIENT_TO_RELAY = "ws.lleo.me v2 route c2s"
ROUTE_RELAY_TO_CLIENT = "ws.lleo.me v2 route s2c"
SAFETY_NUMBER = "sealwire 2026-11-21 v2 safety-number"
CONTEXTS = frozenset({ROUTE_CLIENT_TO_RELAY, ROUTE_RELAY_TO_CLIENT, SAFETY_NUMBER})

_NEUTRAL_ENCODING = b"\x01" + bytes(31)


# X25519


def x25519(secret: bytes, public: bytes) -> bytes:
    """The shared secret, as the function of RFC 7748 gives it."""
    try:
        return bindings.crypto_scalarmult(secret, public)
    except RuntimeError:
        # libsodium fails for a result of zeros, and for nothing else.
        raise Refused("primitives/x25519-contributory") from None


def x25519_public(seed: bytes) -> bytes:
    """The public key of a seed."""
    return bindings.crypto_scalarmult_base(seed)


def import_x25519(key: bytes) -> bytes:
    """P1: the key itself if it may stand as somebody's public key.

    Once a key, not once a message. The function of RFC 7748 takes any 32 bytes,
    and seven siblings of an honest key give the same secret under another id.
    """
    judge_x25519_bytes(key)
    judge_x25519_point(key)
    return key


def judge_x25519_bytes(key: bytes) -> None:
    """P1 a to c: the half of the import that costs nothing."""
    if len(key) != KEY_BYTES:
        raise ValueError("an X25519 key has 32 bytes")
    if key[31] & 0x80:
        raise Refused("primitives/x25519-high-bit")
    if int.from_bytes(key, "little") >= curve.P:
        raise Refused("primitives/x25519-canonical")
    if key[:ID_BYTES] == bytes(ID_BYTES):
        raise Refused("identity/zero-id")


def judge_x25519_point(key: bytes) -> None:
    """P1 d and e: the half that costs a multiplication, after the first half."""
    u = int.from_bytes(key, "little")
    if not curve.on_montgomery_curve(u):
        raise Refused("primitives/x25519-on-curve")
    if not curve.has_prime_order(curve.from_montgomery(u)):
        raise Refused("primitives/x25519-order")


# Ed25519


def ed25519_public(seed: bytes) -> bytes:
    """The public key of a seed."""
    return bindings.crypto_sign_seed_keypair(seed)[0]


def import_ed25519(key: bytes) -> bytes:
    """S1 a, b: the key itself if signatures may be judged under it."""
    point = curve.decode(key)
    if point is None:
        raise Refused("primitives/ed25519-key-encoding")
    if not curve.has_prime_order(point):
        raise Refused("primitives/ed25519-key-order")
    return key


def sign(seed: bytes, message: bytes) -> bytes:
    """Pure Ed25519; there is no way to hand in a public half."""
    secret = bindings.crypto_sign_seed_keypair(seed)[1]
    return bindings.crypto_sign(message, secret)[:SIGNATURE_BYTES]


def verify(key: bytes, message: bytes, signature: bytes) -> None:
    """S1 c: refuses every signature but the strict ones; `key` is imported.

    The equation is OpenSSL's, which encodes `[S]B - [k]A` and compares it with R:
    no cofactor, and one encoding of R. The range of S and the order of R are not
    left to a library: they differ there, and from release to release.
    """
    if len(signature) != SIGNATURE_BYTES:
        raise Refused("primitives/ed25519-signature")
    r, s = signature[:32], signature[32:]
    # With an imported key R lies in the subgroup of prime order, whose only
    # point of small order is the neutral one.
    if r == _NEUTRAL_ENCODING or int.from_bytes(s, "little") >= curve.L:
        raise Refused("primitives/ed25519-signature")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        raise Refused("primitives/ed25519-signature") from None


# Sealing


def aead_seal(key: bytes, nonce: bytes, plaintext: bytes) -> bytes:
    """Ciphertext and tag, without associated data."""
    return bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, None, nonce, key)


def aead_open(key: bytes, nonce: bytes, sealed: bytes) -> bytes:
    """The plaintext; too short and a wrong tag are one refusal."""
    if len(sealed) < TAG_BYTES:
        raise Refused("primitives/aead")
    try:
        return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, None, nonce, key)
    except CryptoError:
        raise Refused("primitives/aead") from None


# Derivation


def derive(context: str, material: bytes, length: int = KEY_BYTES) -> bytes:
    """BLAKE3 `derive_key`, under a registered context only."""
    if context not in CONTEXTS:
        raise Refused("primitives/context")
    return blake3.blake3(material, derive_key_context=context).digest(length=length)
