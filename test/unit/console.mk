check_PROGRAMS += test/unit/console_render_test
test_unit_console_render_test_SOURCES = test/unit/console_render_test.c
test_unit_console_render_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
test_unit_console_render_test_LDADD = src/console/libconsole.a src/core/libcore.a \
	src/conf/libconf.a src/wire/libwire.a src/base/libbase.a $(JANSSON_LIBS) $(CRYPTO_LIBS) \
	$(EVENT_LIBS) $(CMOCKA_LIBS)
TESTS += test/unit/console_render_test

check_PROGRAMS += test/unit/console_command_test
test_unit_console_command_test_SOURCES = test/unit/console_command_test.c test/unit/core_port.h
test_unit_console_command_test_CPPFLAGS = $(AM_CPPFLAGS) -iquote $(srcdir)/test/unit
test_unit_console_command_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
test_unit_console_command_test_LDADD = src/console/libconsole.a src/core/libcore.a \
	src/conf/libconf.a src/wire/libwire.a src/base/libbase.a $(JANSSON_LIBS) $(CRYPTO_LIBS) \
	$(EVENT_LIBS) $(CMOCKA_LIBS)
TESTS += test/unit/console_command_test

check_PROGRAMS += test/unit/console_server_test
test_unit_console_server_test_SOURCES = test/unit/console_server_test.c test/unit/core_port.h
test_unit_console_server_test_CPPFLAGS = $(AM_CPPFLAGS) -iquote $(srcdir)/test/unit
test_unit_console_server_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
test_unit_console_server_test_LDADD = src/console/libconsole.a src/core/libcore.a \
	src/conf/libconf.a src/wire/libwire.a src/base/libbase.a $(JANSSON_LIBS) $(CRYPTO_LIBS) \
	$(EVENT_LIBS) $(CMOCKA_LIBS)
TESTS += test/unit/console_server_test
