//! systemd.network(5).

use super::ini::{IniEntry, entries, leave};
use crate::facts::{Fact, InterfaceRef, Reading, RestKind, Span};

/// The known keys of each section, from systemd.network(5) of version 257.
const KEYS: &[(&str, &[&str])] = &[
    (
        "Match",
        &[
            "Name",
            "MACAddress",
            "PermanentMACAddress",
            "Path",
            "Driver",
            "Type",
            "Kind",
            "Property",
            "WLANInterfaceType",
            "SSID",
            "BSSID",
            "Host",
            "Virtualization",
            "KernelCommandLine",
            "KernelVersion",
            "Credential",
            "Architecture",
            "Firmware",
        ],
    ),
    (
        "Link",
        &[
            "MACAddress",
            "MTUBytes",
            "ARP",
            "Multicast",
            "AllMulticast",
            "Promiscuous",
            "Unmanaged",
            "Group",
            "RequiredForOnline",
            "RequiredFamilyForOnline",
            "ActivationPolicy",
        ],
    ),
    (
        "Network",
        &[
            "Description",
            "DHCP",
            "DHCPServer",
            "LinkLocalAddressing",
            "IPv6LinkLocalAddressGenerationMode",
            "IPv6StableSecretAddress",
            "IPv4LLStartAddress",
            "IPv4LLRoute",
            "DefaultRouteOnDevice",
            "LLMNR",
            "MulticastDNS",
            "DNSOverTLS",
            "DNSSEC",
            "DNSSECNegativeTrustAnchors",
            "LLDP",
            "EmitLLDP",
            "BindCarrier",
            "Address",
            "Gateway",
            "DNS",
            "UseDomains",
            "Domains",
            "DNSDefaultRoute",
            "NTP",
            "IPForward",
            "IPv4Forwarding",
            "IPv6Forwarding",
            "IPMasquerade",
            "IPv6PrivacyExtensions",
            "IPv6AcceptRA",
            "IPv6DuplicateAddressDetection",
            "IPv6HopLimit",
            "IPv4AcceptLocal",
            "IPv4RouteLocalnet",
            "IPv4ProxyARP",
            "IPv4ReversePathFilter",
            "IPv6ProxyNDP",
            "IPv6ProxyNDPAddress",
            "IPv6SendRA",
            "DHCPPrefixDelegation",
            "IPv6MTUBytes",
            "KeepMaster",
            "Bridge",
            "Bond",
            "VRF",
            "VXLAN",
            "MACsec",
            "Xfrm",
            "IPoIB",
            "IPVTAP",
            "L2TP",
            "BatmanAdvanced",
            "MPLSRouting",
            "VLAN",
            "IPVLAN",
            "MACVLAN",
            "MACVTAP",
            "Tunnel",
            "ActiveSlave",
            "PrimarySlave",
            "ConfigureWithoutCarrier",
            "IgnoreCarrierLoss",
            "KeepConfiguration",
        ],
    ),
    (
        "Address",
        &[
            "Address",
            "Peer",
            "Broadcast",
            "Label",
            "PreferredLifetime",
            "Scope",
            "RouteMetric",
            "HomeAddress",
            "DuplicateAddressDetection",
            "ManageTemporaryAddress",
            "AddPrefixRoute",
            "AutoJoin",
            "NetLabel",
            "NFTSet",
        ],
    ),
    (
        "Route",
        &[
            "Gateway",
            "GatewayOnLink",
            "Destination",
            "Source",
            "Metric",
            "IPv6Preference",
            "Scope",
            "PreferredSource",
            "Table",
            "HopLimit",
            "Protocol",
            "Type",
            "InitialCongestionWindow",
            "InitialAdvertisedReceiveWindow",
            "QuickAck",
            "FastOpenNoCookie",
            "MTUBytes",
            "TCPAdvertisedMaximumSegmentSize",
            "TCPCongestionControlAlgorithm",
            "TCPRetransmissionTimeoutSec",
            "MultiPathRoute",
            "TTLPropagate",
            "NextHop",
        ],
    ),
];

/// The other sections of the manual page. lvsgen reads none of their keys.
const OTHERS: &[&str] = &[
    "BFIFO",
    "BandMultiQueueing",
    "Bridge",
    "BridgeFDB",
    "BridgeMDB",
    "BridgeVLAN",
    "CAKE",
    "CAN",
    "ClassfulMultiQueueing",
    "ControlledDelay",
    "DHCPPrefixDelegation",
    "DHCPServer",
    "DHCPServerStaticLease",
    "DHCPv4",
    "DHCPv6",
    "DeficitRoundRobinScheduler",
    "DeficitRoundRobinSchedulerClass",
    "EnhancedTransmissionSelection",
    "FairQueueing",
    "FairQueueingControlledDelay",
    "FlowQueuePIE",
    "GenericRandomEarlyDetection",
    "HeavyHitterFilter",
    "HierarchyTokenBucket",
    "HierarchyTokenBucketClass",
    "IPoIB",
    "IPv6AcceptRA",
    "IPv6AddressLabel",
    "IPv6PREF64Prefix",
    "IPv6Prefix",
    "IPv6RoutePrefix",
    "IPv6SendRA",
    "LLDP",
    "MobileNetwork",
    "Neighbor",
    "NetworkEmulator",
    "NextHop",
    "PFIFO",
    "PFIFOFast",
    "PFIFOHeadDrop",
    "PIE",
    "QDisc",
    "QuickFairQueueing",
    "QuickFairQueueingClass",
    "RoutingPolicyRule",
    "SR-IOV",
    "StochasticFairBlue",
    "StochasticFairnessQueueing",
    "TokenBucketFilter",
    "TrivialLinkEqualizer",
];

