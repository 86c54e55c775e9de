"""What decoding asks of a record: sections 4, 5 and 7, "Well made", and the values' own ranges.

Sizes of lists, signatures and encodings are no part of a case (CASES.md).
"""

import names
from names import (LARGEST_MS, LARGEST_U64, LAST_CLASS, ascending, contains, is_document, is_scope,
                   is_unit, scope_of)
from records import (Address, Adoption, Card, Charter, Delegation, Dissolution, Ending, Endorsement,
                     Envelope, Founding, Genesis, Rotation, Succession, Suspension)

LONGEST_ADDRESS = 2678400000      # 31 days


def _is_ms(*values):
    return all(0 <= value <= LARGEST_MS for value in values)


def _charter(c, commitment):
    """In a charter `next` is not the commitment to `key`."""
    return is_unit(c.unit) and _is_ms(c.at) and c.next != commitment(c.key)


def _rotation(r, commitment):
    """In a rotation `key` is not `reveal`, and `next` is neither's commitment."""
    return (is_unit(r.unit) and _is_ms(r.at) and ascending(r.keeps)
            and r.key != r.reveal
            and r.next not in (commitment(r.key), commitment(r.reveal)))


def _genesis_part(g, commitment):
    """No root is committed to in `next`; the thresholds can be reached."""
    return (ascending(g.roots) and ascending(g.next)
            and 1 <= g.threshold <= len(g.roots)
            and 1 <= g.next_threshold <= len(g.next)
            and not any(commitment(root) in g.next for root in g.roots))


def _genesis(g, commitment):
    return is_unit(g.unit) and _genesis_part(g, commitment)


def _succession(s, commitment):
    """No root is committed to in `next`; `reveal` is no root and not in `next` either."""
    return (_is_ms(s.at) and ascending(s.keeps) and _genesis_part(s, commitment)
            and s.reveal not in s.roots
            and commitment(s.reveal) not in s.next)


def _ranges(classes):
    """Ascending ranges of known classes with at least one class between two of them."""
    if not all(0 <= first <= last <= LAST_CLASS for first, last in classes):
        return False
    return all(second[0] > first[1] + 1 for first, second in zip(classes, classes[1:]))


def _span(s):
    """not_before <= not_after."""
    return (_is_ms(s.not_before, s.not_after) and 0 <= s.serial <= LARGEST_U64
            and s.not_before <= s.not_after)


def _delegation(d):
    """It has GOVERN, WRITE or a bit of `reads`; its ranges are in order."""
    return (is_unit(d.unit) and _span(d) and d.verbs in range(4) and d.reads in range(32)
            and (d.verbs != 0 or d.reads != 0) and _ranges(d.classes))


def _founding(f):
    return is_unit(f.unit) and is_unit(f.below) and _span(f)


def _ending(x):
    return is_unit(x.unit) and _is_ms(x.at) and ascending(x.keeps)


def _adoption(m):
    """It has a mark; all documents lie in `scope` and have `unit` as owner; one for each log."""
    if not (is_unit(m.unit) and _is_ms(m.at) and is_scope(m.scope) and m.marks):
        return False
    if not all(is_document(k.document) and scope_of(k.document) == m.scope
               and k.document.owner == m.unit and 1 <= k.seq <= LARGEST_U64 for k in m.marks):
        return False
    return ascending([k.log for k in m.marks])


def _suspension(s):
    return is_unit(s.unit) and is_unit(s.below) and _is_ms(s.at)


def _dissolution(d):
    """No successor is contained in the dissolved unit."""
    return (is_unit(d.unit) and is_unit(d.below) and _is_ms(d.at)
            and all(is_unit(one) for one in d.successors) and ascending(d.successors)
            and not any(contains(d.below, one) for one in d.successors))


def _card(c):
    return is_unit(c.unit) and _is_ms(c.at) and 0 <= c.serial <= LARGEST_U64


def _address(a):
    """`until` is after `at`, by at most 31 days."""
    return (is_unit(a.unit) and _is_ms(a.at, a.until)
            and a.at < a.until <= a.at + LONGEST_ADDRESS)


def _endorsement(_):
    """Nothing is asked of it."""
    return True


def _envelope(e):
    """seq counts from 1, the backlink is null exactly at 1, dependencies ascend."""
    return (is_document(e.document) and _is_ms(e.at) and 1 <= e.seq <= LARGEST_U64
            and (e.backlink is None) == (e.seq == 1) and ascending(e.dependencies))


_COMMITTING = {Genesis: _genesis, Charter: _charter, Rotation: _rotation, Succession: _succession}
_RULES = {
    Delegation: _delegation,
    Founding: _founding, Ending: _ending, Adoption: _adoption, Suspension: _suspension,
    Dissolution: _dissolution, Card: _card, Address: _address, Endorsement: _endorsement,
    Envelope: _envelope,
}


def is_well_made(record, commitment=names.commitment):
    """Whether decoding takes the record; `commitment` is how its hashes name keys."""
    if type(record) in _COMMITTING:
        return _COMMITTING[type(record)](record, commitment)
    return _RULES[type(record)](record)
