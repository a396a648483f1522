# The models. `model EDIT...` prints a model: sed expressions edit the first one.

model() {
    sed "$@" <<'END'
name: web
target: debian-12
network: { interface: ens33, subnet: 192.168.10.0/24, gateway: 192.168.10.2 }
directors:
  - { name: lvs1, address: 192.168.10.101 }
real_servers:
  - { name: web1, address: 192.168.10.102 }
  - { name: web2, address: 192.168.10.103 }
virtual_services:
  - { name: http, vip: 192.168.10.100, port: 80, scheduler: rr }
mechanisms: {}
END
}

# models NAME A-EDIT B-EDIT: renders both models; status 1 if PAIRS does not select the name.
models() {
    case $1 in *"${PAIRS:-}"*) ;; *) return 1 ;; esac
    rm -rf "$WORK/trees"
    LAYERS=$here/layer
    # Debian's programs in the layout of the Red Hat family, with strict readers of its files.
    case $2 in *openeuler*) LAYERS=$here/layer:$lab/layer/openeuler ;; esac
    model "$2" | render a && model "$3" | render b && return
    check "$1: the models render" false
    return 1
}

same=''
more='/name: http/a\  - { name: more, vip: 192.168.10.99, port: 8080, scheduler: wrr }'
other='s/192.168.10.100/192.168.10.98/'
by() { echo "s/^mechanisms: .*/mechanisms: { $1 }/"; }
# keepalived: with a second director, or only for the health checks.
failover='s/^real_servers:/  - { name: lvs2, address: 192.168.10.109 }\nfailover: { virtual_router_id: 51 }\n&/'
health='s/^mechanisms: .*/health: { tcp: true, interval: 1 }/'
both="$failover;$health"
