"""Writes docs/embedded.md to standard output: what each operation takes in flash and stack.

Usage: page.py DIR TOOLCHAIN COMMIT; DIR holds OPERATION-LEVEL.elf and OPERATION-LEVEL.stack.
"""

import datetime
import pathlib
import struct
import sys

OPERATIONS = {
    "keys": "keys: an identity from its seeds, the import of another, a pair key",
    "open": "packet open, with the keys for it",
    "seal": "packet seal, with the keys for it",
    "handshake": "client handshake, with the keys for it: hello, reply",
    "everything": "all of it, and commands, events, headers, invites, safety numbers",
}
LEVELS = ["s", "3"]

PAGE = """\
# On a microcontroller

The crate `sealwire` needs no std, no allocator and no operating system. This page says what it takes
on a Cortex-M4, whose floating-point unit stays unused. It is written by

```text
rustup target add thumbv7em-none-eabi riscv32imac-unknown-none-elf
.ci/bare-metal/run --write
```

which first runs the known answers of the specification under QEMU (board `mps2-an386`), prints each,
and fails unless all are right: keys, shared secret, route keys, hello, reply, a packet sealed, forwarded
and opened. It also builds the crate for RISC-V (`riscv32imac-unknown-none-elf`), without running it.

Measured {date}, commit `{commit}`, {toolchain}.
`sealwire` without `fast`, `blake3` with `pure`; release, link-time optimisation, one codegen unit,
`panic = "abort"`.

| bytes | flash, `opt-level` s | flash, 3 | stack, s | stack, 3 |
|---|--:|--:|--:|--:|
{rows}

* **Flash** is what a program of this operation alone has in its sections, code and constants, beyond a
  program that does nothing. The rows overlap: every operation needs the keys, and curve and hashes
  are shared.
* **Stack** is the deepest point that was reached, beyond a program that does nothing. The buffers of
  the operation lie there too, of 256 bytes at most, those of an invite (about 1,300) in the last row.
* There is no heap, and no static memory that is written.
* Random bytes and time are the device's business: they are arguments.
* That times tell no secret was looked into on x86-64 only ([secrets](secrets.md)); QEMU has no clock to
  ask. The code is the same, but a processor must multiply in constant time: a Cortex-M4 does, the long
  multiplication of a Cortex-M3 does not.
"""


def flash(elf: bytes) -> int:
    """The bytes of all sections that are loaded and not only reserved."""
    (start,) = struct.unpack_from("<I", elf, 0x20)
    size, count = struct.unpack_from("<HH", elf, 0x2E)
    total = 0
    for number in range(count):
        kind, flags = struct.unpack_from("<II", elf, start + number * size + 4)
        (length,) = struct.unpack_from("<I", elf, start + number * size + 20)
        allocated, no_bits = flags & 2, kind == 8
        total += length if allocated and not no_bits else 0
    return total


def main(folder: pathlib.Path, toolchain: str, commit: str) -> None:
    def measure(operation: str) -> list[int]:
        names = [folder / f"{operation}-{level}" for level in LEVELS]
        flashes = [flash(name.with_suffix(".elf").read_bytes()) for name in names]
        return flashes + [int(name.with_suffix(".stack").read_text()) for name in names]

    nothing = measure("nothing")
    rows = []
    for operation, words in OPERATIONS.items():
        beyond = [taken - base for taken, base in zip(measure(operation), nothing, strict=True)]
        rows.append(" | ".join([f"| {words}", *(f"{number:,}" for number in beyond)]) + " |")
    date = datetime.date.today().isoformat()
    print(PAGE.format(date=date, commit=commit, toolchain=toolchain, rows="\n".join(rows)), end="")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3])
