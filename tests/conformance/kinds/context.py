"""What all vectors of a file have in common."""

from hashlib import sha256

from of_bytes import statements


class Context:
    """The genesis of the vectors' network, and the ids that reconciliations are told of."""

    def __init__(self, found):
        self.genesis = statements.genesis(bytes.fromhex(found["genesis"]))

    @staticmethod
    def ids(ranges):
        """The ids with numbers from the first up to, and not with, the second."""
        return [sha256(b"golden item" + n.to_bytes(8, "big")).digest()
                for first, end in ranges for n in range(first, end)]
