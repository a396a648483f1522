"""Asks the IPVS of the real kernel. Reads tables from stdin, one JSON object a line, and prints a line for each difference, and a summary.

This process is the director of each table: it runs in a network namespace of its own. The peer answers each ARP request with a MAC that holds
the address, so that a frame shows the real server.
"""

import collections
import json
import math
import socket
import struct
import subprocess
import sys

from wire import Peer, checksum, ip, ipv4, is_arp, write

NIC = "eth0"
CONNECTIONS = 60
WAIT = 0.05
PROTOCOLS = {"tcp": 6, "udp": 17}


def mac_of(address):
    return b"\x02\x00" + address


def answer(peer, frame):
    """Answers an ARP request with the MAC of the address."""
    target = frame[38:42]
    head = frame[6:12] + mac_of(target) + b"\x08\x06"
    answered = struct.pack("!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 2, mac_of(target), target, frame[6:12], frame[28:32])
    peer.sockets[0].send(head + answered)


def first_packet(peer, protocol, source, source_port, destination, port):
    """The first packet of a connection: a SYN, or a datagram."""
    if protocol == "udp":
        payload = struct.pack("!HHHH", source_port, port, 8, 0)
    else:
        def tcp(check):
            return struct.pack("!HHIIBBHHH", source_port, port, 1, 0, 0x50, 2, 1024, check, 0)

        pseudo = source + destination + struct.pack("!BBH", 0, 6, 20) + tcp(0)
        payload = tcp(checksum(pseudo))
    packet = ipv4(source, destination, PROTOCOLS[protocol], payload)
    return peer.own[0] + mac_of(source) + b"\x08\x00" + packet


def forwarded(frame, protocol, destination, source_port):
    """The real server of a frame, the port, and the way of forwarding; nothing if the frame is not this connection."""
    if frame[12:14] != b"\x08\x00" or frame[:2] != b"\x02\x00":
        return None
    server, packet, way = frame[2:6], frame[14:], "direct"
    if packet[9] == 4 and packet[16:20] == server:
        packet, way = packet[20:], "tunnel"
    elif packet[16:20] == server:
        way = "masquerade"
    if packet[9] != PROTOCOLS[protocol] or way != "masquerade" and packet[16:20] != destination:
        return None
    seen_source, port = struct.unpack("!HH", packet[20:24])
    return (socket.inet_ntoa(server), port, way) if seen_source == source_port else None


def connect(peer, probe, client, source_port):
    """The real server of one connection."""
    destination = socket.inet_aton(probe["address"])
    peer.drain()
    packet = first_packet(peer, probe["protocol"], client, source_port, destination, probe["port"])
    peer.sockets[0].send(packet)
    for _, frame in peer.frames(WAIT):
        if is_arp(frame, 1):
            answer(peer, frame)
            continue
        seen = forwarded(frame, probe["protocol"], destination, source_port)
        if seen:
            return seen
    return None


def differences(peer, probe, ports):
    """The differences between the kernel and the prediction of a probe."""
    wanted = {(one["address"], one["port"], one["forwarding"]): one["share"] for one in probe["servers"]}
    seen, of_client = collections.Counter(), collections.defaultdict(set)
    # A packet that no real server gets costs the whole wait.
    count = CONNECTIONS if wanted else 4
    for number in range(count):
        client = bytes([10, 2, number % 6, 1 + number % 4])
        server = connect(peer, probe, client, next(ports))
        if server is None:
            continue
        seen[server] += 1
        if probe["prefix"]:
            whole = int.from_bytes(client, "big") >> (32 - probe["prefix"])
            of_client[whole].add(server)
    for server in seen:
        if server not in wanted:
            yield f"{server} is chosen"
    for client, servers in of_client.items():
        if len(servers) > 1:
            yield f"a client of {client} has several servers: {servers}"
    if probe["counted"] and wanted:
        for server, share in wanted.items():
            # Three standard deviations of independent choices, and one for a count that is cut off.
            most = 3 * math.sqrt(count * share * (1 - share)) + 1
            if abs(seen[server] - count * share) > most:
                yield f"{server} has {seen[server]} of {count} connections, and its share is {share}"


def set_up(table):
    subprocess.run(["ipvsadm", "--clear"], check=True)
    subprocess.run(["nft", "flush", "ruleset"], check=True)
    ip("address", "flush", "dev", NIC)
    ip("address", "add", "10.1.255.1/16", "dev", NIC)
    for vip in table["vips"]:
        ip("address", "add", f"{vip}/32", "dev", NIC)
    ip("route", "add", "default", "via", "10.1.255.254", "dev", NIC)
    subprocess.run(["ipvsadm", "--restore"], input=table["rules"].encode(), check=True)
    rules = ["table ip marks {", "chain in {", "type filter hook prerouting priority -150;"]
    for one in table["marks"]:
        port = f"{one['protocol']} dport {one['ports']}" if one["ports"] else f"meta l4proto {one['protocol']}"
        rules.append(f"ip daddr {one['address']} {port} meta mark set {one['mark']};")
    subprocess.run(["nft", "-f", "-"], input="\n".join([*rules, "}", "}", ""]).encode(), check=True)


def main():
    peer = Peer([NIC])
    for nic in ["lo", NIC]:
        ip("link", "set", nic, "up")
    write("net/ipv4/ip_forward", 0)
    for member in ["all", "default", "lo", NIC]:
        write(f"net/ipv4/conf/{member}/rp_filter", 0)
        write(f"net/ipv4/conf/{member}/send_redirects", 0)
    # Each connection has a port of its own: the kernel remembers a connection.
    ports = iter(range(10_000, 65_000))
    tables = probes = 0
    try:
        for line in sys.stdin:
            table = json.loads(line)
            tables += 1
            set_up(table)
            for probe in table["probes"]:
                probes += 1
                for difference in differences(peer, probe, ports):
                    print(f"table {tables}: {difference}: {json.dumps(probe)} in {json.dumps(table['rules'])}", flush=True)
    finally:
        peer.child.kill()
    print(f"{tables} tables, {probes} probes")


main()
