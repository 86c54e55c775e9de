"""Checks the golden vectors against the protocol's text.

    python check.py ../../schema/golden
    python check.py ../../schema/golden --flip

Prints one line for each vector and a closing count. Exits 1 if any vector failed.
A vector that is refused for another reason than reasons.json says has failed too: it would prove
nothing. With --flip the checker is checked: one bit flipped anywhere in what is signed or hashed
must be found.
"""

import json
import sys
from pathlib import Path

import authority
import records
from records import Refusal, require

LEAST_VECTORS = 150
REASONS = json.loads(Path(__file__).with_name("reasons.json").read_text(encoding="utf-8"))
# Kinds whose bytes are all bound by a signature or a hash.
BOUND = ("chain", "genesis", "item", "log", "statement", "write")


class Checker:
    def __init__(self, file):
        self.genesis = records.genesis(bytes.fromhex(file["genesis"]))
        require(self.genesis.network.hex() == file["network"], "network id")

    def genesis_vector(self, vector):
        read = records.genesis(bytes.fromhex(vector["bytes"]))
        require(read.network.hex() == vector["id"], "network id")

    def statement(self, vector):
        statement = records.statement(records.decode(bytes.fromhex(vector["bytes"])))
        statement.verify(statement.record.issuer)
        require(statement.id.hex() == vector["id"], "id")

    def item(self, vector):
        item = records.item(bytes.fromhex(vector["bytes"]))
        if isinstance(item, records.Envelope):
            signed, key = item.header, item.header.record.author
            item.check_content()
        else:
            signed, key = item, item.record.issuer
        require(signed.record.network == self.genesis.network, "another network")
        signed.verify(key)
        require(signed.id.hex() == vector["id"], "id")

    def statements(self, texts):
        return [records.statement(records.decode(bytes.fromhex(text))) for text in texts]

    def chain(self, vector):
        links = self.statements(vector["chain"])
        require(links, "no link")
        require(all(isinstance(one.record, records.Delegation) for one in links), "no delegation")
        known = authority.Authority(self.genesis, links)
        ids = known.chain(links[0].id)
        require(ids == [link.id for link in links], "chain out of order")
        known.check_validity(ids, vector["at_ms"])

    def write(self, vector):
        item = records.item(bytes.fromhex(vector["bytes"]))
        statements = self.statements(vector["chain"] + vector["revocations"])
        item.header.verify(item.header.record.author)
        item.check_content()
        known = authority.Authority(self.genesis, statements)
        known.check_write(item.header.record)

    def log(self, vector):
        logs = authority.Logs(self.genesis.network)
        for text in vector["items"]:
            logs.take(records.item(bytes.fromhex(text)))

    def read(self, vector):
        reader, owner = records.unit(vector["reader"]), records.unit(vector["unit"])
        authority.check_reader(reader, owner, vector["audience"])

    def frame(self, vector):
        records.frame(bytes.fromhex(vector["bytes"]))

    def fingerprint(self, vector):
        ids = [bytes.fromhex(one) for one in vector["ids"]]
        require(records.fingerprint(ids).hex() == vector["sum"], "sum")

    def actor(self, vector):
        document = records.document([vector["unit"], vector["class"], vector["shard"]])
        made = records.actor(bytes.fromhex(vector["key"]), vector["incarnation"], document)
        require(made.hex() == vector["actor"], "actor")

    def check(self, vector):
        """None if the vector is judged as it says, else what is wrong."""
        kinds = {
            "actor": self.actor, "chain": self.chain, "fingerprint": self.fingerprint,
            "frame": self.frame, "genesis": self.genesis_vector, "item": self.item,
            "log": self.log, "read": self.read, "statement": self.statement,
            "write": self.write,
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


def flipped(vector):
    """The vector with one bit flipped, at every byte of every record in it."""
    for field in ("bytes", "chain", "revocations", "items"):
        value = vector.get(field, [])
        texts = [value] if isinstance(value, str) else value
        for index, text in enumerate(texts):
            if text in texts[:index]:  # a duplicate is known by its id, and not read further
                continue
            for at in range(len(text) // 2):
                raw = bytearray.fromhex(text)
                raw[at] ^= 1 << at % 8
                changed = [*texts[:index], raw.hex(), *texts[index + 1 :]]
                yield at, {**vector, field: changed[0] if isinstance(value, str) else changed}


def flip(checker, file):
    """Does the checker find every flipped bit?"""
    found = missed = 0
    for vector in file["vectors"]:
        if vector["refuse"] or vector["kind"] not in BOUND:
            continue
        for at, changed in flipped(vector):
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
