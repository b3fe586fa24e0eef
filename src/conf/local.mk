# The configuration: option table, lexer, grammar, checks, the plain struct.
AM_YFLAGS = -d -Wno-yacc
BUILT_SOURCES += src/conf/gram.h
noinst_LIBRARIES += src/conf/libconf.a
src_conf_libconf_a_SOURCES = \
	src/conf/arena.c \
	src/conf/arena.h \
	src/conf/build.c \
	src/conf/build.h \
	src/conf/build_blocks.c \
	src/conf/check.c \
	src/conf/check_values.c \
	src/conf/check_whole.c \
	src/conf/conf.c \
	src/conf/conf.h \
	src/conf/diff.c \
	src/conf/diff.h \
	src/conf/error.c \
	src/conf/error.h \
	src/conf/gram.y \
	src/conf/option.c \
	src/conf/option.h \
	src/conf/option_text.c \
	src/conf/query.c \
	src/conf/reader.h \
	src/conf/scan.l \
	src/conf/show.c \
	src/conf/show.h \
	src/conf/source.c \
	src/conf/suggest.c \
	src/conf/suggest.h \
	src/conf/syntax.c \
	src/conf/tree.h \
	src/conf/value.c \
	src/conf/value.h
