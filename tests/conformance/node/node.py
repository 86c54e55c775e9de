"""A node of one unit: what it holds, what it reads and writes, and its sessions."""

import asyncio
from contextlib import asynccontextmanager

from node import connection
from node.documents import Documents
from node.letters import Letters
from node.making import Key
from node.replica import Replica
from node.session import Session

PATIENCE = 30                      # seconds for what a test or a person waits for


class Node:
    """Made from a grant and the secret of the key that it names."""

    def __init__(self, grant, secret):
        self.key = Key(secret)
        if self.key.public != grant.node:
            raise ValueError("the grant is for another key")
        self.unit = grant.unit
        self.replica = Replica(grant, self.key)
        self.documents = Documents(self.replica)
        self.letters = Letters(self.replica, self.documents)

    @asynccontextmanager
    async def connected(self, peer, host, port):
        """A session with the node with this key, once both hold the same of what they share."""
        line = await connection.dial(host, port, self.key.secret, self.key.public, peer)
        running = None
        try:
            stream = await asyncio.wait_for(line.session_stream(), PATIENCE)
            session = Session(self.replica, peer, line.opens, stream)
            running = asyncio.create_task(session.run())
            await self._settled(session, running)
            yield session
        finally:
            await line.close()
            if running is not None:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

    @staticmethod
    async def _settled(session, running):
        waiting = asyncio.create_task(session.settled.wait())
        try:
            await asyncio.wait({waiting, running}, timeout=PATIENCE,
                               return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                raise ConnectionError("the session did not settle: %s" % session.refusal)
        finally:
            waiting.cancel()

    async def until(self, true, patience=PATIENCE):
        """Waits until something is true of what the node holds; what it is."""
        grew = asyncio.Event()
        self.replica.listeners.add(grew.set)
        try:
            async with asyncio.timeout(patience):
                while not (found := true()):
                    grew.clear()
                    await grew.wait()
                return found
        finally:
            self.replica.listeners.discard(grew.set)
