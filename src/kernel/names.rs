//! The names of the kernel's network parameters.
//!
//! Takes the key of a parameter; gives the fault of the key, if the kernel has no such parameter.

use std::ops::RangeInclusive;

use crate::diagnostic::did_you_mean;

/// The fault of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyFault {
    /// No kernel has the parameter. The text suggests a name.
    Misspelt(String),
    /// A version of the kernel removed the parameter.
    Removed {
        /// The version.
        version: &'static str,
        /// The reason, or the parameter in its place, as a clause.
        why: &'static str,
    },
}

/// The fault of a key in slashed form. A name that no table has is a fault only if it is similar to a name of a table:
/// distributions have parameters of their own.
pub fn fault(key: &str) -> Option<KeyFault> {
    if let Some((_, version, why)) = REMOVED.iter().find(|(removed, ..)| *removed == key) {
        return Some(KeyFault::Removed { version, why });
    }
    let (table, name) = table(key)?;
    if name.contains(['*', '?', '[']) || table.contains(&name) {
        return None;
    }
    did_you_mean(name, table.iter().copied()).map(KeyFault::Misspelt)
}

/// The values that the kernel accepts for a parameter in slashed form, if it refuses others.
pub fn range(key: &str) -> Option<RangeInclusive<i64>> {
    let (_, low, high) = RANGES.iter().find(|(name, ..)| *name == key)?;
    Some(*low..=*high)
}

/// The ranges of parameters that the kernel checks (`net/ipv4/sysctl_net_ipv4.c`, `net/core/sysctl_net_core.c`,
/// `net/netfilter/ipvs/ip_vs_ctl.c`).
const RANGES: [(&str, i64, i64); 22] = [
    ("net/core/somaxconn", 0, 2_147_483_647),
    ("net/core/rmem_max", 2048, 2_147_483_647),
    ("net/core/wmem_max", 4096, 2_147_483_647),
    ("net/ipv4/ip_forward", 0, 1),
    ("net/ipv4/tcp_adv_win_scale", -31, 31),
    ("net/ipv4/tcp_ecn", 0, 5),
    ("net/ipv4/tcp_mtu_probing", 0, 255),
    ("net/ipv4/tcp_retries1", 0, 255),
    ("net/ipv4/tcp_retries2", 0, 255),
    ("net/ipv4/tcp_syn_retries", 1, 127),
    ("net/ipv4/tcp_synack_retries", 0, 255),
    ("net/ipv4/tcp_syncookies", 0, 255),
    ("net/ipv4/tcp_tw_reuse", 0, 2),
    ("net/ipv4/tcp_window_scaling", 0, 255),
    ("net/ipv4/tcp_fin_timeout", 0, 2_147_483),
    ("net/ipv4/tcp_max_syn_backlog", 0, 2_147_483_647),
    ("net/ipv4/vs/drop_entry", 0, 3),
    ("net/ipv4/vs/drop_packet", 0, 3),
    ("net/ipv4/vs/secure_tcp", 0, 3),
    ("net/ipv4/vs/sync_version", 0, 1),
    ("net/ipv4/vs/sync_ports", 1, 64),
    ("net/ipv4/vs/run_estimation", 0, 1),
];

/// The names beside which the last part of a key stands.
fn table(key: &str) -> Option<(&'static [&'static str], &str)> {
    // The name of a NIC may have slashes too, so the name of the parameter is the last part.
    let folders: [(&str, &'static [&'static str]); 4] = [
        ("net/ipv4/conf/", &IPV4_CONF),
        ("net/ipv6/conf/", &IPV6_CONF),
        ("net/ipv4/neigh/", &NEIGH),
        ("net/ipv6/neigh/", &NEIGH),
    ];
    if let Some((folder, table)) = folders.iter().find(|(folder, _)| key.starts_with(folder)) {
        return key[folder.len()..].rsplit_once('/').map(|(_, name)| (*table, name));
    }
    let (folder, name) = key.rsplit_once('/')?;
    let table: &'static [&'static str] = match folder {
        "net/ipv4/vs" => &VS,
        "net/ipv4" => &IPV4,
        "net/ipv6" => &IPV6,
        "net/core" => &CORE,
        "net/netfilter" if name.starts_with("nf_conntrack") => &NETFILTER,
        _ => return None,
    };
    Some((table, name))
}

