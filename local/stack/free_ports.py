"""Finding out which TCP ports are free, and who holds one that is not."""

import random
import socket
from collections.abc import Container

import psutil

HOST = "127.0.0.1"
# Below the ranges from which Linux and macOS hand out ports to outgoing connections, so that a port
# stays free between two starts of the stack.
INTERNAL_PORTS = range(20000, 32000)


def is_free(port: int) -> bool:
    """Say whether a server could listen on this port of the loopback interface now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_ports(count: int, but: Container[int] = ()) -> list[int]:
    """Pick `count` different free ports but certain ones, at random: two stacks that start rarely meet."""
    candidates = [port for port in random.sample(INTERNAL_PORTS, len(INTERNAL_PORTS)) if port not in but]
    free = (port for port in candidates if is_free(port))
    return [next(free) for _ in range(count)]


def holder(port: int) -> str:
    """Name the process that listens on a port, as far as this user may know: `nginx (pid 12)`."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:  # macOS shows other processes' sockets to root only
        return "another program"
    for connection in connections:
        listens = connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,)
        if listens and connection.pid:
            return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return "another program"
