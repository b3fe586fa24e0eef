unit_base_cppflags = $(AM_CPPFLAGS) -iquote $(top_srcdir)/test
unit_base_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
unit_base_ldadd = src/base/libbase.a $(CMOCKA_LIBS) $(CRYPTO_LIBS) $(EVENT_LIBS)

check_PROGRAMS += test/unit/base_addr_test
test_unit_base_addr_test_SOURCES = test/unit/base_addr_test.c test/unit/random.h
test_unit_base_addr_test_CPPFLAGS = $(unit_base_cppflags)
test_unit_base_addr_test_CFLAGS = $(unit_base_cflags)
test_unit_base_addr_test_LDADD = $(unit_base_ldadd)
TESTS += test/unit/base_addr_test

check_PROGRAMS += test/unit/base_bytes_test
test_unit_base_bytes_test_SOURCES = test/unit/base_bytes_test.c test/unit/random.h
test_unit_base_bytes_test_CPPFLAGS = $(unit_base_cppflags)
test_unit_base_bytes_test_CFLAGS = $(unit_base_cflags)
test_unit_base_bytes_test_LDADD = $(unit_base_ldadd)
TESTS += test/unit/base_bytes_test

check_PROGRAMS += test/unit/base_crypto_test
test_unit_base_crypto_test_SOURCES = test/unit/base_crypto_test.c
test_unit_base_crypto_test_CPPFLAGS = $(unit_base_cppflags)
test_unit_base_crypto_test_CFLAGS = $(unit_base_cflags)
test_unit_base_crypto_test_LDADD = $(unit_base_ldadd)
TESTS += test/unit/base_crypto_test

check_PROGRAMS += test/unit/base_log_test
test_unit_base_log_test_SOURCES = test/unit/base_log_test.c
test_unit_base_log_test_CPPFLAGS = $(unit_base_cppflags)
test_unit_base_log_test_CFLAGS = $(unit_base_cflags)
test_unit_base_log_test_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=syslog -Wl,--wrap=__syslog_chk -Wl,--wrap=openlog -Wl,--wrap=closelog
test_unit_base_log_test_LDADD = $(unit_base_ldadd)
TESTS += test/unit/base_log_test

check_PROGRAMS += test/unit/base_log_limit_test
test_unit_base_log_limit_test_SOURCES = test/unit/base_log_limit_test.c
test_unit_base_log_limit_test_CPPFLAGS = $(unit_base_cppflags)
test_unit_base_log_limit_test_CFLAGS = $(unit_base_cflags)
test_unit_base_log_limit_test_LDADD = $(unit_base_ldadd)
TESTS += test/unit/base_log_limit_test

check_PROGRAMS += test/unit/base_loop_test
test_unit_base_loop_test_SOURCES = test/unit/base_loop_test.c test/unit/loop_scene.h
test_unit_base_loop_test_CPPFLAGS = $(unit_base_cppflags)
test_unit_base_loop_test_CFLAGS = $(unit_base_cflags)
test_unit_base_loop_test_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=calloc
test_unit_base_loop_test_LDADD = $(unit_base_ldadd)
TESTS += test/unit/base_loop_test

check_PROGRAMS += test/unit/base_loop_turn_test
test_unit_base_loop_turn_test_SOURCES = test/unit/base_loop_turn_test.c test/unit/loop_scene.h
test_unit_base_loop_turn_test_CPPFLAGS = $(unit_base_cppflags)
test_unit_base_loop_turn_test_CFLAGS = $(unit_base_cflags)
test_unit_base_loop_turn_test_LDADD = $(unit_base_ldadd)
TESTS += test/unit/base_loop_turn_test

check_PROGRAMS += test/unit/base_time_test
test_unit_base_time_test_SOURCES = test/unit/base_time_test.c
test_unit_base_time_test_CPPFLAGS = $(unit_base_cppflags)
test_unit_base_time_test_CFLAGS = $(unit_base_cflags)
test_unit_base_time_test_LDADD = $(unit_base_ldadd)
TESTS += test/unit/base_time_test

check_PROGRAMS += test/unit/base_timer_test
test_unit_base_timer_test_SOURCES = test/unit/base_timer_test.c
test_unit_base_timer_test_CPPFLAGS = $(unit_base_cppflags)
test_unit_base_timer_test_CFLAGS = $(unit_base_cflags)
test_unit_base_timer_test_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=reallocarray -Wl,--wrap=missing_reallocarray
test_unit_base_timer_test_LDADD = $(unit_base_ldadd)
TESTS += test/unit/base_timer_test

check_PROGRAMS += test/unit/base_timer_many_test
test_unit_base_timer_many_test_SOURCES = test/unit/base_timer_many_test.c test/unit/random.h
test_unit_base_timer_many_test_CPPFLAGS = $(unit_base_cppflags)
test_unit_base_timer_many_test_CFLAGS = $(unit_base_cflags)
test_unit_base_timer_many_test_LDADD = $(unit_base_ldadd)
TESTS += test/unit/base_timer_many_test

check_PROGRAMS += test/unit/base_resolve_test
test_unit_base_resolve_test_SOURCES = test/unit/base_resolve_test.c
test_unit_base_resolve_test_CPPFLAGS = $(unit_base_cppflags)
test_unit_base_resolve_test_CFLAGS = $(unit_base_cflags)
test_unit_base_resolve_test_LDADD = $(unit_base_ldadd)
TESTS += test/unit/base_resolve_test

check_PROGRAMS += test/unit/base_log_journal_test
test_unit_base_log_journal_test_SOURCES = test/unit/base_log_journal_test.c
test_unit_base_log_journal_test_CPPFLAGS = $(unit_base_cppflags)
test_unit_base_log_journal_test_CFLAGS = $(unit_base_cflags)
test_unit_base_log_journal_test_LDADD = $(unit_base_ldadd)
TESTS += test/unit/base_log_journal_test
