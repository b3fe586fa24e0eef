check_PROGRAMS += test/fuzz/fuzz_console
test_fuzz_fuzz_console_SOURCES = test/fuzz/fuzz_console.c
test_fuzz_fuzz_console_CPPFLAGS = $(AM_CPPFLAGS) -iquote $(top_srcdir)/test
test_fuzz_fuzz_console_LDFLAGS = $(fuzz_ldflags)
test_fuzz_fuzz_console_LDADD = src/console/libconsole.a src/ha/libha.a src/mn/libmn.a \
	src/cn/libcn.a src/core/libcore.a src/conf/libconf.a src/wire/libwire.a src/base/libbase.a \
	$(fuzz_main) $(JANSSON_LIBS) $(CRYPTO_LIBS) $(EVENT_LIBS)
EXTRA_DIST += test/fuzz/console.dict
