# The pairs of models, and the failures.

# history NAME HOST A-EDIT B-EDIT [NEW]: a pair, if this run is for the host. NEW is its name in B.
history() { if [ "$2" = "$ONLY" ] && models "$1" "$3" "$4"; then pair "$1" "$2" "${5:-}"; fi; }

for host in web1 lvs1; do
    history "the same model on $host" $host "$same" "$same"
    history "one VIP more on $host" $host "$same" "$more"
    history "one VIP less on $host" $host "$more" "$same"
    history "another VIP on $host" $host "$same" "$other"
done

# Every mechanism of the VIPs, with a VIP that changes, and each to the next.
last=ifupdown
for mechanism in systemd-unit networkd rc-local ifupdown; do
    history "another VIP by $mechanism on web1" web1 "$(by "real_server_vip: $mechanism")" "$(by "real_server_vip: $mechanism");$other"
    history "$last becomes $mechanism on web1" web1 "$(by "real_server_vip: $last")" "$(by "real_server_vip: $mechanism")"
    last=$mechanism
done
last=ifupdown
site='s/interface: ens33/interface: { name: ens33, network_file: 10-site.network }/'
for mechanism in systemd-unit networkd-drop-in networkd ifupdown; do
    history "another VIP by $mechanism on lvs1" lvs1 "$site;$(by "director_vip: $mechanism")" "$site;$(by "director_vip: $mechanism");$other"
    history "$last becomes $mechanism on lvs1" lvs1 "$site;$(by "director_vip: $last")" "$site;$(by "director_vip: $mechanism")"
    last=$mechanism
done
# A director with a NIC in each of two segments. A VIP moves from one to the other, and a second VIP comes there.
two='s/^network: .*/segments:\n  front: { interface: { name: ens33, network_file: 10-site.network }, subnet: 192.168.10.0\/24, gateway: 192.168.10.2 }\n  inner: { interface: { name: ens34, network_file: 20-inner.network }, subnet: 192.168.20.0\/24 }/;s/name: lvs\([12]\), address: 192.168.10.\(10[19]\) }/name: lvs\1, nics: [{ address: 192.168.10.\2 }, { address: 192.168.20.\2 }] }/'
inner='s/vip: 192.168.10.100,/& segment: inner,/'
for mechanism in systemd-unit networkd-drop-in networkd ifupdown; do
    history "two segments by $mechanism: a VIP moves to the other NIC" lvs1 "$two;$(by "director_vip: $mechanism")" "$two;$(by "director_vip: $mechanism");$inner"
    history "two segments by $mechanism: a VIP comes on the second NIC" lvs1 "$two;$(by "director_vip: $mechanism")" "$two;$(by "director_vip: $mechanism");${more/168.10/168.20}"
    history "two segments by $mechanism: the second NIC has no VIP any more" lvs1 "$two;$(by "director_vip: $mechanism");${more/168.10/168.20}" "$two;$(by "director_vip: $mechanism")"
done
if [ "$ONLY" = lvs1 ] && models "two segments: a second whole NIC" "$two;$(by "director_vip: networkd")" "$two;$(by "director_vip: networkd");${more/168.10/168.20}"; then
    start aged lvs1
    check "a second whole NIC: the first one is lvsgen's" pushed aged "$WORK/trees/a" lvs1
    inside aged ip route add 10.7.0.0/16 via 192.168.20.9
    check "a second whole NIC: the run is refused" eval '! push aged "$WORK/trees/b" lvs1'
    lost='replaces the profile of ens34, and would lose the route 10.7.0.0/16 via 192.168.20.9: choose'
    has "a second whole NIC: with the part that would be lost" "$lost" "$(cat "$WORK/push")"
    inside aged ip route delete 10.7.0.0/16
    check "a second whole NIC: without it, the VIP comes there" pushed aged "$WORK/trees/b" lvs1
    stop aged
fi
history "one segment becomes two" lvs1 "$site;$same" "$two;${more/168.10/168.20}"
history "two segments become one" lvs1 "$two;${more/168.10/168.20}" "$site;$same"
history "two segments: failover, and a VIP moves to the other NIC" lvs1 "$both;$two" "$both;$two;$inner"
history "ipvsadm-service becomes lvsgen-unit" lvs1 "$same" "$(by 'ipvs_rules: lvsgen-unit')"
history "lvsgen-unit becomes ipvsadm-service" lvs1 "$(by 'ipvs_rules: lvsgen-unit')" "$same"
history "another scheduler" lvs1 "$same" 's/scheduler: rr/scheduler: wlc/'
history "a real server more" lvs1 "$same" '/name: web2/a\  - { name: web3, address: 192.168.10.105 }'
history "a real server less" lvs1 '/name: web2/a\  - { name: web3, address: 192.168.10.105 }' "$same"
history "marks come" lvs1 "$same" 's/port: 80,/port: [80, 443], fwmark: 7,/'
history "marks go" lvs1 's/port: 80,/port: [80, 443], fwmark: 7,/' "$same"
history "marks change" lvs1 's/port: 80,/port: [80, 443], fwmark: 7,/' 's/port: 80,/port: [80, 8443], fwmark: 8,/'
# marks_stand: the table comes back soon. `systemctl reload` does not wait for the units to which it passes the reload on.
marks_stand() {
    local tries
    for tries in $(seq 20); do
        ! inside aged nft list table inet lvsgen_web || return 0
        sleep 0.5
    done
    return 1
}

