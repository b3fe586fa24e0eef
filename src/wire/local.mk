noinst_LIBRARIES += src/wire/libwire.a
src_wire_libwire_a_SOURCES = \
	src/wire/ext.c \
	src/wire/ext.h \
	src/wire/icmp6.c \
	src/wire/icmp6.h \
	src/wire/mh.c \
	src/wire/mh.h \
	src/wire/mhopt.c \
	src/wire/mhopt.h \
	src/wire/mld.c \
	src/wire/mld.h \
	src/wire/nd.c \
	src/wire/nd.h \
	src/wire/ndopt.c \
	src/wire/numbers.c \
	src/wire/numbers.h \
	src/wire/wire.c \
	src/wire/wire.h
