# SPDX-License-Identifier: GPL-2.0-or-later
"""The internetwork: a home link, a core, three foreign links, a correspondent.

	 mn   hh                                            mn's address at home: HOME_ADDRESS
	  |    |
	--+----+---+-- home  2001:db8:0:1::/64              ha ::1, hh ::2, mn ::100
	           |
	           ha                                       home agent, router of the home link
	           |  core-ha  2001:db8:0:f0::/64           core ::1, ha ::2
	          core ------------ cn                      core-cn 2001:db8:0:c::/64, ::1, cn ::c
	         /  |  \\  core-arN  2001:db8:0:fN::/64      core ::1, arN ::2
	      ar1  ar2  ar3                                 access routers
	       |    |    |
	     net1 net2 net3  2001:db8:0:1N::/64             arN ::1

Interfaces: hosts have eth0 (mn eth1 as well, unplugged); routers name theirs after what is there:
ha has `home` and `core`, an access router `net` and `core`, core one for each neighbour. Every
link with hosts has a radvd. The home agent's can be left out, for a daemon that advertises.
"""
import glob
import os
import time

from .net import PATIENCE_S, Lab, wait_until

HOME_PREFIX = "2001:db8:0:1::/64"
HOME_AGENT = "2001:db8:0:1::1"
HOME_HOST = "2001:db8:0:1::2"
HOME_ADDRESS = "2001:db8:0:1::100"
CORRESPONDENT = "2001:db8:0:c::c"
FOREIGN = (1, 2, 3)


def foreign_prefix(n):
    """The prefix of a foreign link, as text without its length."""
    return "2001:db8:0:1%d::" % n


RADVD = """interface {interface} {{
	AdvSendAdvert on;
	MinRtrAdvInterval {min_s:.3f};
	MaxRtrAdvInterval {max_s:.3f};
	MinDelayBetweenRAs 0.03;
	AdvIntervalOpt on;
	AdvDefaultLifetime {lifetime_s:.0f};
	AdvHomeAgentFlag {home_agent};
	AdvHomeAgentInfo {home_agent};
	prefix {address}/64 {{
		AdvOnLink on;
		AdvAutonomous on;
		AdvRouterAddr on;
		AdvValidLifetime 86400;
		AdvPreferredLifetime 14400;
	}};
}};
"""