/// The removed parameters that instructions still name: the key, the version, and why.
const REMOVED: [(&str, &str, &str); 6] = [
    ("net/ipv4/tcp_tw_recycle", "4.12", "it broke clients behind NAT"),
    ("net/ipv4/tcp_max_ssthresh", "3.9", "no other parameter has its effect"),
    ("net/ipv4/tcp_abc", "3.9", "no other parameter has its effect"),
    ("net/ipv4/tcp_cookie_size", "3.10", "no other parameter has its effect"),
    ("net/ipv4/ip_conntrack_max", "2.6.22", "`net.netfilter.nf_conntrack_max` has its effect"),
    (
        "net/ipv4/netfilter/ip_conntrack_max",
        "4.9",
        "`net.netfilter.nf_conntrack_max` has its effect",
    ),
];

/// The parameters of a NIC for IPv4 (`net/ipv4/devinet.c`).
#[rustfmt::skip]
const IPV4_CONF: [&str; 33] = [
    "accept_local", "accept_redirects", "accept_source_route", "arp_accept", "arp_announce",
    "arp_evict_nocarrier", "arp_filter", "arp_ignore", "arp_notify", "bc_forwarding", "bootp_relay",
    "disable_policy", "disable_xfrm", "drop_gratuitous_arp", "drop_unicast_in_l2_multicast",
    "force_igmp_version", "forwarding", "igmpv2_unsolicited_report_interval",
    "igmpv3_unsolicited_report_interval", "ignore_routes_with_linkdown", "log_martians",
    "mc_forwarding", "medium_id", "promote_secondaries", "proxy_arp", "proxy_arp_pvlan",
    "route_localnet", "rp_filter", "secure_redirects", "send_redirects", "shared_media",
    "src_valid_mark", "tag",
];

/// The parameters of a NIC for IPv6 (`net/ipv6/addrconf.c`).
#[rustfmt::skip]
const IPV6_CONF: [&str; 63] = [
    "accept_dad", "accept_ra", "accept_ra_defrtr", "accept_ra_from_local", "accept_ra_min_hop_limit",
    "accept_ra_min_lft", "accept_ra_mtu", "accept_ra_pinfo", "accept_ra_rt_info_max_plen",
    "accept_ra_rt_info_min_plen", "accept_ra_rtr_pref", "accept_redirects", "accept_source_route",
    "accept_untracked_na", "addr_gen_mode", "autoconf", "dad_transmits", "disable_ipv6",
    "disable_policy", "drop_unicast_in_l2_multicast", "drop_unsolicited_na", "enhanced_dad",
    "force_forwarding", "force_mld_version", "force_tllao", "forwarding", "hop_limit",
    "ignore_routes_with_linkdown", "ioam6_enabled", "ioam6_id", "ioam6_id_wide", "keep_addr_on_down",
    "max_addresses", "max_desync_factor", "mc_forwarding", "mldv1_unsolicited_report_interval",
    "mldv2_unsolicited_report_interval", "mtu", "ndisc_evict_nocarrier", "ndisc_notify", "ndisc_tclass",
    "optimistic_dad", "proxy_ndp", "ra_defrtr_metric", "ra_honor_pio_life", "ra_honor_pio_pflag",
    "regen_max_retry", "regen_min_advance", "router_probe_interval", "router_solicitation_delay",
    "router_solicitation_interval", "router_solicitation_max_interval", "router_solicitations",
    "rpl_seg_enabled", "seg6_enabled", "seg6_require_hmac", "stable_secret", "suppress_frag_ndisc",
    "temp_prefered_lft", "temp_valid_lft", "use_oif_addrs_only", "use_optimistic", "use_tempaddr",
];

