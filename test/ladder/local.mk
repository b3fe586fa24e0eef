# Ladder tests: the core and the roles of several nodes in one process. The
# library is the harness; a test links it, the roles it needs, then ladder_libs.
if HAVE_CMOCKA
check_LIBRARIES += test/ladder/libladder.a
test_ladder_libladder_a_SOURCES = \
	test/ladder/box.c \
	test/ladder/box.h \
	test/ladder/box_deliver.c \
	test/ladder/box_ip.c \
	test/ladder/box_mld.c \
	test/ladder/box_nd.c \
	test/ladder/box_route.c \
	test/ladder/box_xfrm.c \
	test/ladder/build.c \
	test/ladder/ladder.c \
	test/ladder/ladder.h \
	test/ladder/name.c \
	test/ladder/net.c \
	test/ladder/packet.c \
	test/ladder/packet.h \
	test/ladder/record.c \
	test/ladder/router.c \
	test/ladder/script.c \
	test/ladder/stream.c \
	test/ladder/text.c \
	test/ladder/world.h
test_ladder_libladder_a_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
ladder_libs = test/ladder/libladder.a src/core/libcore.a src/conf/libconf.a \
	src/wire/libwire.a src/base/libbase.a $(CRYPTO_LIBS) $(CMOCKA_LIBS)

# Randomness of the program comes from the ladder's seed.
ladder_ldflags = $(AM_LDFLAGS) -Wl,--wrap=crypto_random

ladder_self_tests = test/ladder/ladder_test test/ladder/ladder_kernel_test \
	test/ladder/ladder_xfrm_test
check_PROGRAMS += $(ladder_self_tests)
TESTS += $(ladder_self_tests)
test_ladder_ladder_test_SOURCES = test/ladder/ladder_test.c
test_ladder_ladder_test_LDFLAGS = $(ladder_ldflags)
test_ladder_ladder_test_LDADD = $(ladder_libs)
test_ladder_ladder_kernel_test_SOURCES = test/ladder/ladder_kernel_test.c \
	test/ladder/hands.c test/ladder/hands.h
test_ladder_ladder_kernel_test_LDFLAGS = $(ladder_ldflags)
test_ladder_ladder_kernel_test_LDADD = $(ladder_libs)
test_ladder_ladder_xfrm_test_SOURCES = test/ladder/ladder_xfrm_test.c \
	test/ladder/hands.c test/ladder/hands.h
test_ladder_ladder_xfrm_test_LDFLAGS = $(ladder_ldflags)
test_ladder_ladder_xfrm_test_LDADD = $(ladder_libs)

# Home registration with movement by hand.
home_tests = test/ladder/home_agent_test test/ladder/home_former_test \
	test/ladder/home_prefix_test \
	test/ladder/home_random_test \
	test/ladder/home_register_test test/ladder/home_return_test
full_world = test/ladder/full_world.c test/ladder/full_world.h
full_tests = test/ladder/home_full_test test/ladder/home_moves_test \
	test/ladder/home_places_test test/ladder/home_two_agents_test \
	test/ladder/multicast_full_test
check_PROGRAMS += $(home_tests) $(full_tests)
TESTS += $(home_tests) $(full_tests)
test_ladder_home_moves_test_SOURCES = test/ladder/home_moves_test.c $(full_world)
test_ladder_home_moves_test_LDFLAGS = $(ladder_ldflags)
test_ladder_home_moves_test_LDADD = src/mn/libmn.a src/cn/libcn.a \
	src/ha/libha.a $(ladder_libs)
test_ladder_home_places_test_SOURCES = test/ladder/home_places_test.c $(full_world)
test_ladder_home_places_test_LDFLAGS = $(ladder_ldflags)
test_ladder_home_places_test_LDADD = src/mn/libmn.a src/cn/libcn.a \
	src/ha/libha.a $(ladder_libs)
test_ladder_home_two_agents_test_SOURCES = test/ladder/home_two_agents_test.c $(full_world)
test_ladder_home_two_agents_test_LDFLAGS = $(ladder_ldflags)
test_ladder_home_two_agents_test_LDADD = src/mn/libmn.a src/cn/libcn.a \
	src/ha/libha.a $(ladder_libs)
