EXTRA_DIST += test/rfc6275-wire-formats.tsv

unit_wire_cppflags = $(AM_CPPFLAGS) -iquote $(top_srcdir)/test
unit_wire_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
unit_wire_ldadd = test/golden/libgolden.a src/wire/libwire.a src/base/libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += test/unit/wire_mh_test
test_unit_wire_mh_test_SOURCES = test/unit/wire_mh_test.c
test_unit_wire_mh_test_CPPFLAGS = $(unit_wire_cppflags)
test_unit_wire_mh_test_CFLAGS = $(unit_wire_cflags)
test_unit_wire_mh_test_LDADD = $(unit_wire_ldadd)
TESTS += test/unit/wire_mh_test

check_PROGRAMS += test/unit/wire_icmp6_test
test_unit_wire_icmp6_test_SOURCES = test/unit/wire_icmp6_test.c
test_unit_wire_icmp6_test_CPPFLAGS = $(unit_wire_cppflags)
test_unit_wire_icmp6_test_CFLAGS = $(unit_wire_cflags)
test_unit_wire_icmp6_test_LDADD = $(unit_wire_ldadd)
TESTS += test/unit/wire_icmp6_test

check_PROGRAMS += test/unit/wire_nd_test
test_unit_wire_nd_test_SOURCES = test/unit/wire_nd_test.c
test_unit_wire_nd_test_CPPFLAGS = $(unit_wire_cppflags)
test_unit_wire_nd_test_CFLAGS = $(unit_wire_cflags)
test_unit_wire_nd_test_LDADD = $(unit_wire_ldadd)
TESTS += test/unit/wire_nd_test

check_PROGRAMS += test/unit/wire_ext_test
test_unit_wire_ext_test_SOURCES = test/unit/wire_ext_test.c
test_unit_wire_ext_test_CPPFLAGS = $(unit_wire_cppflags)
test_unit_wire_ext_test_CFLAGS = $(unit_wire_cflags)
test_unit_wire_ext_test_LDADD = $(unit_wire_ldadd)
TESTS += test/unit/wire_ext_test

check_PROGRAMS += test/unit/wire_random_test
test_unit_wire_random_test_SOURCES = test/unit/wire_random_test.c
test_unit_wire_random_test_CPPFLAGS = $(unit_wire_cppflags)
test_unit_wire_random_test_CFLAGS = $(unit_wire_cflags)
test_unit_wire_random_test_LDADD = $(unit_wire_ldadd)
TESTS += test/unit/wire_random_test

check_PROGRAMS += test/unit/wire_mld_test
test_unit_wire_mld_test_SOURCES = test/unit/wire_mld_test.c
test_unit_wire_mld_test_CPPFLAGS = $(unit_wire_cppflags)
test_unit_wire_mld_test_CFLAGS = $(unit_wire_cflags)
test_unit_wire_mld_test_LDADD = $(unit_wire_ldadd)
TESTS += test/unit/wire_mld_test
