# The correspondent role.
noinst_LIBRARIES += src/cn/libcn.a
src_cn_libcn_a_SOURCES = \
	src/cn/binding.c \
	src/cn/binding.h \
	src/cn/cn.c \
	src/cn/cn.h \
	src/cn/cn_show.c \
	src/cn/cn_show.h \
	src/cn/kept_state.c \
	src/cn/kept_state.h \
	src/cn/verdict.c \
	src/cn/verdict.h
