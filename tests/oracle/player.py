"""Asks the real kernel. Reads cases from stdin, one JSON object a line, and prints a line for each difference, and a summary.

This process is the host of each case: it runs in a network namespace of its own. A second namespace plays everybody else by raw sockets on
the other ends of two veth pairs. No packet leaves these two namespaces.
"""

import ctypes
import json
import os
import select
import socket
import struct
import subprocess
import sys

NICS = ["eth0", "eth1"]
# The wait for an answer that must not come. veth answers within the send, so a short wait is enough; a difference is tried again.
SHORT, LONG = 0.004, 0.3
PARAMETERS = {
    "arp_ignore": 0, "arp_announce": 0, "rp_filter": 0, "accept_local": 0, "send_redirects": 1, "arp_filter": 0,
    "route_localnet": 0, "proxy_arp": 0,
}
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

    def __init__(self):
        nothing = subprocess.DEVNULL
        self.child = subprocess.Popen(["unshare", "-n", "sleep", "3600"], stdin=nothing, stdout=nothing, stderr=nothing)
        while os.readlink(f"/proc/{self.child.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
            pass
        for at, nic in enumerate(NICS):
            ip("link", "add", nic, "type", "veth", "peer", "name", f"p{at}", "netns", str(self.child.pid))
            write(f"net/ipv6/conf/{nic}/disable_ipv6", 1)
            write(f"net/ipv4/neigh/{nic}/proxy_delay", 0)
        self.own = [mac(nic) for nic in NICS]
        with open("/proc/self/ns/net") as home:
            enter(f"/proc/{self.child.pid}/ns/net")
            self.sockets, self.macs = [], []
            for at in range(len(NICS)):
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


def arp(peer, at, source, destination):
    broadcast = b"\xff" * 6
    head = broadcast + peer.macs[at] + b"\x08\x06"
    return head + struct.pack("!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 1, peer.macs[at], source, b"\0" * 6, destination)


def syn(peer, at, source, destination):
    def tcp(check):
        return struct.pack("!HHIIBBHHH", 40000, 80, 1, 0, 0x50, 2, 1024, check, 0)

    pseudo = source + destination + struct.pack("!BBH", 0, 6, 20) + tcp(0)
    return peer.own[at] + peer.macs[at] + b"\x08\x00" + ipv4(source, destination, 6, tcp(checksum(pseudo)))


def datagram(peer, at, source, destination):
    payload = struct.pack("!HHHH", 40000, 9, 8, 0)
    return peer.own[at] + peer.macs[at] + b"\x08\x00" + ipv4(source, destination, 17, payload)


def forget(nic, address):
    """Deletes a neighbour (RTM_DELNEIGH), so that the next packet asks again."""
    index = socket.if_nametoindex(nic)
    body = struct.pack("BxxxiHBB", socket.AF_INET, index, 0, 0, 0) + struct.pack("HH", 8, 1) + address
    message = struct.pack("IHHII", 16 + len(body), 29, 1, 1, 0) + body
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as link:
        link.send(message)


def text(address):
    return socket.inet_ntoa(address)


def probe(peer, one, wait):
    """The reaction of the kernel, in the form of `expected`."""
    at = NICS.index(one["nic"])
    source, destination = socket.inet_aton(one["source"]), socket.inet_aton(one["destination"])
    peer.drain()
    if one["kind"] == "arp":
        peer.sockets[at].send(arp(peer, at, source, destination))
        answers = (frame for _, frame in peer.frames(wait) if is_arp(frame, 2) and frame[28:32] == destination)
        seen = next(answers, None) is not None
        forget(one["nic"], source)
        return seen
    is_syn = one["kind"] == "syn"
    peer.sockets[at].send((syn if is_syn else datagram)(peer, at, source, destination))
    # The reset of a closed port goes back; a datagram goes on.
    ends = destination + source if is_syn else source + destination
    protocol = 6 if is_syn else 17
    asked, seen = {}, None
    for place, frame in peer.frames(wait):
        if is_arp(frame, 1):
            asked[place] = (frame[38:42], frame[28:32])
            peer.answer(place, frame)
        elif frame[12:14] == b"\x08\x00" and frame[23] == protocol and frame[26:34] == ends:
            target, sender = asked.get(place, (b"\0" * 4, b"\0" * 4))
            seen = [NICS[place], text(target), text(sender)]
            break
    for nic in NICS:
        for target in {source, *(target for target, _ in asked.values())}:
            forget(nic, target)
    return seen


def set_up(case):
    lines = [f"address flush dev {nic}" for nic in ["lo", *NICS]]
    lines += ["address add 127.0.0.1/8 dev lo scope host", "route flush table 100"]
    lines += [f"address add {net} dev {nic} scope {scope}" for nic, net, scope in case["addresses"]]
    subprocess.run(["ip", "-force", "-batch", "-"], input="\n".join(lines).encode(), stderr=subprocess.DEVNULL)
    while ip("rule", "delete", "table", "100"):
        pass
    write("net/ipv4/ip_forward", 0)
    for member in ["all", "default", "lo", *NICS]:
        write(f"net/ipv4/conf/{member}/forwarding", 0)
        for parameter, value in PARAMETERS.items():
            write(f"net/ipv4/conf/{member}/{parameter}", value)
    for key, value in case["settings"]:
        write(key, value)
    wrong = []
    for table, net, gateway, nic, expected in case["routes"]:
        if ip("route", "add", net, "via", gateway, "dev", nic, "table", str(table)) != expected:
            wrong.append(f"route {net} via {gateway}: expected {expected}")
    for source, table in case["rules"]:
        ip("rule", "add", "from", source, "table", str(table), "priority", "1000")
    return wrong


def main():
    peer = Peer()
    for nic in ["lo", *NICS]:
        ip("link", "set", nic, "up")
    hosts = probes = 0
    try:
        for line in sys.stdin:
            case = json.loads(line)
            hosts += 1
            for wrong in set_up(case):
                print(f"host {hosts}: {wrong} in {line.strip()}", flush=True)
            for one in case["probes"]:
                probes += 1
                seen = probe(peer, one, SHORT)
                if seen != one["expected"]:
                    seen = probe(peer, one, LONG)
                if seen != one["expected"]:
                    print(f"host {hosts}: {json.dumps(one)} gives {json.dumps(seen)} in {line.strip()}", flush=True)
    finally:
        peer.child.kill()
    print(f"{hosts} hosts, {probes} probes")


main()
