sbin_PROGRAMS += src/mip6d
src_mip6d_SOURCES = \
	src/daemon/main.c \
	src/daemon/options.c \
	src/daemon/options.h
src_mip6d_CPPFLAGS = $(AM_CPPFLAGS) -DCONFIG_FILE='"$(sysconfdir)/mip6d.conf"'
src_mip6d_LDADD = src/conf/libconf.a src/base/libbase.a
