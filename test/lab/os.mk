# The port on Linux without a protocol above it: what the tests test_os_*.py drive.
check_PROGRAMS += test/lab/osdrive
test_lab_osdrive_SOURCES = \
	test/lab/osdrive.c \
	test/lab/osdrive.h \
	test/lab/osdrive_object.c
test_lab_osdrive_CPPFLAGS = $(AM_CPPFLAGS) -iquote $(srcdir)/test/lab
test_lab_osdrive_LDADD = src/os/libos.a src/core/libcore.a src/conf/libconf.a src/wire/libwire.a \
	src/base/libbase.a $(NL_LIBS) $(EVENT_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS)

EXTRA_DIST += \
	test/lab/osdrive.py \
	test/rfc6275-extension-headers.tsv \
	test/lab/test_os_headers.py \
	test/lab/test_os_objects.py \
	test/lab/test_os_path.py \
	test/lab/test_os_preflight.py
