# Configuration files through the program, its command line, and its manual.
dist_check_SCRIPTS += test/conf/files.sh test/conf/command_line.sh test/conf/manual.py
TESTS += test/conf/files.sh test/conf/command_line.sh test/conf/manual.py
EXTRA_DIST += test/conf/good test/conf/bad
check_PROGRAMS += test/conf/list_options
test_conf_list_options_SOURCES = test/conf/list_options.c
test_conf_list_options_LDADD = src/conf/libconf.a src/base/libbase.a
