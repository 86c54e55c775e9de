"""What a log may hold (schema/PROTOCOL-2.md, 7, steps 1 to 10 of admission).

Written from that text alone; it shares no code with the node.
"""

from encoding import require


class Logs:
    """What a node holds of some documents; takes one envelope after another."""

    def __init__(self, network):
        self.network = network
        self.held = {}

    def take(self, envelope):
        head, id_ = envelope.header.record, envelope.header.id
        require(head.network == self.network, "another network")
        if id_ in self.held:
            return
        if head.backlink is not None:
            self.check_place(head)
        for dependency in head.dependencies:
            known = self.held.get(dependency)
            require(known and known.document == head.document, "dependency missing")
        envelope.check_kind()
        envelope.header.verify(head.author)
        envelope.check_content()
        self.held[id_] = head

    def check_place(self, head):
        """It follows what its backlink names. Another that does so too is a fork, and is held."""
        before = self.held.get(head.backlink)
        require(before, "seq gap")
        follows = before.log() == head.log() and before.seq + 1 == head.seq
        require(follows, "backlink")
        require(head.at >= before.at, "before the author's previous")
