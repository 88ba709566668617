"""Which TCP ports are free, and which program uses one that is not."""

import random
import socket
from collections.abc import Container

import psutil

HOST = "127.0.0.1"
# Below the ranges from which Linux and macOS assign ports to outgoing connections: a port stays free between
# two starts of the stack.
PRIVATE_RANGE = range(20000, 32000)


def is_free(port: int) -> bool:
    """Return whether a server could listen on this port of the loopback interface now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_ports(count: int, excluded: Container[int] = ()) -> list[int]:
    """Return `count` free ports, except those given; random ones, so that two stacks rarely collide."""
    candidates = [port for port in random.sample(PRIVATE_RANGE, len(PRIVATE_RANGE)) if port not in excluded]
    free = (port for port in candidates if is_free(port))
    return [next(free) for _ in range(count)]


def holder(port: int) -> str:
    """Return the process that listens on a port, as `nginx (pid 12)`, if this user may know it."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:  # macOS shows other processes' sockets to root only
        return "another program"
    for connection in connections:
        listens = connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,)
        if listens and connection.pid:
            return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return "another program"
