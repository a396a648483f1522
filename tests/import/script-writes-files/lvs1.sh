#!/bin/bash
# A script as pages on the web have it: it writes the files of the host, and sets up the director.
VIP=192.168.10.100
RIPS="192.168.10.102 192.168.10.103"
CONF=/etc/sysctl.d/90-director.conf
cat > $CONF <<END
net.ipv4.ip_forward = 0
net.ipv4.vs.conntrack = 0
END
sudo tee /etc/sysconfig/network-scripts/ifcfg-ens33 > /dev/null <<'END'
DEVICE=ens33
BOOTPROTO=none
IPADDR=192.168.10.101
PREFIX=24
GATEWAY=192.168.10.2
ONBOOT=yes
# $VIP is a comment here
END
cat <<-END >> /etc/sysconfig/network-scripts/ifcfg-ens33:0
	DEVICE=ens33:0
	IPADDR=$VIP
	PREFIX=32
	END
echo "net.ipv4.conf.all.send_redirects = 0" >> "$CONF"
sudo sh -c 'echo ip_vs > /etc/modules-load.d/ipvs.conf'
modprobe ip_vs && ipvsadm -C
ipvsadm -A -t $VIP:80 -s wlc
for RIP in $RIPS; do
  ipvsadm -a -t $VIP:80 -r $RIP:80 -g -w 1
done
cat > /etc/motd <<END
a director
END
cat > /etc/exports <<END
/srv $UNKNOWN(ro)
END
systemctl restart network ipvsadm
systemctl stop firewalld
cat > /etc/httpd/conf.d/site.conf <<END
Listen 8080
END
echo -e "net.ipv4.conf.lo.arp_ignore = 1" >> /etc/sysctl.d/91-lo.conf
cp /tmp/x /etc/sysctl.d/90-director.conf.bak