/// Keys that change neither addresses nor routes.
const UNUSED: [&str; 7] = [
    "DNS",
    "Description",
    "DuplicateAddressDetection",
    "Label",
    "Name",
    "PreferredLifetime",
    "Scope",
];

/// Reads addresses and default routes of the interface that `[Match]` names.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let entries = entries(text, &mut reading);
    read_entries(&entries, None, reading)
}

/// Reads a drop-in `MAIN.network.d/NAME.conf`: addresses and default routes of the interface of `MAIN.network`.
pub fn read_drop_in(path: &str, text: &str) -> Reading {
    let folder = path.rsplit('/').nth(1).and_then(|folder| folder.strip_suffix(".d"));
    let main = InterfaceRef::NetworkFile(folder.unwrap_or_default().to_owned());
    let mut reading = Reading::default();
    let mut entries = entries(text, &mut reading);
    entries.retain(|entry| {
        if entry.section == "Match" {
            let reason = "`[Match]` of a drop-in does not change the interfaces of the main file";
            reading.leave(RestKind::Unknown, entry.span(), reason);
        }
        entry.section != "Match"
    });
    read_entries(&entries, Some(&main), reading)
}

/// Reads the entries. `main`: the interface of the main file, if this is a drop-in.
fn read_entries(
    entries: &[IniEntry<'_>],
    main: Option<&InterfaceRef>,
    mut reading: Reading,
) -> Reading {
    let is_name = |entry: &&IniEntry<'_>| entry.section == "Match" && entry.key == "Name";
    let name =
        // If `Name=` is a list of names, the interface of the file's addresses is unknown.
        entries.iter().find(is_name).filter(|name| !name.value.contains(char::is_whitespace));
    let mut interface: Vec<Span> = name.iter().map(|name| name.span()).collect();
    for entry in entries.iter().filter(|entry| Some(entry.span()) != name.map(IniEntry::span)) {
        let named = name.map(|name| InterfaceRef::name(name.value));
        let Some(fact) = fact(entry, entries, main.or(named.as_ref())) else {
            if OTHERS.contains(&entry.section) {
                let reason = "lvsgen does not read this section";
                reading.leave(RestKind::Lost, entry.span(), reason);
            } else {
                leave(entry, KEYS, &UNUSED, &mut reading);
            }
            continue;
        };
        match fact {
            Ok(fact) => reading.fact_on(fact, vec![entry.span()], &mut interface),
            Err(reason) => reading.leave(RestKind::Refused, entry.span(), reason),
        }
    }
    reading.leave_interface(interface);
    reading
}

/// The fact of an entry; none if the entry sets neither an address nor a default route.
fn fact(
    entry: &IniEntry<'_>,
    entries: &[IniEntry<'_>],
    interface: Option<&InterfaceRef>,
) -> Option<Result<Fact, &'static str>> {
    let gateway = || match entry.value.parse() {
        Ok(gateway) => Ok(Fact::DefaultRoute { gateway }),
        Err(_) => Err("the gateway is not valid"),
    };
    match (entry.section, entry.key, interface) {
        ("Network" | "Address", "Address", None) => {
            Some(Err("the file does not name exactly one interface"))
        }
        ("Network" | "Address", "Address", Some(interface)) => Some(match entry.value.parse() {
            Ok(net) => Ok(Fact::Address { interface: interface.clone(), net }),
            Err(_) => Err("an address needs a prefix length, such as `192.0.2.1/24`"),
        }),
        ("Network", "Gateway", _) => Some(gateway()),
        // A route without a destination is the default route (systemd.network(5), `Destination=`).
        ("Route", "Gateway", _) if !has_destination(entries, entry) => Some(gateway()),
        _ => None,
    }
}

/// Whether the section of a gateway has a destination other than `0.0.0.0/0` and `::/0`. A section with
/// another destination does not set the default route.
fn has_destination(entries: &[IniEntry<'_>], gateway: &IniEntry<'_>) -> bool {
    entries.iter().any(|entry| {
        entry.section_number == gateway.section_number
            && entry.key == "Destination"
            && !matches!(entry.value, "0.0.0.0/0" | "::/0")
    })
}
