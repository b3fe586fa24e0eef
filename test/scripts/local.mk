# Tests of the source tree itself and of the scripts that check it.
EXTRA_DIST += test/scripts/tap.sh
script_tests = test/scripts/examples.sh test/scripts/services.sh test/scripts/steps.sh test/scripts/toplevel.sh
if HAVE_PYTHON3
script_tests += test/scripts/readme.sh test/scripts/requirements.sh test/scripts/rooms.sh test/scripts/style.sh
else
EXTRA_DIST += test/scripts/readme.sh test/scripts/requirements.sh test/scripts/rooms.sh test/scripts/style.sh
endif
dist_check_SCRIPTS += $(script_tests)
TESTS += $(script_tests)
