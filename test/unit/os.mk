unit_os_cppflags = $(AM_CPPFLAGS) -iquote $(srcdir)/test/unit
unit_os_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
unit_os_ldadd = src/os/libos.a src/core/libcore.a src/conf/libconf.a src/wire/libwire.a \
	src/base/libbase.a $(NL_LIBS) $(EVENT_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += test/unit/os_rtnl_test
test_unit_os_rtnl_test_SOURCES = test/unit/os_rtnl_test.c test/unit/os_bytes.h
test_unit_os_rtnl_test_CPPFLAGS = $(unit_os_cppflags)
test_unit_os_rtnl_test_CFLAGS = $(unit_os_cflags)
test_unit_os_rtnl_test_LDADD = $(unit_os_ldadd)
TESTS += test/unit/os_rtnl_test

check_PROGRAMS += test/unit/os_store_test
test_unit_os_store_test_SOURCES = test/unit/os_store_test.c
test_unit_os_store_test_CPPFLAGS = $(unit_os_cppflags)
test_unit_os_store_test_CFLAGS = $(unit_os_cflags)
test_unit_os_store_test_LDADD = $(unit_os_ldadd) $(LMDB_LIBS)
TESTS += test/unit/os_store_test
