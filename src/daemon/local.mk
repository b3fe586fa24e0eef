# The program: all rooms put together.
sbin_PROGRAMS += src/mip6d
src_mip6d_SOURCES = \
	src/daemon/background.c \
	src/daemon/background.h \
	src/daemon/check.c \
	src/daemon/check.h \
	src/daemon/hook.c \
	src/daemon/hook.h \
	src/daemon/main.c \
	src/daemon/notify.c \
	src/daemon/notify.h \
	src/daemon/options.c \
	src/daemon/options.h \
	src/daemon/privileges.c \
	src/daemon/privileges.h \
	src/daemon/reload.c \
	src/daemon/reload.h \
	src/daemon/roles.c \
	src/daemon/roles.h \
	src/daemon/run.c \
	src/daemon/run.h \
	src/daemon/rundir.c \
	src/daemon/rundir.h \
	src/daemon/secret.c \
	src/daemon/secret.h
src_mip6d_CPPFLAGS = $(AM_CPPFLAGS) -DCONFIG_FILE='"$(sysconfdir)/mip6d.conf"'
src_mip6d_LDADD = src/console/libconsole.a src/ha/libha.a src/mn/libmn.a src/cn/libcn.a src/os/libos.a src/core/libcore.a src/conf/libconf.a src/wire/libwire.a \
	src/base/libbase.a $(NL_LIBS) $(EVENT_LIBS) $(CRYPTO_LIBS) $(CAP_LIBS) $(JANSSON_LIBS) \
	$(LMDB_LIBS)
