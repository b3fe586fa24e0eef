# Tests of the source tree itself and of the scripts that check it.
EXTRA_DIST += test/scripts/tap.sh
dist_check_SCRIPTS += test/scripts/rooms.sh test/scripts/toplevel.sh
TESTS += test/scripts/rooms.sh test/scripts/toplevel.sh
