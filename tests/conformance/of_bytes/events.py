"""Sections 10.2, 10.3: names, shards, scalars of records; events."""

import calendar
import re
from datetime import datetime, timedelta, timezone
from hashlib import sha256

from names import ascending
from of_bytes.cbor import Malformed, encode, read
from of_bytes.shape import many, octets, record, text

_ULID = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LONGEST_VALUE = 4140


def name_of(kind, parts):
    """The name of what two nodes may begin apart: n and 32 digits."""
    digest = sha256(b"gongzhi/name/3" + encode([kind, list(parts)])).hexdigest()
    return "n" + digest[:32]


def hashed_shard(number, id_):
    """`hN`: the letter h and the first byte of SHA-256(id) modulo N."""
    return "h%02x" % (sha256(id_.encode()).digest()[0] % number)


def shard(rule, id_):
    """The shard of an entity by the rule of its class: one, hN, m, q or y."""
    if rule == "one":
        return rule
    if rule[0] == "h":
        return hashed_shard(int(rule[1:]), id_)
    number = 0
    for letter in id_[:10]:
        number = number * 32 + _ULID.index(letter)
    when = datetime.fromtimestamp(0, timezone.utc) + timedelta(milliseconds=number, hours=8)
    return {"m": "%04d-%02d" % (when.year, when.month),
            "q": "%04d-q%d" % (when.year, (when.month + 2) // 3), "y": "%04d" % when.year}[rule]


def value(some):
    """null / bool / int / text / bytes of an event's or a letter's body."""
    if some is None or type(some) in (bool, int):
        return some
    if type(some) is str:
        return text(0, 4096)(some)
    return octets(0, LONGEST_VALUE)(some)


def _body(some):
    """[*32 [field, value]], ascending; fields differ, so values need not be compared."""
    found = many(record(text(1, 32), value), 0, 32)(some)
    if not ascending([field for field, _ in found]):
        raise Malformed("body not ascending")
    return found


body = _body
_by = record(octets(0, 16), octets(0, 16))
_event = record(text(1, 32), text(10, 10), _by, many(octets(16), 0, 16, rises=True),
                octets(0, 32), body)


def event(data):
    """kind, day, by, causes, rules, body."""
    return _event(read(data))


def is_ulid(some):
    """26 characters of Crockford's alphabet, upper case; 128 bits."""
    return (len(some) == 26 and all(c in _ULID for c in some) and some[0] <= "7")


def is_day(some):
    """`YYYY-MM-DD`, a day of the Gregorian calendar."""
    match = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", some)
    if not match:
        return False
    year, month, day = map(int, match.groups())
    return year >= 1 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]
