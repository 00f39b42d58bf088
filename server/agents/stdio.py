"""The tools over standard input and output, for an agent on the same machine."""

import asyncio

from mcp.server.stdio import stdio_server

from server.agents.tools import make_server
from server.service import Service
from server.settings import ServerSettings


def serve_stdio(settings: ServerSettings) -> None:
    """Answer one agent until it closes standard input.

    Raises ReleaseError when there is no release, and Failure when no worker comes up.
    """
    asyncio.run(_serve(Service.open(settings)))


async def _serve(service: Service) -> None:
    await service.current.start()
    server = make_server(service)
    try:
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())
    finally:
        await service.usage.close()
        await service.current.close()
