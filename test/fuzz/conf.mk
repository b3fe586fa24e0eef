check_PROGRAMS += test/fuzz/fuzz_conf
test_fuzz_fuzz_conf_SOURCES = test/fuzz/fuzz_conf.c
test_fuzz_fuzz_conf_CPPFLAGS = $(AM_CPPFLAGS) -iquote $(top_srcdir)/test
test_fuzz_fuzz_conf_LDFLAGS = $(fuzz_ldflags)
test_fuzz_fuzz_conf_LDADD = src/conf/libconf.a src/base/libbase.a $(fuzz_main)
EXTRA_DIST += test/fuzz/conf.dict
