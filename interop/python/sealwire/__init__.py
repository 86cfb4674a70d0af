"""Sealwire, wire version 2, written from its specification.

The modules are the chapters: `primitives`, `identity`, `packet`, `frame`,
`handshake` and `relay`. `refusals` holds the one exception that all of them
raise, `curve` the arithmetic behind the import of keys.

Nothing here works in place: every function takes `bytes` and returns new ones,
so a refusal has handed out nothing and changed nothing ([packet/no-release]).
Python can neither erase a `bytes` object nor promise constant time for its own
operations; secrets are therefore touched by the libraries alone, and the
arithmetic of `curve` sees public keys only.
"""

WIRE_VERSION = 2
