# The console's server, and its client mip6ctl.
noinst_LIBRARIES += src/console/libconsole.a
src_console_libconsole_a_SOURCES = \
	src/console/apart.c \
	src/console/apart.h \
	src/console/client.c \
	src/console/client.h \
	src/console/command.c \
	src/console/command.h \
	src/console/console.h \
	src/console/render.c \
	src/console/render.h \
	src/console/server.c \
	src/console/word.h \
	src/console/word_change.c \
	src/console/word_check.c \
	src/console/word_counters.c \
	src/console/word_kernel.c \
	src/console/word_node.c \
	src/console/word_top.c

bin_PROGRAMS += src/mip6ctl
src_mip6ctl_SOURCES = \
	src/console/ctl.c \
	src/console/ctl.h \
	src/console/ctl_edit.c \
	src/console/ctl_link.c
src_mip6ctl_CPPFLAGS = $(AM_CPPFLAGS) -DCONSOLE_SOCKET='"/run/mip6d/mip6d.sock"'
src_mip6ctl_LDADD = $(EDIT_LIBS) $(JANSSON_LIBS)
