"""Whose packets are read: the contacts, and what is remembered of each."""

from __future__ import annotations

from collections import OrderedDict

from . import packet
from .identity import PublicIdentity
from .primitives import ID_BYTES

REMEMBERED_UUIDS = 4_096


class Contact:
    """A pinned identity, the pair key with it, and the last texts it wrote."""

    def __init__(self, identity: PublicIdentity, pair_key: bytes) -> None:
        self.identity = identity
        self.pair_key = pair_key
        self._uuids: OrderedDict[bytes, None] = OrderedDict()

    def is_new(self, uuid: bytes) -> bool:
        """Whether a text under this uuid comes for the first time; remembers it."""
        new = uuid not in self._uuids
        self._uuids[uuid] = None
        self._uuids.move_to_end(uuid)
        if len(self._uuids) > REMEMBERED_UUIDS:
            self._uuids.popitem(last=False)
        return new


class Contacts:
    """The contacts, found by id, by X25519 key or by both keys.

    An id may belong to several contacts: 64 bits name nobody for certain. A
    frame from such an id is judged under each one's own keys, and opens as a
    packet of that one alone ([identity/full-key]).
    """

    def __init__(self, own_x25519_seed: bytes) -> None:
        self._own_x25519_seed = own_x25519_seed
        self._by_id: dict[bytes, list[Contact]] = {}

    def add(self, identity: PublicIdentity) -> None:
        """Makes the identity a contact, if it is none yet."""
        if identity not in self:
            key = packet.pair_key(self._own_x25519_seed, identity.x25519)
            self._by_id.setdefault(identity.id, []).append(Contact(identity, key))

    def with_id(self, id_: bytes) -> list[Contact]:
        """Those whose packets may come from this id."""
        return self._by_id.get(id_, [])

    def with_key(self, x25519: bytes) -> Contact | None:
        """The contact that a user names by its X25519 key; the latest, if several."""
        found = [c for c in self.with_id(x25519[:ID_BYTES]) if c.identity.x25519 == x25519]
        return found[-1] if found else None

    def __contains__(self, identity: PublicIdentity) -> bool:
        return any(contact.identity == identity for contact in self.with_id(identity.id))
