
# --- The short form --------------------------------------------------------------------------------------------
#
# The first boot of cloud-init runs a short form of the program. These functions replace the parts that a host without history does not
# need: nothing waits for --confirm, no lvsgen 0.1 was there, the image has no profile of a NIC to keep, and nobody looks at the changes.

unconfirmed() { return 1; }
return_later() { :; }
adopt_earlier() { :; }
made_by_earlier() { return 1; }
keeps_nics() { :; }
fill_secrets() { :; }
dry_run() { verify; }
install_image() { verify; }
verify() { stop 2 "this is the short form of a first boot: use install/converge.sh of the rendered tree"; }
