"""Section 9.1: `/yamux/1.0.0`, many streams in one secure channel, for the one who dialled."""

import asyncio
import struct

_DATA, _WINDOW, _PING, _GO_AWAY = range(4)
_SYN, _ACK, _FIN, _RST = 1, 2, 4, 8
_HEAD = struct.Struct(">BBHLL")
WINDOW = 256 * 1024                # what each side may send before it is granted more
MOST_STREAMS = 16                  # section 9.1: more end the connection


class Closed(Exception):
    """The stream or its connection ended."""


class Stream:
    """One stream: `read` and `write` as a channel has them."""

    def __init__(self, muxer, number):
        self._muxer = muxer
        self._number = number
        self._read = bytearray()
        self._window = WINDOW      # what may still be sent
        self._ended = False        # by the other side
        self._changed = asyncio.Condition()

    async def read(self, count):
        """Exactly so many bytes; what is read is granted to the sender again."""
        found = b""
        while len(found) < count:
            async with self._changed:
                await self._changed.wait_for(lambda: self._ended or self._read)
            if not self._read:
                raise Closed("the stream ended")
            some = bytes(self._read[:count - len(found)])
            del self._read[:len(some)]
            found += some
            if not self._ended:
                await self._muxer.send(_WINDOW, 0, self._number, len(some))
        return found

    async def write(self, some):
        while some:
            async with self._changed:
                await self._changed.wait_for(lambda: self._window > 0 or self._ended)
            if self._ended:
                raise Closed("the stream ended")
            piece, some = some[:self._window], some[self._window:]
            self._window -= len(piece)
            await self._muxer.send(_DATA, 0, self._number, len(piece), piece)

    async def close(self):
        await self._muxer.send(_DATA, _FIN, self._number, 0)

    async def take(self, some):
        """Data that came."""
        if len(self._read) + len(some) > WINDOW:
            raise Closed("more than was granted")
        async with self._changed:
            self._read += some
            self._changed.notify_all()

    async def grant(self, count):
        async with self._changed:
            self._window += count
            self._changed.notify_all()

    async def end(self):
        async with self._changed:
            self._ended = True
            self._changed.notify_all()


class Muxer:
    """The streams of a connection; `accept` is called with each that the other side opens."""

    def __init__(self, channel, accept):
        self._channel = channel
        self._accept = accept
        self._streams = {}
        self._next = 1             # who dialled numbers its streams 1, 3, 5, ...
        self._sending = asyncio.Lock()

    async def open(self):
        number, self._next = self._next, self._next + 2
        stream = self._streams[number] = Stream(self, number)
        await self.send(_WINDOW, _SYN, number, 0)
        return stream

    async def send(self, kind, flags, number, length, some=b""):
        async with self._sending:
            await self._channel.write(_HEAD.pack(0, kind, flags, number, length) + some)

    async def run(self):
        """Takes what comes, until the connection ends."""
        try:
            while True:
                version, kind, flags, number, length = _HEAD.unpack(
                    await self._channel.read(_HEAD.size))
                if version != 0 or kind > _GO_AWAY or (kind == _DATA and length > WINDOW):
                    raise Closed("not yamux")
                if kind == _GO_AWAY:
                    return
                if kind == _PING:
                    if flags & _SYN:
                        await self.send(_PING, _ACK, 0, length)
                else:
                    await self._take(kind, flags, number, length)
        finally:
            for stream in self._streams.values():
                await stream.end()
            self._channel.close()

    async def _take(self, kind, flags, number, length):
        some = await self._channel.read(length) if kind == _DATA else b""
        if flags & _SYN:
            if len(self._streams) >= MOST_STREAMS or number in self._streams:
                raise Closed("more streams than may be")
            self._streams[number] = Stream(self, number)
            await self.send(_WINDOW, _ACK, number, 0)
            self._accept(self._streams[number])
        stream = self._streams.get(number)
        if stream is None:         # closed here while this was under way
            return
        if kind == _WINDOW:
            await stream.grant(length)
        elif some:
            await stream.take(some)
        if flags & (_FIN | _RST):
            await stream.end()
            del self._streams[number]
