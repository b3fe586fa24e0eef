# SPDX-License-Identifier: GPL-2.0-or-later
"""Interfaces of the mobile node on a real kernel: managed by somebody else, pulled out and put in
again, and what a reload does to the way addresses are made."""
import signal
import time

from .internet import CORRESPONDENT, HOME_ADDRESS, HOME_AGENT, foreign_prefix
from .net import wait_until

HA_CONF = """NodeConfig HA; UseMnHaIPsec disabled; DebugLevel 2;
Interface "home"; HaSendRouterAdvs disabled;
"""
MN_CONF = """NodeConfig MN; UseMnHaIPsec disabled; DebugLevel 2; DoRouteOptimizationMN disabled;
CoaDad none; MnMaxHaBindingLife 60; InterfaceInitialInitDelay 0.2;
Interface "eth0" { MnIfPreference %d; }
Interface "eth1" { MnIfPreference 2; %s }
MnHomeLink "eth0" { HomeAddress """ + HOME_ADDRESS + "/64; HomeAgentAddress " + HOME_AGENT + """; }
"""


def start(internet, conf):
    internet.ha.start_daemon(HA_CONF, "-f").wait_for_log("serves as HA")
    mn = internet.mn.start_daemon(conf, "-f")
    mn.wait_for_log("serves as MN")
    return mn


def wait_registered(internet, place):
    """Until the node is registered from there; its care-of address."""
    def there():
        status = internet.mn.ctl("status")
        return (status["home_addresses"][0]["state"] == "registered" and
                status["care_of_address"].startswith(foreign_prefix(place)[:-1]) and
                status["care_of_address"])
    address = wait_until(there, "registered from net%s" % place)
    internet.mn.wait_until_reaches(CORRESPONDENT, source=HOME_ADDRESS)
    return address


def test_an_interface_of_somebody_else_is_observed(internet):
    """Tunnel enabled (RFC 6275 11.5.3: a care-of address by any means): the kernel configures eth1
    itself, the daemon only uses what it finds there, and leaves it as it was."""
    mn = start(internet, MN_CONF % (1, "Tunnel enabled;"))
    wait_until(lambda: "-> at-home" in mn.log_text())
    settings = "net/ipv6/conf/eth1/%s"
    before = [internet.mn.sysctl(settings % name) for name in ("accept_ra", "autoconf",
                                                               "router_solicitations")]
    assert before[0] != "0"
    # what the kernel made of advertisements before the daemon came, and what somebody put
    assert "2001:db8:0:1::/64" in internet.mn.sh("ip -6 route show table main dev eth0")
    internet.mn.ip("address add 2001:db8:99::1/64 dev eth0 nodad")
    internet.move(1, "make-before-break")	# from eth0, at home, to eth1
    kernels = internet.wait_for_address(1, "eth1")
    assert wait_registered(internet, 1) == kernels
    # 11.5.4: nothing of the former link leads anywhere; what is not of the link stays
    assert "2001:db8:0:1:" not in internet.mn.sh("ip -6 route show table main dev eth0")
    left = [a["local"] for a in internet.mn.addresses("eth0", scope="global")]
    assert "2001:db8:99::1" in left and not [a for a in left if a.endswith(":ff:fe00:6400")]
    assert before == [internet.mn.sysctl(settings % name) for name in
                      ("accept_ra", "autoconf", "router_solicitations")]
    # its owner moves it: the old address goes, another comes
    internet.mn.interfaces["eth1"].move_silently(internet.place(2))
    internet.mn.ip("address del %s/64 dev eth1" % kernels)
    second = internet.wait_for_address(2, "eth1")
    assert wait_registered(internet, 2) == second
    outside = internet.capture.packets("mip6.mhtype == 5", node="mn", interface="eth1")[-1]
    assert outside["ipv6.src"] == second
    # 11.7.1: no longer than its owner says that the address lasts
    third = "2001:db8:0:12::77"
    internet.mn.ip("address add %s/64 dev eth1 nodad valid_lft 61 preferred_lft 61" % third)
    internet.mn.ip("address del %s/64 dev eth1" % second)
    update = internet.capture.wait_for("mip6.mhtype == 5 && ipv6.src == %s" % third,
                                       node="mn", interface="eth1")[0]
    assert 0 < 4 * update.number("mip6.bu.lifetime") < 61
    assert wait_registered(internet, 2) == third
    # back on one of its own
    internet.move("home", "make-before-break")
    wait_until(lambda: internet.mn.ctl("status")["home_addresses"][0]["state"] == "at-home")
    assert mn.stop() == 0
    internet.mn.interfaces["eth1"].plug(internet.place(2))
    assert "mip6" not in internet.mn.sh("ip -6 route show table all dev eth1")