test_ladder_home_full_test_SOURCES = test/ladder/home_full_test.c $(full_world)
test_ladder_home_full_test_LDFLAGS = $(ladder_ldflags)
test_ladder_home_full_test_LDADD = src/mn/libmn.a src/cn/libcn.a \
	src/ha/libha.a $(ladder_libs)
test_ladder_multicast_full_test_SOURCES = test/ladder/multicast_full_test.c $(full_world)
test_ladder_multicast_full_test_LDFLAGS = $(ladder_ldflags)
test_ladder_multicast_full_test_LDADD = src/mn/libmn.a src/cn/libcn.a \
	src/ha/libha.a $(ladder_libs)
home_world = test/ladder/home_world.c test/ladder/home_world.h
home_libs = src/mn/libmn.a $(ladder_libs)
test_ladder_home_agent_test_SOURCES = test/ladder/home_agent_test.c $(home_world)
test_ladder_home_agent_test_LDFLAGS = $(ladder_ldflags)
test_ladder_home_agent_test_LDADD = $(home_libs)
test_ladder_home_former_test_SOURCES = test/ladder/home_former_test.c $(home_world)
test_ladder_home_former_test_LDFLAGS = $(ladder_ldflags)
test_ladder_home_former_test_LDADD = $(home_libs)
test_ladder_home_prefix_test_SOURCES = test/ladder/home_prefix_test.c $(home_world)
test_ladder_home_prefix_test_LDFLAGS = $(ladder_ldflags)
test_ladder_home_prefix_test_LDADD = $(home_libs)
test_ladder_home_return_test_SOURCES = test/ladder/home_return_test.c $(home_world)
test_ladder_home_return_test_LDFLAGS = $(ladder_ldflags)
test_ladder_home_return_test_LDADD = $(home_libs)
test_ladder_home_random_test_SOURCES = test/ladder/home_random_test.c $(home_world)
test_ladder_home_random_test_LDFLAGS = $(ladder_ldflags)
test_ladder_home_random_test_LDADD = $(home_libs)
test_ladder_home_register_test_SOURCES = test/ladder/home_register_test.c $(home_world)
test_ladder_home_register_test_LDFLAGS = $(ladder_ldflags)
test_ladder_home_register_test_LDADD = $(home_libs)

# With IPsec between both.
check_PROGRAMS += test/ladder/ipsec_full_test
TESTS += test/ladder/ipsec_full_test
test_ladder_ipsec_full_test_SOURCES = test/ladder/ipsec_full_test.c
test_ladder_ipsec_full_test_LDFLAGS = $(ladder_ldflags)
test_ladder_ipsec_full_test_LDADD = src/mn/libmn.a src/ha/libha.a $(ladder_libs)

# Movement alone: registration is the test.
move_tests = test/ladder/move_test test/ladder/move_heard_test test/ladder/move_doubt_test \
	test/ladder/move_observe_test test/ladder/move_address_test
check_PROGRAMS += $(move_tests)
TESTS += $(move_tests)
move_world = test/ladder/move_world.c test/ladder/move_world.h
test_ladder_move_test_SOURCES = test/ladder/move_test.c $(move_world)
test_ladder_move_test_LDFLAGS = $(ladder_ldflags)
test_ladder_move_test_LDADD = src/mn/libmn.a $(ladder_libs)
test_ladder_move_heard_test_SOURCES = test/ladder/move_heard_test.c $(move_world)
test_ladder_move_heard_test_LDFLAGS = $(ladder_ldflags)
test_ladder_move_heard_test_LDADD = src/mn/libmn.a $(ladder_libs)
test_ladder_move_doubt_test_SOURCES = test/ladder/move_doubt_test.c $(move_world)
test_ladder_move_doubt_test_LDFLAGS = $(ladder_ldflags)
test_ladder_move_doubt_test_LDADD = src/mn/libmn.a $(ladder_libs)
test_ladder_move_observe_test_SOURCES = test/ladder/move_observe_test.c $(move_world)
test_ladder_move_observe_test_LDFLAGS = $(ladder_ldflags)
test_ladder_move_observe_test_LDADD = src/mn/libmn.a $(ladder_libs)
test_ladder_move_address_test_SOURCES = test/ladder/move_address_test.c $(move_world)
test_ladder_move_address_test_LDFLAGS = $(ladder_ldflags)
test_ladder_move_address_test_LDADD = src/mn/libmn.a $(ladder_libs)

