"""One node for one task, by hand:

    python -m node key FILE                             makes a key; prints its public half
    python -m node TASK --key FILE --grant FILE --peer KEY@HOST:PORT

Tasks: `roster` prints the persons; `note PERSON TEXT` writes a note; `card NAME` lets others
write to the unit (it needs a grant that governs); `letter UNIT TEXT` writes to another unit;
`letters` prints what came, and acknowledges it. Run in `tests/conformance`.
"""

import argparse
import asyncio
import os
import secrets

from node import files, roster
from node.making import Key
from node.node import Node


def _make_key(path):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        secret = secrets.token_bytes(32)
        file.write(secret)
    print(Key(secret).public.hex())


async def _roster(node, session):
    for person, fields in sorted(roster.people(node.documents).items()):
        print(person, " ".join("%s=%s" % (field, "/".join(texts))
                               for field, texts in fields.items()))


async def _note(node, session, person, text):
    roster.note(node.documents, node.unit, person, text)
    await session.has_sent()


async def _card(node, session, name):
    serial = 1 + node.letters.greatest_serial()
    node.letters.make_card(name, serial)
    await session.has_sent()


async def _letter(node, session, unit, text):
    node.replica.correspond(unit)
    await node.until(lambda: node.letters.card_of(unit))
    print(node.letters.send(unit, "note", [("text", text)]).hex())
    await session.has_sent()


async def _letters(node, session):
    for id_, message in node.letters.received().items():
        print(id_.hex()[:8], message and "%s %s %s" % (message.sender, message.kind,
                                                       dict(message.body)))
    node.letters.acknowledge()
    await session.has_sent()


_TASKS = {"roster": (_roster, ()), "note": (_note, ("person", "text")),
          "card": (_card, ("name",)), "letter": (_letter, ("unit", "text")),
          "letters": (_letters, ())}


def _arguments():
    parser = argparse.ArgumentParser(prog="node", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    tasks = parser.add_subparsers(dest="task", required=True)
    tasks.add_parser("key").add_argument("file")
    for name, (_, arguments) in _TASKS.items():
        task = tasks.add_parser(name)
        for argument in arguments:
            task.add_argument(argument)
        for option in ("--key", "--grant", "--peer"):
            task.add_argument(option, required=True)
    return parser.parse_args()


async def _do(arguments):
    with open(arguments.key, "rb") as file:
        node = Node(files.grant(arguments.grant), file.read())
    key, address = arguments.peer.split("@")
    host, port = address.rsplit(":", 1)
    task, names = _TASKS[arguments.task]
    async with node.connected(bytes.fromhex(key), host, int(port)) as session:
        await task(node, session, *(getattr(arguments, name) for name in names))


def main():
    arguments = _arguments()
    if arguments.task == "key":
        _make_key(arguments.file)
    else:
        asyncio.run(_do(arguments))


if __name__ == "__main__":
    main()