/// The parameters of the neighbours of a NIC (`net/core/neighbour.c`).
#[rustfmt::skip]
const NEIGH: [&str; 21] = [
    "anycast_delay", "app_solicit", "base_reachable_time", "base_reachable_time_ms",
    "delay_first_probe_time", "gc_interval", "gc_stale_time", "gc_thresh1", "gc_thresh2", "gc_thresh3",
    "interval_probe_time_ms", "locktime", "mcast_resolicit", "mcast_solicit", "proxy_delay",
    "proxy_qlen", "retrans_time", "retrans_time_ms", "ucast_solicit", "unres_qlen", "unres_qlen_bytes",
];

/// The parameters of IPVS (`net/netfilter/ipvs/ip_vs_ctl.c`, `ip_vs_lblc.c`, `ip_vs_lblcr.c`).
#[rustfmt::skip]
const VS: [&str; 34] = [
    "am_droprate", "amemthresh", "backup_only", "cache_bypass", "conn_lfactor", "conn_reuse_mode",
    "conntrack", "debug_level", "drop_entry", "drop_packet", "est_cpulist", "est_nice",
    "expire_nodest_conn", "expire_quiescent_template", "ignore_tunneled", "lblc_expiration",
    "lblcr_expiration", "nat_icmp_send", "pmtu_disc", "run_estimation", "schedule_icmp", "secure_tcp",
    "sloppy_sctp", "sloppy_tcp", "snat_reroute", "svc_lfactor", "sync_persist_mode", "sync_ports",
    "sync_qlen_max", "sync_refresh_period", "sync_retries", "sync_sock_size", "sync_threshold",
    "sync_version",
];

