# SPDX-License-Identifier: GPL-2.0-or-later
"""A home agent that is killed every second. For longer: scripts/lab bench restart:kill."""
from bench.restart import Restarts, kill_again_and_again

LAB_MEMORY = "1G"
NODES, KILLS = 200, 12


def test_killed_every_second(lab):
    """With bindings and a stream each way: no packet is lost, no binding, no object, and none is
    left over."""
    world = Restarts(lab, NODES)
    world.start()
    assert kill_again_and_again(world, NODES, KILLS) == 0
    world.close()