# nftables.service: its file begins with `flush ruleset`.
if [ "$ONLY" = lvs1 ] && models "nftables.service" "$same" 's/port: 80,/port: [80, 443], fwmark: 7,/'; then
    start aged lvs1
    check "nftables.service: the marks come" pushed aged "$WORK/trees/b" lvs1
    for verb in start reload restart; do
        inside aged systemctl $verb nftables.service
        check "nftables.service: a $verb keeps the marks" marks_stand
    done
    inside aged systemctl stop nftables.service
    check "nftables.service: a stop takes them, and --verify sees it" eval '! pushed aged "$WORK/trees/b" lvs1 --verify'
    inside aged systemctl start nftables.service
    check "nftables.service: a start brings them back" marks_stand
    stop aged
fi
# Monitoring: an exporter, and a script with a timer.
monitored='$a\monitoring: { external: true, from: 192.168.10.250 }'
for host in web1 lvs1; do
    history "monitoring comes on $host" $host "$same" "$monitored"
    history "monitoring goes on $host" $host "$monitored" "$same"
    history "monitoring by the exporter of the site on $host" $host "$monitored" "$(by 'metrics: textfile');$monitored"
    history "monitoring: one VIP more on $host" $host "$monitored" "$more"$'\n'"$monitored"
done
# A monitoring server: its Prometheus reads new rules, and the package's own configuration is back after the teardown.
served='$a\monitoring: { server: { name: mon1, address: 192.168.10.106 } }'
alone='$a\monitoring: { server: { name: mon1, address: 192.168.10.106 }, probe: false }'
# rules_name VIP: Prometheus has a rule with the VIP.
rules_name() {
    local tries
    for tries in $(seq 40); do
        ! inside aged curl -s -m 5 http://127.0.0.1:9090/api/v1/rules | grep -q "\"address\":\"$1\"" || return 0
        sleep 0.5
    done
    return 1
}
if [ "$ONLY" = web1 ] && models "a monitoring server" "$served" "$other"$'\n'"$served"; then
    start aged mon1
    check "a monitoring server: it comes" pushed aged "$WORK/trees/a" mon1
    check "a monitoring server: every probe holds" pushed aged "$WORK/trees/a" mon1 --verify
    check "a monitoring server: its Prometheus has the rules" rules_name 192.168.10.100
    check "a monitoring server: another VIP" pushed aged "$WORK/trees/b" mon1
    check "a monitoring server: its Prometheus has the new rules" rules_name 192.168.10.98
    inside aged sh -c 'sed s/web/shop/g /etc/prometheus/lvsgen/prometheus-web.yml >/etc/prometheus/lvsgen/prometheus-shop.yml'
    check "a monitoring server: another cluster's is refused" eval "! push aged '$WORK/trees/a' mon1"
    has "a monitoring server: with the reason" "of another cluster" "$(cat "$WORK/push")"
    stop aged
    start aged mon1
    inside aged sh -c 'echo "# mine" >>/etc/prometheus/prometheus.yml'
    check "a monitoring server: the Prometheus of the site is refused" eval "! push aged '$WORK/trees/a' mon1"
    has "a monitoring server: with the changed file" "/etc/prometheus/prometheus.yml was changed on this host" "$(cat "$WORK/push")"
    stop aged
    nothing_left mon1
fi
if [ "$ONLY" = web1 ]; then
    ! models "a monitoring server without prober" "$served" "$alone" || pair "a monitoring server without prober" mon1
fi
# Tunnels and masquerading. web1 is both, so that one of them goes while the other stays.
tunnel='s/scheduler: rr/&, forwarding: tunnel/'
masquerade='s/scheduler: rr/&, forwarding: masquerade, real_servers: [{ name: web1, port: 8080 }, web2]/'
history "direct routing becomes a tunnel on web1" web1 "$same" "$tunnel"
history "a tunnel becomes direct routing on web1" web1 "$tunnel" "$same"
history "a tunnel becomes masquerading on web1" web1 "$tunnel" "$masquerade"
history "masquerading becomes a tunnel on web1" web1 "$masquerade" "$tunnel"
history "masquerading: another port and director" web1 "$masquerade" "$masquerade;s/port: 8080/port: 8081/;s/192.168.10.101/192.168.10.109/"
history "masquerading comes on lvs1" lvs1 "$same" "$masquerade"
history "masquerading goes on lvs1" lvs1 "$masquerade" "$same"
swap='s/name: lvs1, address: 192.168.10.101/name: web1, address: 192.168.10.102/;t;s/name: web1, address: 192.168.10.102/name: lvs1, address: 192.168.10.101/'
history "a real server becomes the director" web1 "$same" "$swap"
history "the director becomes a real server" lvs1 "$same" "$swap"
history "a real server is renamed" web1 "$same" 's/name: web1/name: node1/' node1
history "the director is renamed" lvs1 "$same" 's/name: lvs1/name: first/' first

