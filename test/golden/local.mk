# Golden packets, shared with unit tests and fuzz targets.
golden_cppflags = $(AM_CPPFLAGS) -iquote $(top_srcdir)/test
golden_ldadd = test/golden/libgolden.a src/wire/libwire.a src/base/libbase.a

check_LIBRARIES += test/golden/libgolden.a
test_golden_libgolden_a_SOURCES = \
	test/golden/golden.c \
	test/golden/golden.h \
	test/golden/golden_icmp6.c \
	test/golden/golden_mh.c \
	test/golden/golden_nd.c
test_golden_libgolden_a_CPPFLAGS = $(golden_cppflags)

if HAVE_CMOCKA
check_PROGRAMS += test/golden/golden_test
test_golden_golden_test_SOURCES = test/golden/golden_test.c
test_golden_golden_test_CPPFLAGS = $(golden_cppflags)
test_golden_golden_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
test_golden_golden_test_LDADD = $(golden_ldadd) $(CMOCKA_LIBS)
TESTS += test/golden/golden_test

check_PROGRAMS += test/golden/captures_test
test_golden_captures_test_SOURCES = test/golden/captures_test.c
test_golden_captures_test_CPPFLAGS = $(golden_cppflags)
test_golden_captures_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
test_golden_captures_test_LDADD = $(golden_ldadd) $(CMOCKA_LIBS)
TESTS += test/golden/captures_test
endif

check_PROGRAMS += test/golden/wiretool
test_golden_wiretool_SOURCES = test/golden/wiretool.c test/golden/dump.c test/golden/dump.h
test_golden_wiretool_CPPFLAGS = $(golden_cppflags)
test_golden_wiretool_LDADD = $(golden_ldadd) $(JANSSON_LIBS)

if HAVE_PYTHON3
dist_check_SCRIPTS += test/golden/judge.py
TESTS += test/golden/judge.py
else
EXTRA_DIST += test/golden/judge.py
endif
