"""Checks the golden vectors against the protocol's text.

    python check.py ../../schema/golden-2
    python check.py ../../schema/golden-2 --flip

Prints one line for each vector and a closing count. Exits 1 if any vector failed.
A vector that is refused for another reason than reasons.json says has failed too: it would prove
nothing. With --flip the checker is checked: one bit flipped anywhere in what is signed or hashed
must be found.
"""

import functools
import hashlib
import json
import sys
from pathlib import Path

import encoding
import records
import sessions
import statements
from authority import Authority, check_reader
from encoding import Refusal, require
from logs import Logs

LEAST_VECTORS = 350
REASONS = json.loads(Path(__file__).with_name("reasons.json").read_text(encoding="utf-8"))
# Kinds whose bytes are all bound by a signature or a hash.
BOUND = (
    "chain", "equivocation", "genesis", "item", "log", "statement", "suspended", "write",
)


@functools.cache
def believed(text):
    """A statement whose signature holds. Most vectors share theirs: each is read once."""
    statement = statements.statement(encoding.decode(bytes.fromhex(text)))
    statement.verify(statement.record.issuer)
    return statement


class Checker:
    def __init__(self, file):
        self.genesis = statements.genesis(bytes.fromhex(file["genesis"]))
        require(self.genesis.network.hex() == file["network"], "network id")

    def genesis_vector(self, vector):
        read = statements.genesis(bytes.fromhex(vector["bytes"]))
        require(read.network.hex() == vector["id"], "network id")

    def statement(self, vector):
        require(believed(vector["bytes"]).id.hex() == vector["id"], "id")

    def item(self, vector):
        item = records.item(bytes.fromhex(vector["bytes"]))
        if isinstance(item, records.Envelope):
            signed, key = item.header, item.header.record.author
            item.check_kind()
            item.check_content()
        else:
            signed, key = item, item.record.issuer
        require(signed.record.network == self.genesis.network, "another network")
        signed.verify(key)
        require(signed.id.hex() == vector["id"], "id")

    def known(self, vector, field):
        """What follows from the statements of a vector, and these."""
        said = [believed(text) for text in vector[field]]
        own = vector.get("genesis")
        genesis = statements.genesis(bytes.fromhex(own)) if own else self.genesis
        return Authority(genesis, said), said

    def chain(self, vector):
        known, said = self.known(vector, "chain")
        require(said, "no delegation")
        known.check_all_kept(said)
        known.check_in_force(said[0].id, vector["at_ms"])

    def write(self, vector):
        item = records.item(bytes.fromhex(vector["bytes"]))
        item.header.verify(item.header.record.author)
        item.check_kind()
        item.check_content()
        known, _ = self.known(vector, "statements")
        known.check_write(item.header)

    def suspended(self, vector):
        known, _ = self.known(vector, "statements")
        known.check_counted(encoding.unit(vector["unit"]))

    def equivocation(self, vector):
        records.equivocation(bytes.fromhex(vector["bytes"]))

    def log(self, vector):
        logs = Logs(self.genesis.network)
        for text in vector["items"]:
            logs.take(records.item(bytes.fromhex(text)))

    def read(self, vector):
        reader, owner = encoding.unit(vector["reader"]), encoding.unit(vector["unit"])
        check_reader(reader, owner, vector["audience"])

    def frame(self, vector):
        records.frame(bytes.fromhex(vector["bytes"]))

    def session(self, vector):
        found = sessions.frames(bytes.fromhex(vector["bytes"]))
        hashes = [hashlib.sha256(frame).hexdigest() for frame in found]
        require(hashes == vector["frames"], "other frames")

    def fingerprint(self, vector):
        ids = [bytes.fromhex(one) for one in vector["ids"]]
        require(encoding.fingerprint(ids).hex() == vector["sum"], "sum")

    def actor(self, vector):
        document = encoding.document([vector["unit"], vector["class"], vector["shard"]])
        made = encoding.actor(bytes.fromhex(vector["key"]), vector["incarnation"], document)
        require(made.hex() == vector["actor"], "actor")

    def check(self, vector):
        """None if the vector is judged as it says, else what is wrong."""
        kinds = {
            "actor": self.actor, "chain": self.chain, "equivocation": self.equivocation,
            "fingerprint": self.fingerprint, "frame": self.frame, "genesis": self.genesis_vector,
            "item": self.item, "log": self.log, "read": self.read, "session": self.session,
            "statement": self.statement, "suspended": self.suspended, "write": self.write,
        }
        try:
            kinds[vector["kind"]](vector)
        except Refusal as refusal:
            if not vector["refuse"]:
                return f"refused: {refusal}", refusal
            expected = REASONS.get(vector["name"])
            if str(refusal).split(":")[0] != expected:
                return f"refused: {refusal}, not: {expected}", refusal
            return None, refusal
        except Exception as error:  # a vector the checker cannot read has failed
            return f"checker: {error!r}", None
        return (f"taken, though {vector['refuse']}", None) if vector["refuse"] else (None, None)


def flipped(vector, seen):
    """The vector with one bit flipped, at every byte of every record in it. A record that many
    vectors of a kind share is flipped once for that kind."""
    for field in ("bytes", "chain", "statements", "items"):
        value = vector.get(field, [])
        texts = [value] if isinstance(value, str) else value
        for index, text in enumerate(texts):
            if (vector["kind"], text) in seen:
                continue
            seen.add((vector["kind"], text))
            for at in range(len(text) // 2):
                raw = bytearray.fromhex(text)
                raw[at] ^= 1 << at % 8
                changed = [*texts[:index], raw.hex(), *texts[index + 1 :]]
                yield at, {**vector, field: changed[0] if isinstance(value, str) else changed}


def flip(checker, file):
    """Does the checker find every flipped bit?"""
    found = missed = 0
    seen = set()
    for vector in file["vectors"]:
        if vector["refuse"] or vector["kind"] not in BOUND:
            continue
        for at, changed in flipped(vector, seen):
            wrong, _ = checker.check(changed)
            if wrong and not wrong.startswith("checker"):
                found += 1
            else:
                missed += 1
                print(f"FAIL {vector['name']}: byte {at} flipped: {wrong or 'taken'}")
    print(f"{found} passed, {missed} failed")
    return 1 if missed or not found else 0


def main(folder, *options):
    file = json.loads(Path(folder, "vectors.json").read_text(encoding="utf-8"))
    try:
        checker = Checker(file)
    except Refusal as refusal:
        print(f"FAIL genesis of the file: {refusal}\n0 passed, 1 failed")
        return 1
    if "--flip" in options:
        return flip(checker, file)
    passed = failed = 0
    for vector in file["vectors"]:
        wrong, refusal = checker.check(vector)
        if wrong:
            failed += 1
            print(f"FAIL {vector['name']}: {wrong}")
        else:
            passed += 1
            print(f"ok   {vector['name']}" + (f" (refused: {refusal})" if refusal else ""))
    if passed + failed < LEAST_VECTORS:
        failed += 1
        print(f"FAIL only {passed} vectors in the file")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
