# The mobile node role.
noinst_LIBRARIES += src/mn/libmn.a
src_mn_libmn_a_SOURCES = \
	src/mn/addrconf.c \
	src/mn/attach.h \
	src/mn/bul.c \
	src/mn/bul.h \
	src/mn/handover.c \
	src/mn/handover.h \
	src/mn/home.c \
	src/mn/home.h \
	src/mn/home_agent.c \
	src/mn/home_conf.c \
	src/mn/home_error.c \
	src/mn/home_former.c \
	src/mn/home_path.c \
	src/mn/home_prefix.c \
	src/mn/home_register.c \
	src/mn/home_return.c \
	src/mn/home_source.c \
	src/mn/home_tunnel.c \
	src/mn/kept_state.c \
	src/mn/kept_state.h \
	src/mn/mn.c \
	src/mn/mn.h \
	src/mn/mn_command.c \
	src/mn/mn_show.c \
	src/mn/mn_show.h \
	src/mn/mn_ways.c \
	src/mn/move.c \
	src/mn/move.h \
	src/mn/move_iface.c \
	src/mn/move_objects.c \
	src/mn/move_observe.c \
	src/mn/move_ra.c \
	src/mn/move_router.c \
	src/mn/move_solicit.c \
	src/mn/multicast.c \
	src/mn/multicast.h \
	src/mn/ro.c \
	src/mn/ro.h \
	src/mn/ro_heard.c \
	src/mn/ro_peer.h \
	src/mn/ro_show.c \
	src/mn/ro_show.h \
	src/mn/ro_test.c \
	src/mn/ro_test.h \
	src/mn/ro_trigger.c
