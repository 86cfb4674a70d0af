"""The one exception, and the class of every clause.

A refusal names the first clause that was broken and nothing else: no key, no
byte of the input, no cause inside a library.
"""

from __future__ import annotations

# "Refusals by class" at the end of each chapter.
CLAUSES_BY_CLASS = {
    "length": """
        identity/seeds identity/invite-length packet/too-short handshake/too-short
    """,
    "encoding": """
        identity/invite identity/invite-trim identity/invite-url identity/invite-prefix
        identity/invite-encoding identity/invite-utf8 identity/contact-type
    """,
    "key": """
        primitives/x25519-contributory primitives/x25519-high-bit
        primitives/x25519-canonical primitives/x25519-on-curve primitives/x25519-order
        primitives/ed25519-key-encoding primitives/ed25519-key-order identity/id
        identity/zero-id identity/full-key identity/safety-number handshake/client-key
        handshake/signing-key relay/notifier-key relay/notifier-zero
    """,
    "authentic": """
        primitives/ed25519-sign primitives/ed25519-signature primitives/aead packet/layout
        packet/key packet/nonce-fresh packet/nonce-any packet/signed-range packet/signature
        packet/authentic packet/verify-first packet/no-release packet/reflection
        frame/header-to frame/header-from frame/mask frame/verbatim handshake/hello-layout
        handshake/hello-seal handshake/hello-signature handshake/reply-layout
        relay/relay-signed
    """,
    "kind": """
        primitives/context frame/binary frame/relay-header frame/fragments frame/text-ping
        frame/no-compression handshake/binary handshake/hello-command
        handshake/reply-command relay/endpoint relay/status
    """,
    "version": """
        handshake/reply-version
    """,
    "state": """
        frame/order handshake/register-before-ok handshake/one-winner
        handshake/removal-by-session handshake/probe handshake/one-probe
        handshake/early-frames handshake/reply-first handshake/bad-version-stop
        handshake/id-in-use-retry handshake/silence handshake/reconnect
        relay/presence-online relay/presence-offline relay/subscriptions-end
        relay/presence-truth relay/slow-wait relay/slow-isolation relay/none-dropped
        relay/idle-ping relay/life
    """,
    "limit": """
        identity/invite-nickname identity/invite-nickname-read frame/too-long
        frame/before-hello frame/send-limit frame/client-limit frame/relay-limit frame/fragments-limit
        relay/subscribe-limit relay/watchers-limit relay/replies-bounded relay/rate
        relay/sockets-limit relay/sessions-limit
    """,
    "closed": """
        frame/drain-after-1009 frame/websocket handshake/silent-refusal
        handshake/error-then-close handshake/deadline handshake/replay relay/slow-closed
        relay/idle-end relay/drain
    """,
    "dropped": """
        frame/opaque frame/too-short relay/command-authentic relay/unknown-command
        relay/direction relay/subscribe relay/key-list relay/introduce
        relay/introduce-absent relay/introduce-nickname relay/introduce-length
        relay/intro-from relay/wake relay/push-register relay/push-token relay/notifier
    """,
    "error": """
        handshake/version handshake/id-in-use relay/recipient-offline relay/error
        relay/slow-refused
    """,
    "ignored": """
        packet/message-id frame/to-self frame/text-other handshake/hello-trailing
        handshake/control-frames relay/subscribe-bytes relay/unsubscribe relay/notice
        relay/server-ping relay/peer-privilege relay/event-unknown
    """,
}

CLASS_OF = {
    clause: name for name, clauses in CLAUSES_BY_CLASS.items() for clause in clauses.split()
}


class Refused(Exception):
    """Something was refused, by the clause it names."""

    def __init__(self, clause: str) -> None:
        super().__init__(f"refused by [{clause}]")
        self.clause = clause
        self.refusal_class = CLASS_OF[clause]
