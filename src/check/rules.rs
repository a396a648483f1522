//! Every rule about the meaning of a model, except `unmatched-allow`. Each rule has two files. `rules/CODE.rs`
//! reports the places where a model breaks the rule; the name of this file has `_` instead of `-`. `rules/CODE.md`
//! documents the rule, and the tests run the examples of this file.
//!
//! Gives the list [`ALL`], which one macro makes from the names of the modules. Each rule takes a `CheckCx`.

use super::{Check, CheckCx, KernelRule, arp_silent, codes, on_nic};

/// Declares the module of each rule and lists its check. rustfmt does not find a file if a macro
/// declares its module. Therefore CI passes the path of each file of this folder to rustfmt.
macro_rules! rules {
    ($($name:ident),+ $(,)?) => {
        $(mod $name;)+

        /// Every check, sorted by code.
        pub static ALL: &[&Check] = &[$(&$name::CHECK),+];
    };
}

rules! {
    address_outside_subnet,
    all_weights_zero,
    allowed_error,
    arp_announces_vip,
    arp_reply_for_vip,
    authentication_ignored,
    check_answer_dropped,
    check_through_own_vip,
    check_way_not_direct,
    coarse_persistence,
    conntrack_on_director,
    destination_scheduler,
    director_without_family,
    duplicate_address,
    duplicate_name,
    duplicate_real_server,
    duplicate_service,
    equal_priorities,
    export_to_everyone,
    failover_without_peer,
    family_not_carried,
    family_without_real_server,
    flag_of_another_scheduler,
    ftp_without_mark,
    gateway_is_director,
    health_key_unused,
    health_without_port,
    inside_not_free,
    inside_unused,
    keepalived_too_old,
    label_too_long,
    masquerade_of_all_ports,
    masquerade_of_udp,
    masquerade_without_inside,
    masqueraded_director,
    mechanism_lacks_ability,
    mechanism_without_need,
    mount_hides_node_page,
    need_not_provided,
    network_or_broadcast_address,
    nfs_family_gap,
    nic_of_another_kind,
    nic_without_dns,
    nic_without_gateway,
    no_health_check,
    no_real_server,
    one_packet_with_persistence,
    one_packet_without_udp,
    one_real_server,
    own_nic_tracked,
    persistence_not_shared,
    persistence_with_hash,
    proxy_arp,
    quorum_above_weights,
    quorum_without_spare,
    real_server_without_family,
    redirects_on,
    remapped_port,
    reserved_mark,
    retired_address,
    scheduler_not_in_kernel,
    second_entry_differs,
    setting_switched_off,
    single_director,
    sorry_server_is_real_server,
    sorry_server_unmanaged,
    strict_source_check,
    sysctl_conf_not_read,
    sysctl_of_unknown_nic,
    system_directory,
    thresholds_out_of_order,
    timeouts_out_of_order,
    title_unused,
    two_box_loop,
    two_table_owners,
    udp_without_one_packet,
    unknown_check,
    unknown_mechanism,
    unknown_real_server,
    unknown_target,
    unused_real_server,
    vip_is_host_address,
    vip_on_several_directors,
    vip_outside_subnet,
    vip_with_subnet_mask,
    weights_ignored,
    writable_for_the_subnet,
}
