"""Asks the real kernel. Reads cases from stdin, one JSON object a line, and prints a line for each difference, and a summary.

This process is the host of each case: it runs in a network namespace of its own.
"""

import json
import socket
import struct
import subprocess
import sys

from wire import Peer, checksum, ip, ipv4, is_arp, write

NICS = ["eth0", "eth1"]
# The wait for an answer that must not come. veth answers within the send, so a short wait is enough; a difference is tried again.
SHORT, LONG = 0.004, 0.3
PARAMETERS = {
    "arp_ignore": 0, "arp_announce": 0, "rp_filter": 0, "accept_local": 0, "send_redirects": 1, "arp_filter": 0,
    "route_localnet": 0, "proxy_arp": 0,
}


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
    peer = Peer(NICS)
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
