noinst_LIBRARIES += src/wire/libwire.a
src_wire_libwire_a_SOURCES = \
	src/wire/ext.h \
	src/wire/icmp6.h \
	src/wire/mh.h \
	src/wire/mhopt.h \
	src/wire/nd.h \
	src/wire/numbers.h \
	src/wire/wire.h