def test_two_observed_interfaces_do_not_mix(internet):
    """Both are managed by the kernel itself, with a default route each: all that has the care-of
    address of one leaves by that one (RFC 2827), also after a handover and after the default
    route of the other has become the better one."""
    mn = start(internet, (MN_CONF % (1, "Tunnel enabled;")).replace(
        'MnIfPreference 1;', 'MnIfPreference 1; Tunnel enabled;'))
    internet.move(1)
    first = internet.wait_for_address(1, "eth0")
    internet.mn.interfaces["eth1"].plug(internet.place(2))
    second = internet.wait_for_address(2, "eth1")
    assert wait_registered(internet, 1) == first

    def leaves(address):
        """The interface, for each of some destinations, on the link and beyond."""
        found = []
        for destination in (CORRESPONDENT, HOME_AGENT, foreign_prefix(1) + "77"):
            found += [r["dev"] for r in internet.mn.ip_json(
                "-6 route get %s from %s" % (destination, address))]
        return found
    assert leaves(first) == ["eth0"] * 3
    assert leaves(second)[:2] == ["eth1"] * 2
    internet.mn.sh("ping -c 2 -W 2 -I %s %s" % (second, CORRESPONDENT))
    internet.mn.interfaces["eth0"].unplug()
    assert wait_registered(internet, 2) == second
    internet.mn.interfaces["eth0"].plug(internet.place(3))
    third = internet.wait_for_address(3, "eth0")
    assert wait_registered(internet, 3) == third
    # what its owner does to the default route of the other is not ours
    gateway = [r["gateway"] for r in internet.mn.ip_json("-6 route show default dev eth1")][0]
    internet.mn.ip("route replace default via %s dev eth1 metric 1" % gateway)
    assert leaves(third)[:2] == ["eth0"] * 2 and leaves(second)[:2] == ["eth1"] * 2
    time.sleep(2)
    for interface, address in (("eth0", first), ("eth0", third), ("eth1", second)):
        wrong = internet.capture.packets("ipv6.src == %s && !icmpv6.type == 135" % address,
                                         node="mn", interface="eth1" if interface == "eth0"
                                         else "eth0")
        assert not wrong, wrong[0]
    assert mn.stop() == 0
    assert "mip6" not in internet.mn.sh("ip -6 route show table all")


def test_interfaces_are_pulled_out_and_put_in(internet):
    """An interface vanishes with all that is on it, and comes again under the same name."""
    mn = start(internet, MN_CONF % (3, ""))
    wait_until(lambda: "-> at-home" in mn.log_text())
    internet.move(1)
    wait_registered(internet, 1)
    for _ in range(2):
        if internet.mn.interfaces["eth1"].link:
            internet.base("ip link del mn-eth1")
            internet.place(2).ports.discard("mn-eth1")
            wait_registered(internet, 1)
            internet.mn.plug("eth1", internet.place(2))
        else:
            internet.mn.interfaces["eth1"].plug(internet.place(2))
        wait_registered(internet, 2)
    # the one in use last, while nothing else is there
    internet.mn.interfaces["eth0"].unplug()
    internet.base("ip link del mn-eth1")
    internet.place(2).ports.discard("mn-eth1")
    wait_until(lambda: internet.mn.ctl("status")["attached_to"] == "nothing")
    internet.mn.plug("eth1", internet.place(3))
    wait_registered(internet, 3)
    assert " error " not in mn.log_text()
    assert mn.stop() == 0


