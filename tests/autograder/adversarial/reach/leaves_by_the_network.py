"""Connects elsewhere: other ports, datagrams, MPTCP, other families, fast open, io_uring.

Told: REFUSED
"""

other = ("127.0.0.1", FACTS["port"])
attempt(lambda: socket.create_connection(other))
attempt(lambda: socket.create_connection(("1.1.1.1", 53), timeout=1))
attempt(lambda: socket.socket().sendto(b"x", 0x20000000, other))
attempt(lambda: socket.socket().sendmsg([b"x"], [], 0x20000000, other))
attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", other))
attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262).connect(other))
attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
attempt(lambda: socket.socket(socket.AF_UNIX).connect(FACTS["unix"]))
attempt(lambda: socket.socket(socket.AF_UNIX).connect("\0abstract"))
attempt(lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
attempt(lambda: socket.socket().bind(("127.0.0.1", 0)))
for family in (10, 16, 17, 38, 40):
    attempt(lambda: socket.socket(family, socket.SOCK_RAW))
for number in (425, 426, 427, 435):  # io_uring, clone3
    attempt(lambda: system_call(number, 0, 0, 0))