# Tuning. The host has the parameters of its own network alone.
tuned='$a\tuning: { profile: throughput, conn_tab_bits: 18, queues: { count: auto }, set: { net.ipv4.tcp_rmem: 4096 131072 8388608 } }'
retuned='$a\tuning: { profile: latency, conn_tab_bits: 19, queues: { count: 1, rps: false }, set: { net.ipv4.tcp_rmem: 4096 131072 4194304 } }'
for host in web1 lvs1; do
    history "tuning comes on $host" $host "$same" "$tuned"
    history "tuning changes on $host" $host "$tuned" "$retuned"
    history "tuning goes on $host" $host "$tuned" "$same"
done

# Web servers. The package of nginx enables a site of its own.
nginx='$a\web: nginx'
history "httpd becomes nginx" web1 "$same" "$nginx"
history "nginx becomes httpd" web1 "$nginx" "$same"
history "nginx: a port comes" web1 "$nginx" '$a\web: { server: nginx, ports: [80, 8080] }'
history "httpd: a port comes" web1 "$same" '$a\web: { ports: [80, 8080] }'
history "httpd: a port goes" web1 '$a\web: { ports: [80, 8080] }' "$same"

# keepalived.
history "health checks come" lvs1 "$same" "$health"
history "health checks go" lvs1 "$health" "$same"
history "failover comes" lvs1 "$same" "$both"
history "failover goes" lvs1 "$both" "$same"
history "failover: one VIP more" lvs1 "$both" "$both;$more"
history "failover: another VIP" lvs1 "$both" "$both;$other"
history "failover: a real server less" lvs1 "$both;/name: web2/a\  - { name: web3, address: 192.168.10.105 }" "$both"
history "failover: another check and scheduler" lvs1 "$both" "$both;s/tcp: true/http: \/x/;s/rr }/wlc }/"
secret="$both;s/virtual_router_id: 51/&, authentication: { from: secret:vrrp }/"
history "failover: a password comes" lvs1 "$both" "$secret"
history "failover: a password goes" lvs1 "$secret" "$both"

box="$both;s/virtual_router_id: 51/&, sync: true/;s/real_servers:$/&\n  - { name: lvs1, address: 192.168.10.101 }/"
history "a director becomes a real server too" lvs1 "$both" "$box"
history "a director is no real server any more" lvs1 "$box" "$both"

# The tutorial's system: an alias file for each VIP of the director, rc.local on the real servers.
openeuler='s/^target: .*/target: openeuler/'
for host in web1 lvs1; do
    history "openEuler: one VIP more on $host" $host "$openeuler" "$openeuler;$more"
    history "openEuler: one VIP less on $host" $host "$openeuler;$more" "$openeuler"
    history "openEuler: another VIP on $host" $host "$openeuler" "$openeuler;$other"
done
history "openEuler: rc-local becomes systemd-unit" web1 "$openeuler" "$openeuler;$(by 'real_server_vip: systemd-unit')"
history "openEuler: systemd-unit becomes rc-local" web1 "$openeuler;$(by 'real_server_vip: systemd-unit')" "$openeuler"
history "openEuler: ifcfg becomes nm-dispatcher" lvs1 "$openeuler" "$openeuler;$(by 'director_vip: nm-dispatcher')"

# Firewalls. Each manager runs on the host before lvsgen, and also where a model has no firewall.
manager() { echo "s/^mechanisms: .*/mechanisms: { firewall: $1 }/;s/^health: .*/&\nmechanisms: { firewall: $1 }/"; }
for manager in firewalld firewalld-zone ufw nftables; do
    history "$manager: the openings change" web1 "$(manager $manager)" "$(manager $manager);$other;s/port: 80/port: 8080/"
    history "$manager: the openings come" lvs1 "$same" "$both;$(manager $manager)"
    history "$manager: the openings go" web1 "$health;$(manager $manager)" "$same"
done
history "failover behind firewalld goes" lvs1 "$both;$(manager firewalld)" "$(manager firewalld)"

# The same where something happens to a run.
if models "failures" "$more" "$other;s/rr }/wrr }/"; then failures "$ONLY"; fi
if models "first" "$same" "$more"; then first_failures "$ONLY"; fi
if models "kills" "$more" "$other;s/rr }/wrr }/"; then kills "$ONLY" "${KILLS:-10}"; fi
retired='/name: web1/d;$a\retired: [{ name: web1, address: 192.168.10.102 }]'
if [ "$ONLY" = web1 ] && models "retired" "$more" "$retired"; then retires web1; fi
if models "adoption" "$same" "$other"; then adoption "$ONLY"; fi
if models "teardown" "$more" "$same"; then nothing_left "$ONLY"; fi