def test_the_kernel_gets_its_interface_back(internet):
    """Killed on a foreign link, started again, stopped in order: all settings are as they were
    before the first start; a router is asked for the kernel, which is connected at once."""
    names = ("conf/%s/accept_ra", "conf/%s/autoconf", "conf/%s/router_solicitations",
             "conf/%s/router_solicitation_delay", "conf/%s/hop_limit", "conf/%s/mtu",
             "neigh/%s/base_reachable_time_ms", "neigh/%s/retrans_time_ms")

    def settings(interface):
        return [internet.mn.sysctl("net/ipv6/" + name % interface) for name in names]
    before = settings("eth0")
    conf = MN_CONF % (1, "")
    mn = start(internet, conf)
    wait_until(lambda: "-> at-home" in mn.log_text())
    internet.move(1)
    wait_registered(internet, 1)
    assert settings("eth0") != before
    assert mn.stop(signal.SIGKILL) == -signal.SIGKILL
    mn = internet.mn.start_daemon(conf, "-f")
    wait_until(lambda: mn.log_text().count("serves as MN") == 2)
    wait_registered(internet, 1)
    # small for IPv6 for a moment: the kernel makes all its settings anew
    internet.mn.ip("link set eth0 mtu 1000", "link set eth0 mtu 1500")
    wait_until(lambda: internet.mn.sysctl("net/ipv6/conf/eth0/accept_ra") == "0")
    wait_registered(internet, 1)
    end = time.time()
    assert mn.stop() == 0
    assert settings("eth0") == before
    wait_until(lambda: internet.mn.ip_json("-6 route show default dev eth0"))
    assert internet.wait_for_address(1, "eth0")
    asked = internet.capture.packets("icmpv6.type == 133", node="mn", interface="eth0")[-1]
    assert asked.time > end


def test_an_interface_is_set_down_and_up(internet):
    """While it is down, or has too small an MTU for IPv6, the kernel takes neither address nor
    route there: none is put, and nothing goes in a circle. Then another link-layer address, of
    which the router hears from us (RFC 4861 7.2.6); and no link-local address at all."""
    mn = start(internet, MN_CONF % (1, ""))
    wait_until(lambda: "-> at-home" in mn.log_text())
    internet.move(1)
    wait_registered(internet, 1)
    for away, back in (("down", "up"), ("mtu 1000", "mtu 1500")):
        internet.mn.ip("link set eth0 " + away)
        wait_until(lambda: internet.mn.ctl("status")["attached_to"] == "nothing")
        time.sleep(1)
        internet.mn.ip("link set eth0 " + back)
        wait_registered(internet, 1)
    log = mn.log_text()
    assert " error " not in log and "failed: " not in log
    internet.mn.ip("link set eth0 address 02:00:00:00:77:77")
    internet.mn.sh("ping -c 3 -i 0.2 -W 1 -I %s %s" % (HOME_ADDRESS, CORRESPONDENT))
    internet.mn.ip("address flush dev eth0 scope link")
    internet.move(2, "silent")
    wait_registered(internet, 2)
    assert mn.stop() == 0


def test_duplicate_address_detection_is_not_delayed(internet):
    """RFC 6275 11.5.3: with CoaDad full the solicitation follows the advertisement at once; and
    after a reload with CoaDad none there is none, and the update need not wait."""
    conf = MN_CONF % (1, "")
    mn = start(internet, conf.replace("CoaDad none", "CoaDad full"))
    wait_until(lambda: "-> at-home" in mn.log_text())
    taken = []
    for place in (1, 2):
        internet.move(place)
        address = wait_registered(internet, place)
        ns = internet.capture.packets("icmpv6.type == 135 && icmpv6.nd.ns.target_address == %s"
                                      % address, node="mn", interface="eth0")[0]
        ra = [p for p in internet.capture.packets("icmpv6.type == 134", node="mn",
                                                  interface="eth0")
              if p.time < ns.time][-1]
        bu = [p for p in internet.capture.packets("mip6.mhtype == 5 && ipv6.src == %s" % address,
                                                  node="mn", interface="eth0")][0]
        assert ns["ipv6.src"] == "::"
        assert ns.time - ra.time < 0.2, "DAD after %.3f s" % (ns.time - ra.time)
        assert bu.time - ns.time > 0.9
        taken.append(address)
    path = internet.mn.lab.results + "/mn.mip6d.conf"
    with open(path, "w") as f:
        f.write(conf.replace("CoaDad none;", "CoaDad none; MnAddressGeneration eui64;"))
    mn.kill(signal.SIGHUP)
    mn.wait_for_log("MnAddressGeneration: eui64")
    time.sleep(1)
    assert internet.mn.ctl("status")["care_of_address"] == taken[-1]
    internet.move(3)
    address = wait_registered(internet, 3)
    assert address.endswith(":ff:fe00:6400")	# of the link-layer address
    assert not internet.capture.packets("icmpv6.type == 135 && ipv6.src == :: && "
                                        "icmpv6.nd.ns.target_address == %s" % address,
                                        node="mn", interface="eth0")
    assert mn.stop() == 0