/// The parameters of IPv4, TCP and UDP (`net/ipv4/sysctl_net_ipv4.c`).
#[rustfmt::skip]
const IPV4: [&str; 145] = [
    "cipso_cache_bucket_size", "cipso_cache_enable", "cipso_rbm_optfmt", "cipso_rbm_strictvalid",
    "fib_multipath_hash_fields", "fib_multipath_hash_policy", "fib_multipath_hash_seed",
    "fib_multipath_use_neigh", "fib_notify_on_flag_change", "fib_sync_mem", "fwmark_reflect",
    "icmp_echo_enable_probe", "icmp_echo_ignore_all", "icmp_echo_ignore_broadcasts",
    "icmp_errors_use_inbound_ifaddr", "icmp_ignore_bogus_error_responses", "icmp_msgs_burst",
    "icmp_msgs_per_sec", "icmp_ratelimit", "icmp_ratemask", "igmp_link_local_mcast_reports",
    "igmp_max_memberships", "igmp_max_msf", "igmp_qrv", "inet_peer_maxttl", "inet_peer_minttl",
    "inet_peer_threshold", "ip_autobind_reuse", "ip_default_ttl", "ip_dynaddr", "ip_early_demux",
    "ip_forward", "ip_forward_update_priority", "ip_forward_use_pmtu", "ip_local_port_range",
    "ip_local_reserved_ports", "ip_no_pmtu_disc", "ip_nonlocal_bind", "ip_unprivileged_port_start",
    "ipfrag_high_thresh", "ipfrag_low_thresh", "ipfrag_max_dist", "ipfrag_secret_interval",
    "ipfrag_time", "nexthop_compat_mode", "ping_group_range", "raw_l3mdev_accept",
    "tcp_abort_on_overflow", "tcp_adv_win_scale", "tcp_allowed_congestion_control", "tcp_app_win",
    "tcp_autocorking", "tcp_available_congestion_control", "tcp_available_ulp", "tcp_backlog_ack_defer",
    "tcp_base_mss", "tcp_challenge_ack_limit", "tcp_child_ehash_entries", "tcp_comp_sack_delay_ns",
    "tcp_comp_sack_nr", "tcp_comp_sack_slack_ns", "tcp_congestion_control", "tcp_dsack",
    "tcp_early_demux", "tcp_early_retrans", "tcp_ecn", "tcp_ecn_fallback", "tcp_ecn_option",
    "tcp_ecn_option_beacon", "tcp_ehash_entries", "tcp_fack", "tcp_fastopen",
    "tcp_fastopen_blackhole_timeout_sec", "tcp_fastopen_key", "tcp_fin_timeout", "tcp_frto",
    "tcp_fwmark_accept", "tcp_invalid_ratelimit", "tcp_keepalive_intvl", "tcp_keepalive_probes",
    "tcp_keepalive_time", "tcp_l3mdev_accept", "tcp_limit_output_bytes", "tcp_low_latency",
    "tcp_max_orphans", "tcp_max_reordering", "tcp_max_syn_backlog", "tcp_max_tw_buckets", "tcp_mem",
    "tcp_migrate_req", "tcp_min_rtt_wlen", "tcp_min_snd_mss", "tcp_min_tso_segs", "tcp_moderate_rcvbuf",
    "tcp_mtu_probe_floor", "tcp_mtu_probing", "tcp_no_metrics_save", "tcp_no_ssthresh_metrics_save",
    "tcp_notsent_lowat", "tcp_orphan_retries", "tcp_pacing_ca_ratio", "tcp_pacing_ss_ratio",
    "tcp_pingpong_thresh", "tcp_plb_cong_thresh", "tcp_plb_enabled", "tcp_plb_idle_rehash_rounds",
    "tcp_plb_rehash_rounds", "tcp_plb_suspend_rto_sec", "tcp_probe_interval", "tcp_probe_threshold",
    "tcp_recovery", "tcp_reflect_tos", "tcp_reordering", "tcp_retrans_collapse", "tcp_retries1",
    "tcp_retries2", "tcp_rfc1337", "tcp_rmem", "tcp_rto_max_ms", "tcp_rto_min_us", "tcp_sack",
    "tcp_shrink_window", "tcp_slow_start_after_idle", "tcp_stdurg", "tcp_syn_linear_timeouts",
    "tcp_syn_retries", "tcp_synack_retries", "tcp_syncookies", "tcp_thin_linear_timeouts",
    "tcp_timestamps", "tcp_tso_rtt_log", "tcp_tso_win_divisor", "tcp_tw_reuse", "tcp_tw_reuse_delay",
    "tcp_window_scaling", "tcp_wmem", "tcp_workaround_signed_windows", "udp_child_hash_entries",
    "udp_early_demux", "udp_hash_entries", "udp_l3mdev_accept", "udp_mem", "udp_rmem_min",
    "udp_wmem_min", "xfrm4_gc_thresh",
];

/// The parameters of IPv6 (`net/ipv6/sysctl_net_ipv6.c`).
#[rustfmt::skip]
const IPV6: [&str; 29] = [
    "anycast_src_echo_reply", "auto_flowlabels", "bindv6only", "calipso_cache_bucket_size",
    "calipso_cache_enable", "fib_multipath_hash_fields", "fib_multipath_hash_policy",
    "fib_notify_on_flag_change", "flowlabel_consistency", "flowlabel_reflect", "flowlabel_state_ranges",
    "fwmark_reflect", "idgen_delay", "idgen_retries", "ioam6_id", "ioam6_id_wide",
    "ip6frag_high_thresh", "ip6frag_low_thresh", "ip6frag_secret_interval", "ip6frag_time",
    "ip_nonlocal_bind", "max_dst_opts_length", "max_dst_opts_number", "max_hbh_length",
    "max_hbh_opts_number", "mld_max_msf", "mld_qrv", "seg6_flowlabel", "xfrm6_gc_thresh",
];

