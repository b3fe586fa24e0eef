# What an administrator gets besides the program: example files and the unit.
examplesdir = $(docdir)/examples
dist_examples_DATA = \
	conf/correspondent.conf \
	conf/home-agent-routers.conf \
	conf/home-agent-virtual.conf \
	conf/home-agent.conf \
	conf/mobile-node.conf \
	conf/mobile-router.conf

EXTRA_DIST += conf/mip6d.service.in
CLEANFILES += conf/mip6d.service
if HAVE_SYSTEMD
systemdsystemunit_DATA = conf/mip6d.service
endif

conf/mip6d.service: conf/mip6d.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) conf && $(SED) -e 's,[@]sbindir[@],$(sbindir),g' \
		-e 's,[@]sysconfdir[@],$(sysconfdir),g' $(top_srcdir)/conf/mip6d.service.in >$@.tmp && \
		mv $@.tmp $@
