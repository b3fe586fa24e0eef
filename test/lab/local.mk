# The lab: programs that run inside its kernel. `make check` builds them; the lab itself is
# scripts/lab, which makes lab-programs before a guest starts: every program that is
# installed, and those of check_PROGRAMS in this folder.
lab-programs: $(sbin_PROGRAMS) $(bin_PROGRAMS) \
	$(filter test/lab/% test/bench/ha%,$(check_PROGRAMS))

# What make install makes, for guests that are whole machines (machine.py). Who may not write
# here can run the lab all the same when nothing is to be done.
lab-installed: test/lab/installed
test/lab/installed: $(sbin_PROGRAMS) $(bin_PROGRAMS) $(dist_man_MANS) $(dist_examples_DATA) \
	$(dist_examples_SCRIPTS) $(dist_radvdexamples_DATA) $(systemdsystemunit_DATA) \
	$(sysusers_DATA)
	rm -rf $@
	$(MAKE) -s install DESTDIR='$(abs_builddir)/$@'
	touch $@
.PHONY: lab-programs lab-installed

check_PROGRAMS += test/lab/sniff test/lab/stream
test_lab_sniff_SOURCES = test/lab/sniff.c
test_lab_stream_SOURCES = test/lab/stream.c

include test/lab/os.mk

# Home registration with movement by hand: what test_mn_*.py drive.
check_PROGRAMS += test/lab/mndrive
test_lab_mndrive_SOURCES = test/lab/mndrive.c
test_lab_mndrive_LDADD = src/mn/libmn.a src/os/libos.a src/core/libcore.a src/conf/libconf.a \
	src/wire/libwire.a src/base/libbase.a $(NL_LIBS) $(EVENT_LIBS) $(CRYPTO_LIBS)
EXTRA_DIST += test/lab/mndrive.py test/lab/nameserver.py test/lab/test_mn.py \
	test/lab/test_mn_interfaces.py test/lab/test_mn_path.py test/lab/test_mn_tours.py \
	test/lab/test_mn_traffic.py

# Only for guests in qemu, on request.
EXTRA_PROGRAMS += test/lab/boot
test_lab_boot_SOURCES = test/lab/boot.c
test_lab_boot_LDFLAGS = -static

EXTRA_DIST += \
	scripts/lab \
	test/bench/__init__.py \
	test/bench/ha.py \
	test/bench/objects.py \
	test/bench/handover.py \
	test/bench/restart.py \
	test/bench/routes.py \
	test/lab/__init__.py \
	test/lab/capture.py \
	test/lab/conftest.py \
	test/lab/drawing.py \
	test/lab/guest.py \
	test/lab/host.py \
	test/lab/inside.py \
	test/lab/internet.py \
	test/lab/machine.py \
	test/lab/main.py \
	test/lab/net.py \
	test/lab/qemu.py \
	test/lab/rtnl.py \
	test/lab/stream.py \
	test/lab/taplines.py \
	test/lab/timeline.py \
	test/lab/transfer.py \
	test/lab/scenarios/__init__.py \
	test/lab/scenarios/moves.py \
	test/lab/scenarios/tour.py \
	test/lab/test_console.py \
	test/lab/test_daemon.py \
	test/lab/test_failures.py \
	test/lab/test_ha_advert.py \
	test/lab/test_ha_home_link.py \
	test/lab/test_ha_ipsec.py \
	test/lab/test_ha_many.py \
	test/lab/test_hook.py \
	test/lab/test_host.py \
	test/lab/test_ipsec.py \
	test/lab/test_kill.py \
	test/lab/test_lab.py \
	test/lab/test_mobility.py \
	test/lab/test_multicast.py \
	test/lab/test_reload.py \
	test/lab/test_restart.py \
	test/lab/ro_thin.py \
	test/lab/readme.py \
	test/lab/test_readme.py \
	test/lab/test_ro.py \
	test/lab/test_ro_correspondent.py \
	test/lab/test_ro_mobile.py \
	test/lab/test_services.py \
	test/lab/test_symptoms.py \
	test/lab/test_systemd.py \
	test/lab/test_thin.py

# What a commit of the store costs; for the disk of the folder that is given to it.
check_PROGRAMS += test/bench/store
test_bench_store_SOURCES = test/bench/store.c
test_bench_store_LDADD = src/os/libos.a src/core/libcore.a src/conf/libconf.a \
	src/wire/libwire.a src/base/libbase.a $(NL_LIBS) $(EVENT_LIBS) $(CRYPTO_LIBS) $(LMDB_LIBS)

# Many mobile nodes, and the least that serving them costs: test/bench/ha.py.
check_PROGRAMS += test/bench/haload test/bench/hafloor
test_bench_haload_SOURCES = test/bench/haload.c test/bench/haload.h test/bench/haframe.c
test_bench_haload_LDADD = src/wire/libwire.a src/base/libbase.a $(CRYPTO_LIBS)
test_bench_hafloor_SOURCES = test/bench/hafloor.c
test_bench_hafloor_LDADD = src/ha/libha.a src/os/libos.a src/core/libcore.a src/conf/libconf.a \
	src/wire/libwire.a src/base/libbase.a $(NL_LIBS) $(EVENT_LIBS) $(CRYPTO_LIBS)
