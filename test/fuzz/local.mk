# Fuzz targets: one fragment per room. Each adds its programs, test/fuzz/fuzz_NAME
# from fuzz_NAME.c, to check_PROGRAMS with fuzz_ldflags and fuzz_main, and keeps a
# small corpus in test/fuzz/corpus/NAME.
if ENABLE_FUZZERS
fuzz_ldflags = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
fuzz_main =
else
fuzz_ldflags = $(AM_LDFLAGS)
fuzz_main = test/fuzz/libmain.a
endif
check_LIBRARIES += test/fuzz/libmain.a
test_fuzz_libmain_a_SOURCES = test/fuzz/main.c test/fuzz/fuzz.h
test_fuzz_libmain_a_CPPFLAGS = $(AM_CPPFLAGS) -iquote $(top_srcdir)/test

include test/fuzz/wire.mk
include test/fuzz/conf.mk
include test/fuzz/console.mk

dist_check_SCRIPTS += test/fuzz/replay.sh
TESTS += test/fuzz/replay.sh
EXTRA_DIST += test/fuzz/corpus
