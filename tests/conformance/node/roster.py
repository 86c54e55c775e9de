"""Section 10.7: persons of the roster. The text does not name the fields; these were seen."""

from names import Document
from node.documents import Unreadable
from of_bytes.events import shard

_PERSONS, _KIND, _RULE = 128, "person", "h64"


def names(documents):
    """person -> all its readable names, since of a person's name all values are shown."""
    return {person: fields.get("name", []) for person, fields in people(documents).items()}


def people(documents):
    """person -> field -> texts, opened; an unreadable value hides no other one."""
    found = {}
    for document in documents.all(_PERSONS):
        for person, fields in documents.records(document, _KIND).items():
            subject = bytes.fromhex(person)
            found[person] = {}
            for field, puts in fields.items():
                texts = found[person][field] = []
                for put in puts:
                    try:
                        texts.append(documents.opened(document, _KIND + "/" + person, field,
                                                      subject, put))
                    except Unreadable:
                        pass
    return found


def note(documents, unit, person, text):
    """Puts the note of a person, sealed; the envelope's id."""
    document = Document(unit, _PERSONS, shard(_RULE, person))
    return documents.put_sealed(document, _KIND, bytes.fromhex(person), "note", text)
