# What all roles share: the node, the port, bindings, footprints.
noinst_LIBRARIES += src/core/libcore.a
src_core_libcore_a_SOURCES = \
	src/core/auth.c \
	src/core/auth.h \
	src/core/bcache.c \
	src/core/bcache.h \
	src/core/busy.c \
	src/core/busy.h \
	src/core/counters.c \
	src/core/counters.h \
	src/core/footprint.c \
	src/core/footprint.h \
	src/core/found.c \
	src/core/found.h \
	src/core/hao.c \
	src/core/hao.h \
	src/core/input.c \
	src/core/kept.c \
	src/core/kept.h \
	src/core/kernel.h \
	src/core/kobj.c \
	src/core/kobj_text.c \
	src/core/link.c \
	src/core/link.h \
	src/core/lookup.c \
	src/core/lookup.h \
	src/core/mip6.c \
	src/core/mip6.h \
	src/core/output.c \
	src/core/policy.c \
	src/core/policy.h \
	src/core/probe.c \
	src/core/probe.h \
	src/core/rate.c \
	src/core/rate.h \
	src/core/role.h \
	src/core/rr.c \
	src/core/rr.h \
	src/core/show.c \
	src/core/show.h \
	src/core/store.c \
	src/core/store.h \
	src/core/store_table.c \
	src/core/store_table.h \
	src/core/transition.c \
	src/core/violation.c \
	src/core/violation.h
