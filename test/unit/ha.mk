check_PROGRAMS += test/unit/ha_verdict_test
test_unit_ha_verdict_test_SOURCES = test/unit/ha_verdict_test.c
test_unit_ha_verdict_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
test_unit_ha_verdict_test_LDADD = src/ha/libha.a src/core/libcore.a src/conf/libconf.a \
	src/wire/libwire.a src/base/libbase.a $(CRYPTO_LIBS) $(CMOCKA_LIBS)
TESTS += test/unit/ha_verdict_test
check_PROGRAMS += test/unit/ha_advert_test
test_unit_ha_advert_test_SOURCES = test/unit/ha_advert_test.c
test_unit_ha_advert_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
test_unit_ha_advert_test_LDADD = $(test_unit_ha_verdict_test_LDADD)
TESTS += test/unit/ha_advert_test
EXTRA_DIST += test/rfc6275-home-agent.tsv