# The home agent, with mobile nodes by script.
ha_tests = test/ladder/ha_advert_test test/ladder/ha_discovery_test \
	test/ladder/ha_ipsec_test test/ladder/ha_limit_test \
	test/ladder/ha_multicast_test test/ladder/ha_multicast_data_test \
	test/ladder/ha_register_test
check_PROGRAMS += $(ha_tests)
TESTS += $(ha_tests)
ha_libs = src/ha/libha.a $(ladder_libs)
ha_world = test/ladder/ha_world.c test/ladder/ha_world.h
test_ladder_ha_advert_test_SOURCES = test/ladder/ha_advert_test.c $(ha_world)
test_ladder_ha_advert_test_LDFLAGS = $(ladder_ldflags)
test_ladder_ha_advert_test_LDADD = $(ha_libs)
test_ladder_ha_discovery_test_SOURCES = test/ladder/ha_discovery_test.c $(ha_world)
test_ladder_ha_discovery_test_LDFLAGS = $(ladder_ldflags)
test_ladder_ha_discovery_test_LDADD = $(ha_libs)
test_ladder_ha_ipsec_test_SOURCES = test/ladder/ha_ipsec_test.c $(ha_world)
test_ladder_ha_ipsec_test_LDFLAGS = $(ladder_ldflags)
test_ladder_ha_ipsec_test_LDADD = $(ha_libs)
test_ladder_ha_limit_test_SOURCES = test/ladder/ha_limit_test.c $(ha_world)
test_ladder_ha_limit_test_LDFLAGS = $(ladder_ldflags)
test_ladder_ha_limit_test_LDADD = $(ha_libs)
mc_world = test/ladder/mc_world.c test/ladder/mc_world.h
test_ladder_ha_multicast_test_SOURCES = test/ladder/ha_multicast_test.c $(mc_world)
test_ladder_ha_multicast_test_LDFLAGS = $(ladder_ldflags)
test_ladder_ha_multicast_test_LDADD = $(ha_libs)
test_ladder_ha_multicast_data_test_SOURCES = test/ladder/ha_multicast_data_test.c $(mc_world)
test_ladder_ha_multicast_data_test_LDFLAGS = $(ladder_ldflags)
test_ladder_ha_multicast_data_test_LDADD = $(ha_libs)
test_ladder_ha_register_test_SOURCES = test/ladder/ha_register_test.c $(ha_world)
test_ladder_ha_register_test_LDFLAGS = $(ladder_ldflags)
test_ladder_ha_register_test_LDADD = $(ha_libs)

# The correspondent, likewise.
cn_tests = test/ladder/cn_test test/ladder/cn_rule_test
check_PROGRAMS += $(cn_tests)
TESTS += $(cn_tests)
EXTRA_DIST += test/rfc6275-correspondent.tsv
cn_world = test/ladder/cn_world.c test/ladder/cn_world.h
cn_libs = src/cn/libcn.a $(ladder_libs)
test_ladder_cn_test_SOURCES = test/ladder/cn_test.c $(cn_world)
test_ladder_cn_test_LDFLAGS = $(ladder_ldflags)
test_ladder_cn_test_LDADD = $(cn_libs)
test_ladder_cn_rule_test_SOURCES = test/ladder/cn_rule_test.c $(cn_world)
test_ladder_cn_rule_test_LDFLAGS = $(ladder_ldflags)
test_ladder_cn_rule_test_LDADD = $(cn_libs)

