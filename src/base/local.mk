noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_SOURCES = \
	src/base/addr.c \
	src/base/addr.h \
	src/base/bytes.c \
	src/base/bytes.h \
	src/base/clock.c \
	src/base/clock.h \
	src/base/crypto.c \
	src/base/crypto.h \
	src/base/log.c \
	src/base/log.h \
	src/base/log_journal.c \
	src/base/log_journal.h \
	src/base/loop.c \
	src/base/loop.h \
	src/base/random.c \
	src/base/random.h \
	src/base/resolve.c \
	src/base/resolve.h \
	src/base/time.h \
	src/base/timer.c \
	src/base/timer.h
