"""Ed25519 as RFC 8032 has it, in plain numbers: no library that our programs use.

In:    keys, messages and signatures as bytes.
Out:   public keys, signatures, whether one is right.
Never: for real secrets: its time tells them.
"""
import hashlib

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(left, right):
    a = (left[1] - left[0]) * (right[1] - right[0]) % P
    b = (left[1] + left[0]) * (right[1] + right[0]) % P
    c = 2 * left[3] * right[3] * D % P
    d = 2 * left[2] * right[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(number, point):
    result = (0, 1, 1, 0)
    while number > 0:
        if number & 1:
            result = add(result, point)
        point = add(point, point)
        number >>= 1
    return result


def recover_x(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * ROOT % P
    if (x * x - square) % P != 0:
        return None
    return P - x if x & 1 != sign else x


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def compress(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | ((x & 1) << 255)).to_bytes(32, "little")


def decompress(text):
    number = int.from_bytes(text, "little")
    y = number & ((1 << 255) - 1)
    x = recover_x(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % P)


def expand(secret):
    digest = hashlib.sha512(secret).digest()
    number = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | (1 << 254)
    return number, digest[32:]


def hash_number(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % ORDER


def public_key(secret):
    return compress(multiply(expand(secret)[0], BASE))


def sign(secret, message):
    number, prefix = expand(secret)
    public = compress(multiply(number, BASE))
    once = hash_number(prefix, message)
    commitment = compress(multiply(once, BASE))
    rest = (once + hash_number(commitment, public, message) * number) % ORDER
    return commitment + rest.to_bytes(32, "little")


RIGHT = set()  # what was found to be right once: the files of a test share most of their signatures


def verify(public, message, signature):
    """Whether the signature is right."""
    if (public, message, signature) not in RIGHT and is_right(public, message, signature):
        RIGHT.add((public, message, signature))
    return (public, message, signature) in RIGHT


def is_right(public, message, signature):
    if len(public) != 32 or len(signature) != 64:
        return False
    key, commitment = decompress(public), decompress(signature[:32])
    rest = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or rest >= ORDER:
        return False
    left = multiply(rest, BASE)
    right = add(commitment, multiply(hash_number(signature[:32], public, message), key))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and \
        (left[1] * right[2] - right[1] * left[2]) % P == 0