# Reload: every option of the table.
check_PROGRAMS += test/ladder/reload_option_test
TESTS += test/ladder/reload_option_test
test_ladder_reload_option_test_SOURCES = test/ladder/reload_option_test.c test/ladder/reload.h \
	test/ladder/reload_cn.c test/ladder/reload_ha.c test/ladder/reload_mn.c \
	test/ladder/reload_move.c test/ladder/reload_multicast.c \
	test/ladder/cn_world.c test/ladder/cn_world.h $(ha_world) $(mc_world) \
	test/ladder/ro_world.c test/ladder/ro_world.h
test_ladder_reload_option_test_LDFLAGS = $(ladder_ldflags)
test_ladder_reload_option_test_LDADD = src/mn/libmn.a src/ha/libha.a src/cn/libcn.a $(ladder_libs)

check_PROGRAMS += test/ladder/reload_random_test test/ladder/reload_leave_test \
	test/ladder/reload_moment_test
TESTS += test/ladder/reload_random_test test/ladder/reload_leave_test \
	test/ladder/reload_moment_test
test_ladder_reload_leave_test_SOURCES = test/ladder/reload_leave_test.c $(home_world)
test_ladder_reload_leave_test_LDFLAGS = $(ladder_ldflags)
test_ladder_reload_leave_test_LDADD = $(home_libs)
test_ladder_reload_moment_test_SOURCES = test/ladder/reload_moment_test.c $(full_world)
test_ladder_reload_moment_test_LDFLAGS = $(ladder_ldflags)
test_ladder_reload_moment_test_LDADD = src/mn/libmn.a src/ha/libha.a src/cn/libcn.a $(ladder_libs)
test_ladder_reload_random_test_SOURCES = test/ladder/reload_random_test.c \
	test/ladder/ro_world.c test/ladder/ro_world.h
test_ladder_reload_random_test_LDFLAGS = $(ladder_ldflags)
test_ladder_reload_random_test_LDADD = src/mn/libmn.a src/ha/libha.a src/cn/libcn.a $(ladder_libs)

# A crash at every step.
check_PROGRAMS += test/ladder/crash_test
TESTS += test/ladder/crash_test
test_ladder_crash_test_SOURCES = test/ladder/crash_test.c
test_ladder_crash_test_LDFLAGS = $(ladder_ldflags)
test_ladder_crash_test_LDADD = src/ha/libha.a src/cn/libcn.a $(ladder_libs)

# Route optimization: all three roles.
ro_tests = test/ladder/ro_test test/ladder/ro_fault_test test/ladder/ro_random_test \
	test/ladder/ro_rule_test test/ladder/loss_test
check_PROGRAMS += $(ro_tests)
TESTS += $(ro_tests)
EXTRA_DIST += test/rfc6275-mobile-node-optimization.tsv
ro_world = test/ladder/ro_world.c test/ladder/ro_world.h
ro_libs = src/mn/libmn.a src/ha/libha.a src/cn/libcn.a $(ladder_libs)
test_ladder_ro_test_SOURCES = test/ladder/ro_test.c $(ro_world)
test_ladder_ro_test_LDFLAGS = $(ladder_ldflags)
test_ladder_ro_test_LDADD = $(ro_libs)
test_ladder_ro_fault_test_SOURCES = test/ladder/ro_fault_test.c $(ro_world)
test_ladder_ro_fault_test_LDFLAGS = $(ladder_ldflags)
test_ladder_ro_fault_test_LDADD = $(ro_libs)
test_ladder_loss_test_SOURCES = test/ladder/loss_test.c $(ro_world)
test_ladder_loss_test_LDFLAGS = $(ladder_ldflags)
test_ladder_loss_test_LDADD = $(ro_libs)
test_ladder_ro_random_test_SOURCES = test/ladder/ro_random_test.c $(ro_world)
test_ladder_ro_random_test_LDFLAGS = $(ladder_ldflags)
test_ladder_ro_random_test_LDADD = $(ro_libs)
test_ladder_ro_rule_test_SOURCES = test/ladder/ro_rule_test.c $(ro_world)
test_ladder_ro_rule_test_LDFLAGS = $(ladder_ldflags)
test_ladder_ro_rule_test_LDADD = $(ro_libs)
endif
