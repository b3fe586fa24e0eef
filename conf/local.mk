# What an administrator gets besides the program: example files, the unit
# with its user, a boot script.
examplesdir = $(docdir)/examples
dist_examples_DATA = \
	conf/correspondent.conf \
	conf/home-agent-routers.conf \
	conf/home-agent-virtual.conf \
	conf/home-agent.conf \
	conf/mobile-node.conf \
	conf/mobile-router.conf

# Where there is no systemd, the boot script is to be copied to /etc/init.d.
dist_examples_SCRIPTS = conf/mip6d.init
radvdexamplesdir = $(examplesdir)/radvd
dist_radvdexamples_DATA = conf/radvd/foreign-link.conf conf/radvd/home-link.conf

EXTRA_DIST += conf/mip6d.service.in conf/sysusers.d/mip6d.conf
CLEANFILES += conf/mip6d.service
if HAVE_SYSTEMD
systemdsystemunit_DATA = conf/mip6d.service
sysusersdir = $(prefix)/lib/sysusers.d
sysusers_DATA = conf/sysusers.d/mip6d.conf
endif

# Folders that were made for the examples, and are empty now.
uninstall-hook:
	-rmdir $(DESTDIR)$(radvdexamplesdir) $(DESTDIR)$(examplesdir) $(DESTDIR)$(docdir) 2>/dev/null

conf/mip6d.service: conf/mip6d.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) conf && $(SED) -e 's,[@]sbindir[@],$(sbindir),g' \
		-e 's,[@]sysconfdir[@],$(sysconfdir),g' $(top_srcdir)/conf/mip6d.service.in >$@.tmp && \
		mv $@.tmp $@
