"""CDDL as functions: each takes a decoded value and gives what it stands for, or is Malformed."""

from names import (LARGEST_MS, LARGEST_U64, Document, Scope, ascending, is_document, is_scope,
                   is_unit)
from of_bytes.cbor import Malformed


def number(least, most):
    def check(value):
        if type(value) is not int or not least <= value <= most:
            raise Malformed("number")
        return value
    return check


def octets(least, most=None):
    """A byte string of least to most bytes; of exactly `least` if no most is given."""
    most = least if most is None else most

    def check(value):
        if type(value) is not bytes or not least <= len(value) <= most:
            raise Malformed("bytes")
        return value
    return check


def text(least, most):
    """Text of least to most bytes of UTF-8."""
    def check(value):
        if type(value) is not str or not least <= len(value.encode("utf-8")) <= most:
            raise Malformed("text")
        return value
    return check


def many(shape, least, most, rises=False):
    """A list of least to most elements, strictly ascending where the text says so."""
    def check(value):
        if type(value) is not list or not least <= len(value) <= most:
            raise Malformed("list")
        found = tuple(shape(one) for one in value)
        if rises and not ascending(found):
            raise Malformed("not ascending")
        return found
    return check


def record(*shapes, into=None):
    """An array of fixed length and order; `into` makes something of its fields."""
    def check(value):
        if type(value) is not list or len(value) != len(shapes):
            raise Malformed("fields")
        found = tuple(shape(one) for shape, one in zip(shapes, value))
        return into(*found) if into else found
    return check


def nullable(shape):
    return lambda value: None if value is None else shape(value)


def only(*allowed):
    """One of these values, of the same type."""
    def check(value):
        if not any(type(value) is type(one) and value == one for one in allowed):
            raise Malformed("value")
        return value
    return check


def flag(value):
    if value is not True and value is not False:
        raise Malformed("bool")
    return value


def unit(value):
    if type(value) is not str or not is_unit(value):
        raise Malformed("unit")
    return value


def document(value):
    """[owner: unit, class, shard] of section 2."""
    found = record(unit, number(0, 223), text(1, 125), into=Document)(value)
    if not is_document(found):
        raise Malformed("document")
    return found


def scope(value):
    """[unit, compartment] or [unit, 3, unit]."""
    if type(value) is not list or len(value) not in (2, 3):
        raise Malformed("scope")
    shapes = (unit, number(0, 7)) + (unit,) * (len(value) - 2)
    found = record(*shapes, into=Scope)(value)
    if not is_scope(found):
        raise Malformed("scope")
    return found


hash_ = octets(32)
key = octets(32)
incarnation = octets(16)
ms = number(0, LARGEST_MS)
u64 = number(0, LARGEST_U64)
u8 = number(0, 255)
