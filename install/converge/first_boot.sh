
# --- A first boot --------------------------------------------------------------------------------------------
#
# These functions stand in the short form of the program, in the place of the parts that a host without history does not
# need: nothing waits for --confirm, and no lvsgen 0.1 was there.

unconfirmed() { return 1; }
return_later() { :; }
adopt_earlier() { :; }
