fuzz_wire_cppflags = $(AM_CPPFLAGS) -iquote $(top_srcdir)/test
fuzz_wire_ldadd = test/golden/libgolden.a src/wire/libwire.a src/base/libbase.a $(fuzz_main)

check_PROGRAMS += test/fuzz/fuzz_mh
test_fuzz_fuzz_mh_SOURCES = test/fuzz/fuzz_mh.c
test_fuzz_fuzz_mh_CPPFLAGS = $(fuzz_wire_cppflags)
test_fuzz_fuzz_mh_LDFLAGS = $(fuzz_ldflags)
test_fuzz_fuzz_mh_LDADD = $(fuzz_wire_ldadd)

check_PROGRAMS += test/fuzz/fuzz_icmp6
test_fuzz_fuzz_icmp6_SOURCES = test/fuzz/fuzz_icmp6.c
test_fuzz_fuzz_icmp6_CPPFLAGS = $(fuzz_wire_cppflags)
test_fuzz_fuzz_icmp6_LDFLAGS = $(fuzz_ldflags)
test_fuzz_fuzz_icmp6_LDADD = $(fuzz_wire_ldadd)

check_PROGRAMS += test/fuzz/fuzz_nd
test_fuzz_fuzz_nd_SOURCES = test/fuzz/fuzz_nd.c
test_fuzz_fuzz_nd_CPPFLAGS = $(fuzz_wire_cppflags)
test_fuzz_fuzz_nd_LDFLAGS = $(fuzz_ldflags)
test_fuzz_fuzz_nd_LDADD = $(fuzz_wire_ldadd)

check_PROGRAMS += test/fuzz/fuzz_ext
test_fuzz_fuzz_ext_SOURCES = test/fuzz/fuzz_ext.c
test_fuzz_fuzz_ext_CPPFLAGS = $(fuzz_wire_cppflags)
test_fuzz_fuzz_ext_LDFLAGS = $(fuzz_ldflags)
test_fuzz_fuzz_ext_LDADD = $(fuzz_wire_ldadd)

check_PROGRAMS += test/fuzz/fuzz_mld
test_fuzz_fuzz_mld_SOURCES = test/fuzz/fuzz_mld.c
test_fuzz_fuzz_mld_CPPFLAGS = $(fuzz_wire_cppflags)
test_fuzz_fuzz_mld_LDFLAGS = $(fuzz_ldflags)
test_fuzz_fuzz_mld_LDADD = $(fuzz_wire_ldadd)
