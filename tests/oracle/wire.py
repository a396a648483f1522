"""Two network namespaces, joined by veth pairs: the host of this process, and a peer that plays everybody else by raw sockets.

No packet leaves these two namespaces.
"""

import ctypes
import os
import select
import socket
import struct
import subprocess

libc = ctypes.CDLL(None, use_errno=True)


def ip(*words, **options):
    return subprocess.run(["ip", *words], stderr=subprocess.DEVNULL, **options).returncode == 0


def write(key, value):
    with open("/proc/sys/" + key, "w") as file:
        file.write(str(value))


def enter(path):
    with open(path) as file:
        if libc.setns(file.fileno(), 0x40000000) != 0:
            raise OSError(ctypes.get_errno(), "setns")


def mac(nic):
    # /sys shows the namespace in which it was mounted.
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as one:
        one.bind((nic, 0))
        return one.getsockname()[4]


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(source, destination, protocol, payload):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, 0, 64, protocol, 0, source, destination)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


class Peer:
    """Everybody else: a raw socket on the other end of each NIC."""

    def __init__(self, nics):
        nothing = subprocess.DEVNULL
        self.child = subprocess.Popen(["unshare", "-n", "sleep", "3600"], stdin=nothing, stdout=nothing, stderr=nothing)
        while os.readlink(f"/proc/{self.child.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
            pass
        for at, nic in enumerate(nics):
            ip("link", "add", nic, "type", "veth", "peer", "name", f"p{at}", "netns", str(self.child.pid))
            write(f"net/ipv6/conf/{nic}/disable_ipv6", 1)
            write(f"net/ipv4/neigh/{nic}/proxy_delay", 0)
        self.own = [mac(nic) for nic in nics]
        with open("/proc/self/ns/net") as home:
            enter(f"/proc/{self.child.pid}/ns/net")
            self.sockets, self.macs = [], []
            for at in range(len(nics)):
                write(f"net/ipv6/conf/p{at}/disable_ipv6", 1)
                ip("link", "set", f"p{at}", "up")
                one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
                one.bind((f"p{at}", 0))
                one.setblocking(False)
                self.sockets.append(one)
                self.macs.append(one.getsockname()[4])
            if libc.setns(home.fileno(), 0x40000000) != 0:
                raise OSError(ctypes.get_errno(), "setns")

    def drain(self):
        for one in self.sockets:
            while True:
                try:
                    one.recv(2048)
                except BlockingIOError:
                    break

    def frames(self, wait):
        """The frames of the host until no frame comes for a while, each with the position of its NIC."""
        while True:
            ready, _, _ = select.select(self.sockets, [], [], wait)
            if not ready:
                return
            for one in ready:
                try:
                    frame, place = one.recvfrom(2048)
                except BlockingIOError:
                    continue
                if place[2] != socket.PACKET_OUTGOING:
                    yield self.sockets.index(one), frame

    def answer(self, at, frame):
        """Answers an ARP request: every address is here."""
        target, sender = frame[38:42], frame[28:32]
        head = frame[6:12] + self.macs[at] + b"\x08\x06"
        self.sockets[at].send(head + struct.pack("!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 2, self.macs[at], target, frame[6:12], sender))


def is_arp(frame, operation):
    return frame[12:14] == b"\x08\x06" and struct.unpack("!H", frame[20:22])[0] == operation
