"""A TCP port on the loopback that leads to a Unix socket, for tools that know only TCP."""

import asyncio
import threading


class Forwarder:
    """`with Forwarder(socket) as port:`"""

    def __init__(self, socket):
        self.socket, self.loop = socket, asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        server = asyncio.run_coroutine_threadsafe(asyncio.start_server(self.forward, "127.0.0.1", 0), self.loop)
        return server.result().sockets[0].getsockname()[1]

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    async def forward(self, reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_unix_connection(self.socket)
            await asyncio.gather(self.copy(reader, far_writer), self.copy(far_reader, writer))
        except OSError:
            pass
        finally:
            writer.close()

    @staticmethod
    async def copy(reader, writer):
        try:
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()
