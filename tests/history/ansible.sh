# A cluster that the playbooks change: the director and two real servers at the same time, and a controller beside them.

HOSTS='web1 web2 lvs1'

# The controller: the base system, in which Ansible's own ssh plugin runs a program that enters the containers.
make_controller() {
    local root=$WORK/controller
    mkdir -p "$root"/{up,work,root}
    mount -t overlay overlay -o "lowerdir=$BASE,upperdir=$root/up,workdir=$root/work" "$root/root"
    mkdir -p "$root/root$WORK" "$root/root/dev/shm"
    mount --bind "$WORK" "$root/root$WORK"
    mount --rbind /proc "$root/root/proc"
    mount --rbind /dev "$root/root/dev"
    mount --make-rslave "$root/root/dev"
    # Another Ansible than Debian's, of a virtual environment.
    [ -z "${ANSIBLE_VENV:-}" ] || { mkdir -p "$root/root$ANSIBLE_VENV" && mount --bind "$ANSIBLE_VENV" "$root/root$ANSIBLE_VENV"; }
    cat >"$WORK/ssh" <<END
#!/bin/bash
# The last two arguments are the address of a host and the command. The shell of the path counts the commands of a run alone.
address=\${*: -2:1}
name=\$(awk -v net="\$address/24" '\$3 == net { print \$1 }' $WORK/*/plug)
exec nsenter --target "\$(pgrep --parent "\$(cat "$WORK/\$name/pid")" | head -n 1)" --mount --uts --ipc --net --pid --root --wdns=/ -- /bin/sh -c "\${*: -1}"
END
    chmod +x "$WORK/ssh"
}

drop_controller() { umount --recursive --lazy "$WORK/controller/root" 2>/dev/null; }

# play TREE PLAYBOOK ARGUMENT...: runs a playbook of a tree; its output is in $WORK/play.
play() {
    local tree=$1
    shift
    chroot "$WORK/controller/root" env HOME=/root PATH="${ANSIBLE_VENV:+$ANSIBLE_VENV/bin:}/usr/sbin:/usr/bin:/sbin:/bin" LC_ALL=C.UTF-8 ANSIBLE_SSH_ARGS= ANSIBLE_PIPELINING=true \
        ANSIBLE_SSH_TRANSFER_METHOD=piped ANSIBLE_PYTHON_INTERPRETER=/usr/bin/python3 ANSIBLE_NOCOLOR=1 \
        ANSIBLE_RETRY_FILES_ENABLED=false sh -c 'cd "$1/ansible" && shift && exec ansible-playbook -i inventory.yml "$@"' sh \
        "$tree" "$@" --ssh-extra-args '' -e "ansible_ssh_executable=$WORK/ssh" -e ansible_become=false \
        >"$WORK/play" 2>&1 </dev/null
}

# played: the same with the result in view if it fails.
played() { play "$@" || { tail -n 40 "$WORK/play" && return 1; }; }

# changed: the tasks that changed something in the last play.
changed() { sed -n 's/.*changed=\([0-9]*\).*/\1/p' "$WORK/play" | awk '{ n += $1 } END { print n + 0 }'; }

start_all() { for host in $HOSTS; do start "$host" "$host"; done; }
stop_all() { for host in $HOSTS; do stop "$host"; done; }

# states NAME: the states of all hosts.
states() { for host in $HOSTS; do state_of "$host" >"$WORK/$host.$1"; done; }

# equal_states NAME ONE OTHER
equal_states() { for host in $HOSTS; do check "$1: $host" diff -u "$WORK/$host.$2" "$WORK/$host.$3"; done; }

table() { inside lvs1 ipvsadm -S -n | sort; }
weights() { table | sed -n 's/.* -r 192.168.10.\([0-9]*\):80 .*-w \([0-9]*\).*/\1=\2/p' | xargs; }

a=$WORK/trees/a b=$WORK/trees/b
make_controller
trap 'drop_controller; leave' EXIT

hostile='{{ lookup("pipe", "touch \/tmp\/owned") }} $(touch \/tmp\/owned) `touch \/tmp\/owned` \\" LVSGEN_END'
models "a change" "$same" "s/scheduler: rr }/scheduler: wrr }/;s/web1, address: 192.168.10.102/&, title: '$hostile'/;$more" || { finish; exit 1; }
start_all
states bare
check "site.yml --check on bare hosts" played "$a" site.yml --check --diff
states looked
equal_states "a check changes nothing" bare looked
check "site.yml sets the cluster up" played "$a" site.yml
check "verify.yml: every host does its work" played "$a" verify.yml
check "drift.yml: no host differs" played "$a" drift.yml
check "site.yml runs again" played "$a" site.yml
is "a second run changes nothing" 0 "$(changed)"
is "a second run drains nobody" 0 "$(inside lvs1 grep -c -- '^-e' /run/ipvs-log)"
states played
stop_all
start_all
for host in $HOSTS; do check "push sets $host up" pushed "$host" "$a" "$host"; done
states pushed
equal_states "push and Ansible leave equal hosts" played pushed
stop_all

# A command of web1 fails: nobody goes on, and the next run finishes the work.
start_all
play "$a" site.yml
check "a change is shown before it is made" played "$b" site.yml --check --diff
has "as a difference" '+#   192.168.10.99' "$(cat "$WORK/play")"
is "the table is the old one until then" "102=1 103=1" "$(weights)"
inside web1 sh -c 'echo 2 >/run/fail-at'
watch web1
check "a command of web1 fails: site.yml fails" eval '! play "$b" site.yml'
inside web1 rm -f /run/fail-at
has "with the command" failed "$(cat "$WORK/play")"
has "the director was left alone" "-s rr" "$(table)"
is "web1 stays drained" "102=0 103=1" "$(weights)"
check "the next run finishes it" played "$b" site.yml
watched "a failed run and the next"
check "every host does its work then" played "$b" verify.yml
is "web1 has its weights back" "102=1 103=1" "$(weights | cut -d ' ' -f 1,2)"
has "a hostile title arrives as text" 'lookup(&quot;pipe&quot;' "$(inside web1 cat /var/www/lvs-node-web/index.html /var/www/html/index.html 2>/dev/null)"
is "and nobody evaluated it" "" "$(ls /tmp/owned "$WORK/controller/root/tmp/owned" 2>/dev/null; inside web1 ls /tmp/owned 2>/dev/null)"
states aged
stop_all
start_all
play "$b" site.yml
states fresh
equal_states "the hosts equal hosts that were set up at once" fresh aged

# One host of a batch fails: the other one gets its weights back.
inside web2 sh -c 'echo 2 >/run/fail-at'
check "web2 of the batch fails: site.yml fails" eval '! play "$a" site.yml -e lvsgen_serial=100%'
inside web2 rm -f /run/fail-at
has "the directors were left alone again" "-s wrr" "$(table)"
has "with the command of web2" "sysctl -e -p" "$(cat "$WORK/play")"
is "web2 stays drained, web1 does not" "102=1 103=0" "$(weights | cut -d ' ' -f 1,2)"
check "the next run finishes it too" played "$b" site.yml
is "web2 has its weights back" "102=1 103=1" "$(weights | cut -d ' ' -f 1,2)"

# Order and draining.
inside lvs1 sh -c ': >/run/ipvs-log'
check "a change of the real servers" played "$a" site.yml -e lvsgen_serial=1
is "each was drained, and got its weight back before the next" "102=0 102=1 103=0 103=1" \
    "$(inside lvs1 sed -n 's/^-e .*:80 -r 192.168.10.\([0-9]*\):80 .*-w \([0-9]*\).*/\1=\2/p' /run/ipvs-log | xargs)"
check "an operator drains web1" played "$a" drain.yml --limit web1 -e lvsgen_patience=1
is "web1 is drained" "102=0 103=1" "$(weights)"
check "drain.yml without a limit fails" eval '! play "$a" drain.yml'
check "a rollout over it" played "$b" site.yml
is "a rollout leaves it drained" "102=0" "$(weights | cut -d ' ' -f 1)"
check "drift.yml is content" played "$b" drift.yml
check "the operator gives it back" played "$b" drain.yml --limit web1 -e lvsgen_back=true
is "web1 has its weights" "102=1 103=1" "$(weights | cut -d ' ' -f 1,2)"

# Drift, and a file of somebody else.
inside web2 ip address delete 192.168.10.99/32 dev lo
check "drift.yml fails for a host that differs" eval '! play "$b" drift.yml'
has "and names it" "these hosts differ: web2; these were not compared: none" "$(cat "$WORK/play")"
check "verify.yml fails too" eval '! play "$b" verify.yml'
inside web1 sh -c 'echo "# by hand" >>/etc/sysctl.d/99-zz-lvsgen-web.conf'
check "drift.yml fails for a file that was changed by hand" eval '! play "$b" drift.yml'
has "and names both hosts" "these hosts differ: web2, web1" "$(cat "$WORK/play")"
inside web1 sed -i '$d' /etc/sysctl.d/99-zz-lvsgen-web.conf
check "site.yml repairs it" played "$b" site.yml
is "which drains it, converges it, and gives it back" 3 "$(changed)"
inside web1 sh -c 'rm -rf /var/lib/lvsgen; echo "# somebody else" >/etc/sysctl.d/99-zz-lvsgen-web.conf'
check "a file of somebody else ends the rollout" eval '! play "$a" site.yml'
has "with its path" "/etc/sysctl.d/99-zz-lvsgen-web.conf exists, and lvsgen did not make it" "$(cat "$WORK/play")"
has "before the directors" "-s wrr" "$(table)"
printf 'web1\tfile\t/etc/sysctl.d/99-zz-lvsgen-web.conf\n' >"$WORK/adopt.tsv"
check "a list takes the file over" played "$a" site.yml -e "lvsgen_adopt=$WORK/adopt.tsv"
is "and keeps it" "# somebody else" "$(inside web1 cat /var/lib/lvsgen/web/originals/etc/sysctl.d/99-zz-lvsgen-web.conf)"
stop_all

start_all
play "$a" site.yml
check "teardown.yml without a limit fails" eval '! play "$a" teardown.yml'
check "teardown.yml undoes it" played "$a" teardown.yml -e lvsgen_teardown=web
states undone
equal_states "nothing is left" bare undone
stop_all

# Two directors: the active one is changed last, after it gave its VIPs to the other one.
if models "two directors" "$both" "$both;s/rr }/wlc }/;s/web[12], address: [0-9.]*/&, title: new/"; then
    HOSTS='web1 web2 lvs1 lvs2'
    start_all
    check "two directors: site.yml sets the cluster up" played "$a" site.yml
    active() { for host in lvs1 lvs2; do [ -z "$(inside $host ip -oneline address show to 192.168.10.100/32)" ] || echo $host; done | xargs; }
    for try in $(seq 40); do [ "$(active)" != lvs1 ] || break; sleep 0.5; done
    is "two directors: the first one is active" lvs1 "$(active)"
    check "two directors: site.yml again" played "$a" site.yml
    is "two directors: which changes nothing" 0 "$(changed)"
    is "two directors: and moves no VIP" lvs1 "$(active)"
    check "two directors: a change is shown" played "$b" site.yml --check --diff
    is "two directors: which moves no VIP" lvs1 "$(active)"
    check "two directors: no rollout drains all real servers of a service" eval '! play "$b" site.yml -e lvsgen_serial=2'
    has "two directors: it says why" "because too few other real servers work" "$(cat "$WORK/play")"
    has "two directors: and changes no director" "-s rr" "$(table)"
    is "two directors: and drains nobody" "102=1 103=1" "$(weights)"
    check "two directors: a change" played "$b" site.yml
    is "two directors: the other one is active" lvs2 "$(active)"
    check "two directors: nothing keeps lvs1 from taking the VIPs" eval '! inside lvs1 test -e /etc/lvsgen/maintenance'
    has "two directors: lvs1 has the new scheduler" "-s wlc" "$(table)"
    check "two directors: every probe holds" played "$b" verify.yml
    stop_all
fi

# The same hosts as real servers too: each is drained before it changes, and gets its weight back before the next.
box="$both;s/virtual_router_id: 51/&, sync: true/;/name: web[12]/d;s/real_servers:$/&\n  - { name: lvs1, address: 192.168.10.101 }\n  - { name: lvs2, address: 192.168.10.109 }/"
box="$box;s/virtual_router_id: 51/&, authentication: { from: secret:vrrp }/"
if models "two boxes" "$box" "$box;s/\\n  - { name: lvs1, address: 192.168.10.101/&, title: new/;s/lvs2, address: 192.168.10.109 }$/lvs2, address: 192.168.10.109, title: new }/"; then
    HOSTS='lvs1 lvs2'
    start_all
    for host in $HOSTS; do inside "$host" rm -rf /etc/lvsgen/secrets; done
    echo 'lvsgen_secrets: { vrrp: Trustno1, other: unused }' >"$WORK/secrets.yml"
    check "two boxes: no host lacks its secret" eval '! play "$a" site.yml'
    has "two boxes: the play names it" "there is no secret vrrp" "$(cat "$WORK/play")"
    check "two boxes: a check with the secret" played "$a" site.yml --check --diff -e "@$WORK/secrets.yml"
    check "two boxes: leaves no secret" eval '! inside lvs1 test -e /etc/lvsgen/secrets'
    check "two boxes: site.yml sets the cluster up" played "$a" site.yml -vvv --diff -e "@$WORK/secrets.yml"
    is "two boxes: the secret is in no output" "" "$(grep Trustno1 "$WORK/play")"
    is "two boxes: each host has its secret, and no other" "600 /etc/lvsgen/secrets/vrrp" "$(inside lvs2 sh -c 'stat -c "%a %n" /etc/lvsgen/secrets/*')"
    check "two boxes: site.yml again" played "$a" site.yml
    is "two boxes: which changes nothing" 0 "$(changed)"
    check "two boxes: a change" played "$b" site.yml
    of_task() { awk -v task="$1" '/^TASK/ { on = index($0, task) } on && /^changed:/' "$WORK/play" | wc -l; }
    is "two boxes: each director drained each box" 4 "$(of_task "Drain the host on every director")"
    is "two boxes: and gave it back" 4 "$(of_task "Give the host its weights back")"
    is "two boxes: nothing stays drained" "" "$(inside lvs1 grep -L '^0$' /etc/lvsgen/drain/lvs1 /etc/lvsgen/drain/lvs2)"
    check "two boxes: every probe holds" played "$b" verify.yml
    stop_all
fi
drop_controller
