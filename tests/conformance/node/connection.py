"""Section 9.1: a connection of libp2p over TCP, and in it the one stream of a session."""

import asyncio

from node import noise
from node.yamux import Closed, Muxer
from of_bytes.leb import encode_uleb

_MULTISTREAM, _NOISE, _YAMUX = "/multistream/1.0.0", "/noise", "/yamux/1.0.0"
_PING, SESSION = "/ipfs/ping/1.0.0", "/gongzhi/3"
_NOT_SPOKEN = "na"
_LONGEST = 1024


class _Plain:
    """The TCP connection as a channel."""

    def __init__(self, reader, writer):
        self._reader = reader
        self._writer = writer

    async def read(self, count):
        try:
            return await self._reader.readexactly(count)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise Closed("the connection ended") from None

    async def write(self, some):
        try:
            self._writer.write(some)
            await self._writer.drain()
        except ConnectionError:
            raise Closed("the connection ended") from None

    def close(self):
        self._writer.close()


# multistream-select: each message is its length, a text, a line feed

async def _say(channel, text):
    some = text.encode() + b"\n"
    await channel.write(encode_uleb(len(some)) + some)


async def _hear(channel):
    length = shift = 0
    while True:
        octet = (await channel.read(1))[0]
        length |= (octet & 127) << shift
        if octet < 128:
            break
        shift += 7
    if not 0 < length <= _LONGEST:
        raise Closed("not multistream-select")
    return (await channel.read(length))[:-1].decode("utf-8", "replace")


async def _ask_for(channel, protocol):
    """Negotiates a protocol as the one who begins."""
    await _say(channel, _MULTISTREAM)
    await _say(channel, protocol)
    answers = await _hear(channel), await _hear(channel)
    if answers != (_MULTISTREAM, protocol):
        raise Closed("the peer does not speak " + protocol)


async def _answer_for(channel, protocols):
    """Negotiates as the one who is asked; the protocol that was agreed on."""
    if await _hear(channel) != _MULTISTREAM:
        raise Closed("not multistream-select")
    await _say(channel, _MULTISTREAM)
    while True:
        asked = await _hear(channel)
        await _say(channel, asked if asked in protocols else _NOT_SPOKEN)
        if asked in protocols:
            return asked


class Connection:
    """An authenticated connection; `peer` is the key of the node at its other end."""

    def __init__(self, own, peer, channel):
        self.peer = peer
        self.opens = own < peer            # the node with the smaller key opens the stream
        self._muxer = Muxer(channel, self._accept)
        self._opened = asyncio.get_running_loop().create_future()
        self._channel = channel
        self._tasks = [asyncio.create_task(self._run())]

    async def _run(self):
        try:
            await self._muxer.run()
        except (Closed, noise.NoSecureChannel) as error:
            if not self._opened.done():
                self._opened.set_exception(error)
                self._opened.exception()   # whoever waits for it is told; nobody need wait

    def _accept(self, stream):
        self._tasks.append(asyncio.create_task(self._serve(stream)))

    async def _serve(self, stream):
        """A stream that the peer opened: pings, or the session if the peer is the opener."""
        try:
            spoken = (_PING,) if self.opens else (_PING, SESSION)
            if await _answer_for(stream, spoken) == _PING:
                while True:
                    await stream.write(await stream.read(32))
            if self._opened.done():
                await stream.close()
            else:
                self._opened.set_result(stream)
        except Closed:
            pass

    async def session_stream(self):
        """The stream of the session, whoever of the two opens it."""
        if not self.opens:
            return await self._opened
        stream = await self._muxer.open()
        await _ask_for(stream, SESSION)
        return stream

    async def close(self):
        self._channel.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def dial(host, port, secret, own, expected):
    """Connects to the node with the expected key."""
    plain = _Plain(*await asyncio.open_connection(host, port))
    try:
        await _ask_for(plain, _NOISE)
        channel, peer = await noise.dial(plain, secret)
        if peer != expected:
            raise noise.NoSecureChannel("another node answers there")
        await _ask_for(channel, _YAMUX)
    except BaseException:
        plain.close()
        raise
    return Connection(own, peer, channel)