class Internet(Lab):
    """The whole of it, up and routed when the constructor returns.

    ra_interval_ms: (shortest, longest) time between two advertisements of a router.
    quality: what links are like: {"core-ha": {"delay_ms": 20}, "net1": {"loss_percent": 1}}.
    ha_advertises: whether radvd runs on the home agent.
    capture: whether every interface is captured, in self.capture.
    """

    def __init__(self, results, ra_interval_ms=(300, 1000), quality=None, ha_advertises=True,
                 capture=True):
        super().__init__(results)
        self.ra_interval_ms = ra_interval_ms
        self.quality = quality or {}
        try:
            self._build(ha_advertises, capture)
        except BaseException:
            self.close()
            raise

    def _build(self, ha_advertises, capture):
        for name in ("core", "ha", "ar1", "ar2", "ar3"):
            setattr(self, name, self.node(name, router=True))
        for name in ("hh", "cn", "mn"):
            setattr(self, name, self.node(name))
        for node in (self.hh, self.cn):
            node.skip_dad()
        self._join()
        self._give_addresses()
        self._give_routes()
        self.capture = self.sniff() if capture else None
        if ha_advertises:
            self.advertise(self.ha, "home", HOME_AGENT, home_agent=True)
        for n in FOREIGN:
            self.advertise(self.nodes["ar%d" % n], "net", foreign_prefix(n) + "1")

    def _new_link(self, name):
        return self.link(name, **self.quality.get(name, {}))

    def _join(self):
        home = self._new_link("home")
        self.ha.plug("home", home, mac="02:00:00:00:01:01")
        self.hh.plug("eth0", home, mac="02:00:00:00:01:02")
        self.mn.plug("eth0", home, mac="02:00:00:00:64:00")
        self.mn.plug("eth1", None, mac="02:00:00:00:64:01")
        for n in FOREIGN:
            self.nodes["ar%d" % n].plug("net", self._new_link("net%d" % n),
                                        mac="02:00:00:00:1%d:01" % n)
        for name in ("ha", "ar1", "ar2", "ar3", "cn"):
            link = self._new_link("core-" + name)
            self.core.plug(name, link)
            self.nodes[name].plug("eth0" if name == "cn" else "core", link)

    def _give_addresses(self):
        add = "address add %s/64 dev %s nodad"
        self.ha.ip(add % (HOME_AGENT, "home"), add % ("2001:db8:0:f0::2", "core"))
        self.hh.ip(add % (HOME_HOST, "eth0"))
        self.cn.ip(add % (CORRESPONDENT, "eth0"))
        core = [add % ("2001:db8:0:f0::1", "ha"), add % ("2001:db8:0:c::1", "cn")]
        for n in FOREIGN:
            core.append(add % ("2001:db8:0:f%d::1" % n, "ar%d" % n))
            self.nodes["ar%d" % n].ip(add % ("2001:db8:0:f%d::2" % n, "core"),
                                      add % (foreign_prefix(n) + "1", "net"))
        self.core.ip(*core)

    def _give_routes(self):
        self.ha.ip("route add default via 2001:db8:0:f0::1")
        self.cn.ip("route add default via 2001:db8:0:c::1")
        self.hh.ip("route add default via " + HOME_AGENT)
        core = ["route add %s via 2001:db8:0:f0::2" % HOME_PREFIX]
        for n in FOREIGN:
            core.append("route add %s/64 via 2001:db8:0:f%d::2" % (foreign_prefix(n), n))
            self.nodes["ar%d" % n].ip("route add default via 2001:db8:0:f%d::1" % n)
        self.core.ip(*core)

    def advertise(self, router, interface, address, home_agent=False):
        """Start radvd on a router. Returns the process."""
        low, high = self.ra_interval_ms
        path = os.path.join(self.results, "%s.radvd.conf" % router.name)
        with open(path, "w") as f:
            f.write(RADVD.format(interface=interface, address=address, min_s=low / 1000,
                                 max_s=high / 1000, lifetime_s=max(3, 3 * high / 1000),
                                 home_agent="on" if home_agent else "off"))
        os.chmod(path, 0o644)
        return router.start("radvd", ["radvd", "--nodaemon", "--config", path, "--pidfile",
                                      "/run/lab/%s.radvd.pid" % router.name,
                                      "--logmethod", "stderr"])

    def place(self, where):
        """The link for "home", or a number, or a name."""
        return self.links["net%d" % where if isinstance(where, int) else where]

    def move(self, where, how="carrier", gap_ms=50, overlap_ms=500):
        """Move the mobile node to a link: 1, 2, 3 or "home".

        carrier: the interface loses carrier and finds it again there, gap_ms later, as Wi-Fi
        does. (The kernel tells nobody of a gap that is shorter than some milliseconds.)
        silent: the interface is there from now on, and no event tells the node.
        make-before-break: the other interface goes there, and the first one is
        unplugged overlap_ms later.
        """
        link = self.place(where)
        plugged = [i for i in self.mn.interfaces.values() if i.link]
        assert len(plugged) == 1, "the mobile node is in %s places" % len(plugged)
        now = plugged[0]
        self.mn.note("move", to=link.name, how=how)
        if how == "carrier":
            now.unplug()
            time.sleep(gap_ms / 1000)
            now.plug(link)
        elif how == "silent":
            now.move_silently(link)
        elif how == "make-before-break":
            other = next(i for i in self.mn.interfaces.values() if i is not now)
            other.plug(link)
            time.sleep(overlap_ms / 1000)
            now.unplug()
        else:
            raise ValueError("carrier, silent or make-before-break, not %r" % how)

    def wait_for_address(self, where, interface="eth0", within_s=PATIENCE_S):
        """Until the kernel has given the mobile node an address of the link's prefix, DAD
        included. Returns the address."""
        prefix = "2001:db8:0:1:" if where == "home" else foreign_prefix(where)[:-1]

        def usable():
            for a in self.mn.addresses(interface, tentative=None, deprecated=None):
                if a["local"].startswith(prefix):
                    return a["local"]
            return None
        return wait_until(usable, "an address in %s" % prefix, within_s=within_s)

    def describe(self):
        """The map, and where the mobile node is."""
        lines = [__doc__.split("\n\n", 1)[1].rstrip(), ""]
        for interface in self.mn.interfaces.values():
            addresses = [a["local"] for a in self.mn.addresses(interface.name, scope="global")]
            lines.append("mn %s: %s %s" % (interface.name, interface.link or "unplugged",
                                           " ".join(addresses)))
        return "\n".join(lines) + "\n"


LOG_LINES = 12


def last_words(folder):
    """The end of each log in a folder of results, and where the captures lie."""
    words = []
    for path in sorted(glob.glob(folder + "/*.log")):
        with open(path, errors="replace") as f:
            lines = f.read().splitlines()[-LOG_LINES:]
        if lines and os.path.basename(path) not in ("output.log", "console.log"):
            words.append("%s:\n  %s" % (os.path.basename(path), "\n  ".join(lines)))
    pcaps = [os.path.basename(p) for p in sorted(glob.glob(folder + "/*.pcap"))]
    words.append("results: %s%s" % (folder, "\npcaps: " + " ".join(pcaps) if pcaps else ""))
    return "\n".join(words)
