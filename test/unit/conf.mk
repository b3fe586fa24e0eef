check_PROGRAMS += test/unit/conf_test test/unit/conf_memory_test
TESTS += test/unit/conf_test test/unit/conf_memory_test
test_unit_conf_test_SOURCES = test/unit/conf_test.c
test_unit_conf_test_LDADD = src/conf/libconf.a src/base/libbase.a $(CMOCKA_LIBS)
test_unit_conf_memory_test_SOURCES = test/unit/conf_memory_test.c
test_unit_conf_memory_test_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc \
	-Wl,--wrap=realloc -Wl,--wrap=reallocarray
test_unit_conf_memory_test_LDADD = src/conf/libconf.a src/base/libbase.a $(CMOCKA_LIBS)
