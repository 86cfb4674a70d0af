"""The group of Curve25519 in plain integers, for the import of public keys.

Variable time, and only ever used on public keys.
"""

from __future__ import annotations

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
A = 486662
D = -121665 * pow(121666, -1, P) % P
SQRT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)

# Extended coordinates of RFC 8032, section 5.1.4: x = X/Z, y = Y/Z, T = XY/Z.
Point = tuple[int, int, int, int]
NEUTRAL: Point = (0, 1, 1, 0)


def add(p: Point, q: Point) -> Point:
    """The sum of two points; complete, so it doubles as well."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(p: Point) -> Point:
    """`add(p, p)`, with fewer multiplications."""
    a = p[0] * p[0] % P
    b = p[1] * p[1] % P
    h = a + b
    e = h - (p[0] + p[1]) ** 2
    g = a - b
    f = 2 * p[2] * p[2] + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar: int, point: Point) -> Point:
    """`[scalar]point`, the scalar taken as it is: neither clamped nor reduced."""
    result = NEUTRAL
    for bit in bin(scalar)[2:]:
        result = double(result)
        if bit == "1":
            result = add(result, point)
    return result


def is_neutral(point: Point) -> bool:
    """Whether the point is (0, 1)."""
    return point[0] == 0 and (point[1] - point[2]) % P == 0


def has_prime_order(point: Point) -> bool:
    """Whether the point generates the subgroup of order `L`."""
    return not is_neutral(point) and is_neutral(multiply(L, point))


def x_of(y: int) -> int | None:
    """One of the two x that belong to y on the Edwards curve, or None."""
    numerator = (y * y - 1) % P
    denominator = (D * y * y + 1) % P
    # The candidate root of a fraction without an inversion: RFC 8032, 5.1.3.
    x = numerator * denominator**3 * pow(numerator * denominator**7, (P - 5) // 8, P) % P
    square = denominator * x * x % P
    if square == numerator:
        return x
    if square == -numerator % P:
        return x * SQRT_OF_MINUS_ONE % P
    return None


def affine(x: int, y: int) -> Point:
    """The point (x, y)."""
    return x, y, 1, x * y % P


def decode(encoded: bytes) -> Point | None:
    """The point of a canonical Edwards encoding, or None for any other bytes."""
    if len(encoded) != 32:
        return None
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number % 2**255
    if y >= P:
        return None
    x = x_of(y)
    if x is None or (x == 0 and sign):
        return None
    return affine(P - x if x % 2 != sign else x, y)


def on_montgomery_curve(u: int) -> bool:
    """Whether u belongs to the curve of X25519 and not to its twist."""
    w = (u**3 + A * u * u + u) % P
    return pow(w, (P - 1) // 2, P) != P - 1


def from_montgomery(u: int) -> Point:
    """A point of the Edwards curve for a u of the curve: either of the two.

    Their orders are the same, and order is all that is asked of them here.
    """
    y = (u - 1) * pow(u + 1, -1, P) % P
    x = x_of(y)
    if x is None:
        raise ValueError("u is not on the curve")
    return affine(x, y)
