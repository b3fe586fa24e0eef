unit_core_cppflags = $(AM_CPPFLAGS) -iquote $(srcdir)/test/unit
unit_core_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
unit_core_ldadd = src/core/libcore.a src/conf/libconf.a src/wire/libwire.a src/base/libbase.a \
	$(CRYPTO_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += test/unit/core_bcache_test
test_unit_core_bcache_test_SOURCES = test/unit/core_bcache_test.c
test_unit_core_bcache_test_CPPFLAGS = $(unit_core_cppflags)
test_unit_core_bcache_test_CFLAGS = $(unit_core_cflags)
test_unit_core_bcache_test_LDADD = $(unit_core_ldadd)
TESTS += test/unit/core_bcache_test

check_PROGRAMS += test/unit/core_footprint_test
test_unit_core_footprint_test_SOURCES = test/unit/core_footprint_test.c test/unit/core_port.h
test_unit_core_footprint_test_CPPFLAGS = $(unit_core_cppflags)
test_unit_core_footprint_test_CFLAGS = $(unit_core_cflags)
test_unit_core_footprint_test_LDADD = $(unit_core_ldadd)
TESTS += test/unit/core_footprint_test

check_PROGRAMS += test/unit/core_store_test
test_unit_core_store_test_SOURCES = test/unit/core_store_test.c
test_unit_core_store_test_CPPFLAGS = $(unit_core_cppflags)
test_unit_core_store_test_CFLAGS = $(unit_core_cflags)
test_unit_core_store_test_LDADD = $(unit_core_ldadd)
TESTS += test/unit/core_store_test

check_PROGRAMS += test/unit/core_rr_test
test_unit_core_rr_test_SOURCES = test/unit/core_rr_test.c
test_unit_core_rr_test_CPPFLAGS = $(unit_core_cppflags)
test_unit_core_rr_test_CFLAGS = $(unit_core_cflags)
test_unit_core_rr_test_LDADD = $(unit_core_ldadd)
TESTS += test/unit/core_rr_test

check_PROGRAMS += test/unit/core_limit_test
test_unit_core_limit_test_SOURCES = test/unit/core_limit_test.c
test_unit_core_limit_test_CPPFLAGS = $(unit_core_cppflags)
test_unit_core_limit_test_CFLAGS = $(unit_core_cflags)
test_unit_core_limit_test_LDADD = $(unit_core_ldadd)
TESTS += test/unit/core_limit_test

check_PROGRAMS += test/unit/core_busy_test
test_unit_core_busy_test_SOURCES = test/unit/core_busy_test.c
test_unit_core_busy_test_CPPFLAGS = $(unit_core_cppflags)
test_unit_core_busy_test_CFLAGS = $(unit_core_cflags)
test_unit_core_busy_test_LDADD = $(unit_core_ldadd)
TESTS += test/unit/core_busy_test

check_PROGRAMS += test/unit/core_ipsec_test
test_unit_core_ipsec_test_SOURCES = test/unit/core_ipsec_test.c
test_unit_core_ipsec_test_CFLAGS = $(unit_core_cflags)
test_unit_core_ipsec_test_LDADD = $(unit_core_ldadd)
TESTS += test/unit/core_ipsec_test
