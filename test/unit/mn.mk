check_PROGRAMS += test/unit/mn_bul_test
test_unit_mn_bul_test_SOURCES = test/unit/mn_bul_test.c
test_unit_mn_bul_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
test_unit_mn_bul_test_LDADD = src/mn/libmn.a src/core/libcore.a src/wire/libwire.a \
	src/base/libbase.a $(CRYPTO_LIBS) $(CMOCKA_LIBS)
TESTS += test/unit/mn_bul_test
EXTRA_DIST += test/rfc6275-mobile-node-movement.tsv test/rfc6275-mobile-node-registration.tsv
