noinst_LIBRARIES += src/os/libos.a
src_os_libos_a_SOURCES = \
	src/os/apply.c \
	src/os/filter.c \
	src/os/learned.c \
	src/os/links.c \
	src/os/linux.h \
	src/os/lookup.c \
	src/os/member.c \
	src/os/monitor.c \
	src/os/netlink.c \
	src/os/netlink.h \
	src/os/object.c \
	src/os/os.c \
	src/os/os.h \
	src/os/policy.c \
	src/os/preflight.c \
	src/os/preflight.h \
	src/os/preflight_firewall.c \
	src/os/preflight_ip6tables.c \
	src/os/preflight_kernel.c \
	src/os/preflight_nft.c \
	src/os/probe.c \
	src/os/reach.c \
	src/os/rtnl.c \
	src/os/rtnl.h \
	src/os/scan.c \
	src/os/socket.c \
	src/os/store.c \
	src/os/store.h \
	src/os/store_file.c \
	src/os/store_file.h \
	src/os/sysctl.c \
	src/os/traffic.c \
	src/os/tunnel.c \
	src/os/wifi.c \
	src/os/xfrm.c \
	src/os/xfrm.h
