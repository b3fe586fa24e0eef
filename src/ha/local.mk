# The home agent role.
noinst_LIBRARIES += src/ha/libha.a
src_ha_libha_a_SOURCES = \
	src/ha/advert.c \
	src/ha/advert.h \
	src/ha/advert_message.c \
	src/ha/agents.c \
	src/ha/agents.h \
	src/ha/answer.c \
	src/ha/answer.h \
	src/ha/by_hand.c \
	src/ha/defence.c \
	src/ha/defence.h \
	src/ha/facts.c \
	src/ha/footprint.c \
	src/ha/footprint.h \
	src/ha/ha.c \
	src/ha/ha.h \
	src/ha/ha_show.c \
	src/ha/ha_show.h \
	src/ha/kept_state.c \
	src/ha/kept_state.h \
	src/ha/mpd.c \
	src/ha/mpd.h \
	src/ha/multicast.c \
	src/ha/multicast.h \
	src/ha/multicast_data.c \
	src/ha/multicast_mld.c \
	src/ha/prefix.c \
	src/ha/prefix.h \
	src/ha/registration.c \
	src/ha/registration.h \
	src/ha/registrations.c \
	src/ha/stray.c \
	src/ha/stray.h \
	src/ha/verdict.c \
	src/ha/verdict.h \
	src/ha/walk.c \
	src/ha/walk.h \
	src/ha/work.h