/// The parameters of all protocols (`net/core/sysctl_net_core.c`).
#[rustfmt::skip]
const CORE: [&str; 42] = [
    "bpf_jit_enable", "bpf_jit_harden", "bpf_jit_kallsyms", "bpf_jit_limit", "busy_poll", "busy_read",
    "default_qdisc", "dev_weight", "dev_weight_rx_bias", "dev_weight_tx_bias",
    "devconf_inherit_init_net", "fb_tunnels_only_for_init_net", "flow_limit_cpu_bitmap",
    "flow_limit_table_len", "gro_normal_batch", "high_order_alloc_disable", "max_skb_frags",
    "mem_pcpu_rsv", "message_burst", "message_cost", "netdev_budget", "netdev_budget_usecs",
    "netdev_max_backlog", "netdev_rss_key", "netdev_tstamp_prequeue", "netdev_unregister_timeout_secs",
    "optmem_max", "rmem_default", "rmem_max", "rps_default_mask", "rps_sock_flow_entries",
    "skb_defer_max", "somaxconn", "tstamp_allow_data", "txrehash", "warnings", "wmem_default",
    "wmem_max", "xfrm_acq_expires", "xfrm_aevent_etime", "xfrm_aevent_rseqth", "xfrm_larval_drop",
];

/// The parameters of connection tracking (`net/netfilter/nf_conntrack_standalone.c`).
#[rustfmt::skip]
const NETFILTER: [&str; 44] = [
    "nf_conntrack_acct", "nf_conntrack_buckets", "nf_conntrack_checksum", "nf_conntrack_count",
    "nf_conntrack_dccp_loose", "nf_conntrack_events", "nf_conntrack_expect_max",
    "nf_conntrack_frag6_high_thresh", "nf_conntrack_frag6_low_thresh", "nf_conntrack_frag6_timeout",
    "nf_conntrack_generic_timeout", "nf_conntrack_gre_timeout", "nf_conntrack_gre_timeout_stream",
    "nf_conntrack_helper", "nf_conntrack_icmp_timeout", "nf_conntrack_icmpv6_timeout",
    "nf_conntrack_log_invalid", "nf_conntrack_max", "nf_conntrack_sctp_timeout_closed",
    "nf_conntrack_sctp_timeout_cookie_echoed", "nf_conntrack_sctp_timeout_cookie_wait",
    "nf_conntrack_sctp_timeout_established", "nf_conntrack_sctp_timeout_heartbeat_sent",
    "nf_conntrack_sctp_timeout_shutdown_ack_sent", "nf_conntrack_sctp_timeout_shutdown_recd",
    "nf_conntrack_sctp_timeout_shutdown_sent", "nf_conntrack_tcp_be_liberal",
    "nf_conntrack_tcp_ignore_invalid_rst", "nf_conntrack_tcp_loose", "nf_conntrack_tcp_max_retrans",
    "nf_conntrack_tcp_no_window_check", "nf_conntrack_tcp_timeout_close",
    "nf_conntrack_tcp_timeout_close_wait", "nf_conntrack_tcp_timeout_established",
    "nf_conntrack_tcp_timeout_fin_wait", "nf_conntrack_tcp_timeout_last_ack",
    "nf_conntrack_tcp_timeout_max_retrans", "nf_conntrack_tcp_timeout_syn_recv",
    "nf_conntrack_tcp_timeout_syn_sent", "nf_conntrack_tcp_timeout_time_wait",
    "nf_conntrack_tcp_timeout_unacknowledged", "nf_conntrack_timestamp", "nf_conntrack_udp_timeout",
    "nf_conntrack_udp_timeout_stream",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_misspelt_removed_or_of_somebody_else() {
        for good in [
            "net/ipv4/conf/all/arp_ignore",
            "net/ipv4/conf/eth0.100/rp_filter",
            "net/ipv6/conf/*/accept_ra",
            "net/ipv4/vs/conntrack",
            "net/ipv4/ip_forward",
            "net/core/somaxconn",
            "net/netfilter/nf_conntrack_max",
            "net/ipv4/tcp_a_parameter_of_a_distribution",
            "vm/swapiness",
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
        for misspelt in
            ["net/ipv4/conf/all/arp_ignroe", "net/ipv4/vs/contrack", "net/core/somaxcon"]
        {
            assert!(matches!(fault(misspelt), Some(KeyFault::Misspelt(_))), "{misspelt}");
        }
        assert!(matches!(fault("net/ipv4/tcp_tw_recycle"), Some(KeyFault::Removed { .. })));
    }
}
