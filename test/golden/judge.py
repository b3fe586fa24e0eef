#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Independent judges of the packet formats: scapy and tshark.

They decode every golden packet that our encoder makes (wiretool encode) and have
to agree with the struct it was made from, field by field, and on the
checksum; and our decoder (wiretool decode) has to agree with scapy on packets
that scapy builds. Messages of a mobile node away from home travel in a packet from
its care-of address with a Home Address option, those to it with a type 2
routing header, so that the rule for checksums is judged too (RFC 6275 section
6.1.1, RFC 8200 section 8.1).

Prints TAP. Skipped where scapy or tshark is not installed.
"""
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

CARE_OF = "2001:db8:2::10"
PROTO = {"mh": 135, "icmp6": 58, "nd": 58}
LINKTYPE_IPV6 = 229


def skip_all(reason):
    print("1..0 # SKIP " + reason)
    sys.exit(0)


try:
    import logging
    logging.getLogger("scapy").setLevel(logging.ERROR)
    from scapy.layers import inet6 as s6
except ImportError:
    skip_all("scapy is not installed")
if not shutil.which("tshark"):
    skip_all("tshark is not installed")

WIRETOOL = os.path.join(os.environ.get("top_builddir", "."), "test/golden/wiretool")


class Disagreement(Exception):
    """What a judge says differs from what we say."""


def check(what, got, want):
    if got != want:
        raise Disagreement("%s: the judge has %r, we have %r" % (what, got, want))


def address(text):
    return socket.inet_pton(socket.AF_INET6, text)


def make_packet(case):
    """The IPv6 packet that carries a golden message."""
    body = bytes.fromhex(case["hex"])
    src, dst, proto = case["src"], case["dst"], PROTO[case["kind"]]
    if "hao" in case:
        body, src, proto = bytes.fromhex(case["hao"]) + body, CARE_OF, 60
    if "rh2" in case:
        body, dst, proto = bytes.fromhex(case["rh2"]) + body, CARE_OF, 43
    hop_limit = 255 if case["kind"] == "nd" else 64
    return (struct.pack(">IHBB", 6 << 28, len(body), proto, hop_limit)
            + address(src) + address(dst) + body)


# -- tshark ------------------------------------------------------------------

def run_tshark(packets):
    """For each packet a list of (field, value in hexadecimal, shown value)."""
    with tempfile.NamedTemporaryFile(suffix=".pcap") as pcap:
        pcap.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, LINKTYPE_IPV6))
        for data in packets:
            pcap.write(struct.pack("<IIII", 0, 0, len(data), len(data)) + data)
        pcap.flush()
        out = subprocess.run(["tshark", "-n", "-r", pcap.name, "-T", "pdml"], check=True,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    result = []
    for packet in ElementTree.fromstring(out).iter("packet"):
        # What an ICMPv6 error quotes is dissected inside of it: leave that out.
        for proto in packet.iter("proto"):
            for inner in [p for p in proto if p.tag == "proto" and proto.get("name") == "icmpv6"]:
                proto.remove(inner)
        result.append([(f.get("name"), f.get("value"), f.get("show"))
                       for f in packet.iter("field")])
    return result


class Tshark:
    """What tshark saw in one packet, to be compared with what we have."""

    def __init__(self, fields):
        self.fields = fields

    def shown(self, name):
        return [show for field, _, show in self.fields if field == name]

    def number(self, name, *want):
        check(name, [int(show, 0) for show in self.shown(name)], list(want))

    def flag(self, name, *want):
        values = [show in ("1", "True") for show in self.shown(name)]
        check(name, values, [bool(w) for w in want])

    def text(self, name, *want):
        check(name, self.shown(name), list(want))

    def bytes(self, name, *want):
        check(name, [value for field, value, _ in self.fields if field == name], list(want))


def tshark_flags(seen, prefix, letters, names):
    for letter in names:
        seen.flag(names[letter].replace("*", prefix), letter in letters)


BU_FLAGS = {"A": "mip6.bu.a_flag", "H": "mip6.bu.h_flag", "L": "mip6.bu.l_flag",
            "K": "mip6.bu.k_flag", "M": "mip6.bu.m_flag", "R": "mip6.nemo.bu.r_flag",
            "P": "mip6.bu.p_flag", "F": "mip6.bu.f_flag", "T": "mip6.bu.t_flag",
            # tshark calls the bit of RFC 5648's O by the name of RFC 6602's B.
            "O": "mip6.bu.b_flag"}
BA_FLAGS = {"K": "mip6.ba.k_flag", "R": "mip6.nemo.ba.r_flag", "P": "mip6.ba.p_flag",
            "T": "mip6.ba.t_flag"}


def tshark_mh_options(seen, opts):
    def maybe(key, convert=lambda v: v):
        return [convert(opts[key])] if key in opts else []

    seen.number("mip6.bra.interval", *maybe("refresh_s", lambda s: s // 4))
    seen.text("mip6.acoa.acoa", *maybe("alt_coa"))
    seen.number("mip6.ni.hni", *maybe("home_nonce"))
    seen.number("mip6.ni.cni", *maybe("careof_nonce"))
    seen.bytes("mip6.bad.auth", *maybe("authenticator"))
    seen.bytes("mip6.mnid.identifier", *maybe("mn_id"))
    seen.number("mip6.mnid.subtype", *maybe("mn_id_subtype"))
    timestamp = ["%08x%08x" % (opts["replay_seconds"], opts["replay_fraction"])] \
        if "replay_seconds" in opts else []
    seen.bytes("mip6.mseg_id.timestamp", *timestamp)
    prefixes = opts.get("mnp", [])
    seen.text("mip6.nemo.mnp.mnp", *[p["prefix"] for p in prefixes])
    seen.number("mip6.nemo.mnp.pfl", *[p["len"] for p in prefixes])
    auths = opts.get("authentication", [])
    seen.number("mip6.auth.subtype", *[a["subtype"] for a in auths])
    seen.number("mip6.auth.mobility_spi", *[a["spi"] for a in auths])
    # tshark shows the data without its last two bytes.
    seen.bytes("mip6.auth.auth_data", *[a["data"][:-4] for a in auths])
    bids = opts.get("bid", [])
    seen.number("mip6.bi.bid", *[b["bid"] for b in bids])
    seen.number("mip6.bi.status", *[b["status"] for b in bids])
    seen.flag("mip6.bi.h_flag", *[b["home"] for b in bids])
    seen.text("mip6.bi.coa_ipv4", *[b["coa4"] for b in bids if "coa4" in b])
    seen.text("mip6.bi.coa_ipv6", *[b["coa6"] for b in bids if "coa6" in b])


def tshark_mh(seen, case):
    msg, name = case["msg"], {1: "hoti", 2: "coti", 3: "hot", 4: "cot", 7: "be"}
    seen.number("mip6.proto", 59)
    seen.number("mip6.hlen", len(case["hex"]) // 16 - 1)
    seen.number("mip6.mhtype", msg["type"])
    seen.number("mip6.reserved", 0)
    if msg["type"] in (1, 2, 3, 4):
        seen.bytes("mip6.%s.cookie" % name[msg["type"]], msg["cookie"])
    if msg["type"] in (3, 4):
        seen.number("mip6.%s.nindex" % name[msg["type"]], msg["nonce_index"])
        # tshark files both kinds of token under the home keygen token.
        seen.bytes("mip6.hot.token", msg["token"])
    if msg["type"] == 5:
        seen.number("mip6.bu.seqnr", msg["seq"])
        seen.number("mip6.bu.lifetime", msg["lifetime_s"] // 4)
        tshark_flags(seen, "", msg["flags"], BU_FLAGS)
    if msg["type"] == 6:
        seen.number("mip6.ba.status", msg["status"])
        seen.number("mip6.ba.seqnr", msg["seq"])
        seen.number("mip6.ba.lifetime", msg["lifetime_s"] // 4)
        tshark_flags(seen, "", msg["flags"], BA_FLAGS)
    if msg["type"] == 7:
        seen.number("mip6.be.status", msg["status"])
        seen.text("mip6.be.haddr", msg["home"])
    tshark_mh_options(seen, msg["options"])


def tshark_prefixes(seen, prefixes, routes):
    lengths = [p["len"] for p in prefixes] + [r["len"] for r in routes]
    seen.number("icmpv6.opt.prefix.length", *lengths)
    texts = [p["prefix"] for p in prefixes] + [r["prefix"] for r in routes if r["len"]]
    seen.text("icmpv6.opt.prefix", *texts)
    seen.flag("icmpv6.opt.prefix.flag.l", *[p["on_link"] for p in prefixes])
    seen.flag("icmpv6.opt.prefix.flag.a", *[p["autonomous"] for p in prefixes])
    seen.flag("icmpv6.opt.prefix.flag.r", *[p["router_address"] for p in prefixes])
    seen.number("icmpv6.opt.prefix.valid_lifetime", *[p["valid_s"] for p in prefixes])
    seen.number("icmpv6.opt.prefix.preferred_lifetime", *[p["preferred_s"] for p in prefixes])
    seen.number("icmpv6.opt.route_lifetime", *[r["lifetime_s"] for r in routes])
    seen.number("icmpv6.opt.route_info.flag.route_preference",
                *[r["preference"] & 3 for r in routes])


def tshark_icmp6(seen, case):
    msg = case["msg"]
    seen.number("icmpv6.type", msg["type"])
    seen.number("icmpv6.code", msg.get("code", 0))
    if msg["type"] in (144, 145, 146, 147):
        seen.number("icmpv6.mip6.identifier", msg["id"])
    if msg["type"] == 145:
        seen.text("icmpv6.mip6.home_agent_address", *msg["agents"])
    if msg["type"] == 147:
        seen.flag("icmpv6.mip6.flag.m", msg["managed"])
        seen.flag("icmpv6.mip6.flag.o", msg["other"])
        tshark_prefixes(seen, msg["prefixes"], [])
    if msg["type"] == 2:
        seen.number("icmpv6.mtu", msg["value"])
    if msg["type"] == 4:
        seen.number("icmpv6.pointer", msg["value"])


def tshark_nd(seen, case):
    msg, opts = case["msg"], case["msg"]["options"]
    seen.number("icmpv6.type", msg["type"])
    seen.number("icmpv6.code", 0)
    if msg["type"] == 134:
        seen.number("icmpv6.nd.ra.cur_hop_limit", msg["cur_hop_limit"])
        seen.flag("icmpv6.nd.ra.flag.m", msg["managed"])
        seen.flag("icmpv6.nd.ra.flag.o", msg["other"])
        seen.flag("icmpv6.nd.ra.flag.h", msg["home_agent"])
        seen.number("icmpv6.nd.ra.flag.prf", msg["preference"] & 3)
        seen.number("icmpv6.nd.ra.router_lifetime", msg["lifetime_s"])
        seen.number("icmpv6.nd.ra.reachable_time", msg["reachable_ms"])
        seen.number("icmpv6.nd.ra.retrans_timer", msg["retrans_ms"])
        tshark_prefixes(seen, opts.get("prefixes", []), opts.get("routes", []))
    if msg["type"] == 135:
        seen.text("icmpv6.nd.ns.target_address", msg["target"])
    if msg["type"] == 136:
        seen.text("icmpv6.nd.na.target_address", msg["target"])
        seen.flag("icmpv6.nd.na.flag.r", msg["router"])
        seen.flag("icmpv6.nd.na.flag.s", msg["solicited"])
        seen.flag("icmpv6.nd.na.flag.o", msg["override"])
    for key, field in (("slla", "src_linkaddr"), ("tlla", "target_linkaddr")):
        if len(opts.get(key, "")) in (0, 12):
            seen.bytes("icmpv6.opt." + field, *[opts[k] for k in (key,) if k in opts])
    for key, field in (("mtu", "mtu"), ("adv_interval_ms", "advertisement_interval"),
                       ("ha_preference", "home_agent_preference"),
                       ("ha_lifetime_s", "home_agent_lifetime")):
        seen.number("icmpv6.opt." + field, *[opts[k] for k in (key,) if k in opts])


def judge_tshark(case, fields):
    seen = Tshark(fields)
    if "hao" in case:
        seen.text("ipv6.opt.mipv6.home_address", case["src"])
    if "rh2" in case:
        seen.number("ipv6.routing.type", 2)
        seen.number("ipv6.routing.segleft", 1)
        seen.text("ipv6.routing.mipv6.home_address", case["dst"])
    if case["kind"] != "mh":
        seen.number("icmpv6.checksum.status", 1)  # good
    {"mh": tshark_mh, "icmp6": tshark_icmp6, "nd": tshark_nd}[case["kind"]](seen, case)


# -- scapy -------------------------------------------------------------------

def flag_letters(packet, field):
    return "".join(sorted(str(packet.getfieldval(field))))


def scapy_options(options):
    """Scapy's view of a message's mobility options, in the words of wiretool."""
    opts = {}
    for o in options:
        kind = type(o)
        if kind in (s6.Pad1, s6.PadN):
            continue
        if kind is s6.MIP6OptBRAdvice:
            opts["refresh_s"] = o.rinter * 4
        elif kind is s6.MIP6OptAltCoA:
            opts["alt_coa"] = o.acoa
        elif kind is s6.MIP6OptNonceIndices:
            opts["home_nonce"], opts["careof_nonce"] = o.hni, o.coni
        elif kind is s6.MIP6OptBindingAuthData:
            opts["authenticator"], opts["auth_not_last"] = "%024x" % o.authenticator, False
        elif kind is s6.MIP6OptMobNetPrefix:
            opts.setdefault("mnp", []).append({"prefix": o.prefix, "len": o.plen})
        elif kind is s6.MIP6OptMNID:
            opts["mn_id"], opts["mn_id_subtype"] = o.id.hex(), o.subtype
        elif kind is s6.MIP6OptMsgAuth:
            opts.setdefault("authentication", []).append(
                {"subtype": o.subtype, "spi": o.mspi, "data": o.authdata.hex()})
        elif kind is s6.MIP6OptReplayProtection:
            raw = bytes(o)[2:10]
            opts["replay_seconds"], opts["replay_fraction"] = struct.unpack(">II", raw)
        elif o.otype == 35:  # scapy does not know RFC 5648
            bid, status, flags = struct.unpack(">HBB", o.odata[:4])
            entry = {"bid": bid, "status": status, "home": bool(flags & 0x80)}
            if len(o.odata) == 8:
                entry["coa4"] = socket.inet_ntop(socket.AF_INET, o.odata[4:])
            if len(o.odata) == 20:
                entry["coa6"] = socket.inet_ntop(socket.AF_INET6, o.odata[4:])
            opts.setdefault("bid", []).append(entry)
        else:
            opts["unknown"] = opts.get("unknown", 0) + 1
    return opts


def scapy_mh(layer):
    msg = {"type": layer.mhtype, "options": scapy_options(layer.options)}
    if layer.mhtype in (1, 2, 3, 4):
        msg["cookie"] = layer.cookie.hex()
    if layer.mhtype in (3, 4):
        msg["token"], msg["nonce_index"] = layer.token.hex(), layer.index
    if layer.mhtype in (5, 6):
        # Scapy knows the first seven flags of an update, three of an answer.
        msg["flags"] = flag_letters(layer, "flags")
        msg["seq"] = layer.seq
        msg["lifetime_s"] = layer.mhtime * 4
    if layer.mhtype in (6, 7):
        msg["status"] = layer.status
    if layer.mhtype == 7:
        msg["home"] = layer.ha
    return msg


def scapy_prefix(o):
    return {"prefix": o.prefix, "len": o.prefixlen, "on_link": bool(o.L),
            "autonomous": bool(o.A), "router_address": bool(o.R), "valid_s": o.validlifetime,
            "preferred_s": o.preferredlifetime}


def signed2(value):
    return value - 4 if value > 1 else value


def scapy_nd_options(layer):
    opts = {}
    while layer:
        kind = type(layer)
        if kind is s6.ICMPv6NDOptSrcLLAddr:
            opts["slla"] = bytes(layer)[2:8 * layer.len].hex()
        elif kind is s6.ICMPv6NDOptDstLLAddr:
            opts["tlla"] = bytes(layer)[2:8 * layer.len].hex()
        elif kind is s6.ICMPv6NDOptMTU:
            opts["mtu"] = layer.mtu
        elif kind is s6.ICMPv6NDOptAdvInterval:
            opts["adv_interval_ms"] = layer.advint
        elif kind is s6.ICMPv6NDOptHAInfo:
            # The R flag of RFC 3963 lies in what scapy calls reserved.
            opts.update(ha_preference=layer.pref, ha_lifetime_s=layer.lifetime,
                        ha_mobile_routers=bool(layer.res & 0x8000))
        elif kind is s6.ICMPv6NDOptPrefixInfo:
            opts.setdefault("prefixes", []).append(scapy_prefix(layer))
        elif kind is s6.ICMPv6NDOptRouteInfo:
            opts.setdefault("routes", []).append(
                {"prefix": layer.prefix, "len": layer.plen, "preference": signed2(layer.prf),
                 "lifetime_s": layer.rtlifetime})
        layer = layer.payload
    return opts


def scapy_icmp6(layer):
    msg = {"type": layer.type}
    if layer.type in (1, 2, 3, 4):
        msg["code"] = layer.code
        msg["value"] = {1: 0, 3: 0}.get(layer.type, getattr(layer, "mtu", None))
        if layer.type == 4:
            msg["value"] = layer.ptr
        msg["packet"] = bytes(layer.payload).hex()
        return msg
    msg["id"] = layer.id
    if layer.type in (144, 145):
        msg["mobile_router"] = bool(layer.R)
    if layer.type == 145:
        msg["agents"] = list(layer.addresses)
    if layer.type == 147:
        msg["managed"], msg["other"] = bool(layer.flags & 2), bool(layer.flags & 1)
        msg["prefixes"] = scapy_nd_options(layer.payload).get("prefixes", [])
    return msg


def scapy_nd(layer):
    msg = {"type": layer.type, "options": scapy_nd_options(layer.payload)}
    if layer.type == 134:
        msg.update(cur_hop_limit=layer.chlim, managed=bool(layer.M), other=bool(layer.O),
                   home_agent=bool(layer.H), preference=signed2(layer.prf),
                   lifetime_s=layer.routerlifetime, reachable_ms=layer.reachabletime,
                   retrans_ms=layer.retranstimer)
    if layer.type in (135, 136):
        msg["target"] = layer.tgt
    if layer.type == 136:
        msg.update(router=bool(layer.R), solicited=bool(layer.S), override=bool(layer.O))
    return msg


SCAPY = {"mh": scapy_mh, "icmp6": scapy_icmp6, "nd": scapy_nd}


def message_layer(packet):
    """The Mobility Header or ICMPv6 message of a packet."""
    layer = packet.payload
    while isinstance(layer, (s6.IPv6ExtHdrDestOpt, s6.IPv6ExtHdrRouting)):
        layer = layer.payload
    return layer


def known_to_scapy(case):
    """Our view of a message, without what scapy has no fields for."""
    msg = json.loads(json.dumps(case["msg"]))
    if case["kind"] == "mh" and "flags" in msg:
        letters = "AHLKMRP" if msg["type"] == 5 else "KRP"
        msg["flags"] = "".join(sorted(f for f in msg["flags"] if f in letters))
    # Scapy reads link-layer addresses of six bytes only, and stumbles over others.
    if any(len(msg.get("options", {}).get(key, "")) > 12 for key in ("slla", "tlla")):
        del msg["options"]
    return msg


def judge_scapy(case, data):
    packet = s6.IPv6(data)
    layer = message_layer(packet)
    if "hao" in case:
        check("home address", packet[s6.HAO].hoa, case["src"])
    if "rh2" in case:
        routing = packet[s6.IPv6ExtHdrRouting]
        check("routing type", (routing.type, routing.segleft), (2, 1))
        check("routing address", list(routing.addresses), [case["dst"]])
    theirs = SCAPY[case["kind"]](layer)
    for key, value in known_to_scapy(case).items():
        check(key, theirs.get(key), value)
    # Let scapy compute the checksum anew. It sees a Home Address option only where
    # no padding stands beside it.
    ours = layer.cksum
    layer.cksum = None
    if "hao" in case:
        packet[s6.IPv6ExtHdrDestOpt].options = [packet[s6.HAO]]
    again = message_layer(s6.IPv6(bytes(packet)))
    check("checksum", "%04x" % again.cksum, "%04x" % ours)


# -- packets that scapy builds -------------------------------------------------

def scapy_cases():
    """(name, kind, packet) of messages made by scapy."""
    away = s6.IPv6(src=CARE_OF, dst="2001:db8:1::1") \
        / s6.IPv6ExtHdrDestOpt(options=[s6.HAO(hoa="2001:db8:1::10")])
    back = s6.IPv6(src="2001:db8:1::1", dst=CARE_OF) \
        / s6.IPv6ExtHdrRouting(type=2, addresses=["2001:db8:1::10"])
    plain = s6.IPv6(src="2001:db8:3::c", dst=CARE_OF)
    link = s6.IPv6(src="fe80::1", dst="ff02::1", hlim=255)
    nonces = s6.MIP6OptNonceIndices(olen=4, hni=17, coni=1042)
    auth = s6.MIP6OptBindingAuthData(olen=12, authenticator=0x0102030405060708090a0b0c)
    mac = "02:11:22:33:44:55"

    yield "brr", "mh", plain / s6.MIP6MH_BRR(res=0, res2=0)
    yield "hoti", "mh", plain / s6.MIP6MH_HoTI(res=0, cookie=b"abcdefgh")
    yield "coti", "mh", plain / s6.MIP6MH_CoTI(res=0, cookie=b"abcdefgh")
    yield "hot", "mh", plain / s6.MIP6MH_HoT(res=0, index=5, cookie=b"abcdefgh",
                                             token=b"ijklmnop")
    yield "cot", "mh", plain / s6.MIP6MH_CoT(res=0, index=65535, cookie=b"abcdefgh",
                                             token=b"ijklmnop")
    yield "bu", "mh", away / s6.MIP6MH_BU(res=0, seq=65535, flags="AHK", mhtime=1000, options=[
        s6.MIP6OptAltCoA(acoa=CARE_OF)])
    yield "bu all flags", "mh", away / s6.MIP6MH_BU(res=0, seq=0, flags="PRMKLHA", mhtime=0)
    yield "bu correspondent", "mh", away / s6.MIP6MH_BU(res=0, seq=7, flags="A", mhtime=105,
                                                        options=[nonces, auth])
    yield "bu router", "mh", away / s6.MIP6MH_BU(res=0, seq=8, flags="AHR", mhtime=5, options=[
        s6.MIP6OptMobNetPrefix(plen=56, prefix="2001:db8:aa::"),
        s6.MIP6OptMobNetPrefix(plen=129, prefix="2001:db8:bb::1")])
    yield "bu authentication", "mh", away / s6.MIP6MH_BU(
        res=0, seq=9, flags="AH", mhtime=6, options=[
            s6.MIP6OptMNID(id=b"user@example.org"),
            s6.MIP6OptReplayProtection(timestamp=3900000000),
            s6.MIP6OptMsgAuth(subtype=1, mspi=77777, authdata=b"0123456789ab"),
            s6.MIP6OptMsgAuth(subtype=2, mspi=3, authdata=b"0123456789abcdefghij")])
    yield "bu unknown options", "mh", away / s6.MIP6MH_BU(
        res=0, seq=10, flags="A", mhtime=6, options=[
            s6.MIP6OptUnknown(otype=200, odata=b"12345"), s6.MIP6OptCGAParamsReq(),
            s6.MIP6OptSignature(sig=b"x" * 33), s6.MIP6OptAltCoA(acoa=CARE_OF)])
    yield "ba", "mh", back / s6.MIP6MH_BA(res=0, res2=0, status=1, flags="PRK", seq=4, mhtime=99,
                                          options=[s6.MIP6OptBRAdvice(rinter=50)])
    yield "ba rejected", "mh", back / s6.MIP6MH_BA(res=0, res2=0, status=135, flags="", seq=4,
                                                   options=[auth])
    yield "be", "mh", plain / s6.MIP6MH_BE(status=1, ha="2001:db8:1::10")
    yield "dhaad request", "icmp6", plain / s6.ICMPv6HAADRequest(id=4660, R=0)
    yield "dhaad request R", "icmp6", plain / s6.ICMPv6HAADRequest(id=4661, R=1)
    yield "dhaad reply", "icmp6", plain / s6.ICMPv6HAADReply(
        id=1, R=1, addresses=["2001:db8:1::%x" % i for i in range(1, 20)])
    yield "mps", "icmp6", away / s6.ICMPv6MPSol(id=9)
    yield "mpa", "icmp6", back / s6.ICMPv6MPAdv(id=9, flags=2) \
        / s6.ICMPv6NDOptPrefixInfo(prefix="2001:db8:1::1", prefixlen=64, R=1, validlifetime=100,
                                   preferredlifetime=50) \
        / s6.ICMPv6NDOptMTU(mtu=1400) \
        / s6.ICMPv6NDOptPrefixInfo(prefix="2001:db8:f::", prefixlen=48, L=0)
    inner = s6.IPv6(src=CARE_OF, dst="2001:db8:3::c") / s6.MIP6MH_BU(seq=1)
    yield "param problem", "icmp6", plain / s6.ICMPv6ParamProblem(code=1, ptr=40) / inner
    yield "too big", "icmp6", plain / s6.ICMPv6PacketTooBig(mtu=1300) / inner
    yield "unreachable", "icmp6", plain / s6.ICMPv6DestUnreach(code=4) / inner
    yield "time exceeded", "icmp6", plain / s6.ICMPv6TimeExceeded(code=0) / inner
    yield "rs", "nd", link / s6.ICMPv6ND_RS() / s6.ICMPv6NDOptSrcLLAddr(lladdr=mac)
    yield "ra", "nd", link / s6.ICMPv6ND_RA(chlim=63, M=1, O=0, H=1, prf=3, routerlifetime=9000,
                                            reachabletime=11, retranstimer=22) \
        / s6.ICMPv6NDOptSrcLLAddr(lladdr=mac) / s6.ICMPv6NDOptMTU(mtu=1280) \
        / s6.ICMPv6NDOptAdvInterval(advint=3000) \
        / s6.ICMPv6NDOptHAInfo(pref=65535, lifetime=18) \
        / s6.ICMPv6NDOptPrefixInfo(prefix="2001:db8:1::1", R=1) \
        / s6.ICMPv6NDOptRouteInfo(prefix="2001:db8:9::", plen=48, prf=1, len=2, rtlifetime=60) \
        / s6.ICMPv6NDOptRDNSS(dns=["2001:db8::53"])
    yield "ns", "nd", s6.IPv6(src="fe80::1", dst="ff02::1:ff00:10", hlim=255) \
        / s6.ICMPv6ND_NS(tgt="2001:db8:1::10") / s6.ICMPv6NDOptSrcLLAddr(lladdr=mac)
    yield "na", "nd", link / s6.ICMPv6ND_NA(tgt="2001:db8:1::10", R=1, S=0, O=1) \
        / s6.ICMPv6NDOptDstLLAddr(lladdr=mac)


def judge_decoder(kind, packet, ours):
    """`packet` was parsed back by scapy; `ours` is what wiretool says of it."""
    layer = message_layer(packet)
    check("verdict", "ok", ours["verdict"])
    check("checksum", True, ours["checksum_ok"])
    theirs = SCAPY[kind](layer)
    mine = known_to_scapy({"kind": kind, "msg": ours["msg"]})
    check("message", theirs, mine)


def run_wiretool(args, text=None):
    done = subprocess.run([WIRETOOL] + args, input=text, check=True, stdout=subprocess.PIPE,
                          universal_newlines=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def ends_of(packet):
    """The addresses that upper layers see (RFC 8200 section 8.1)."""
    src = packet[s6.HAO].hoa if s6.HAO in packet else packet.src
    dst = packet.dst
    if s6.IPv6ExtHdrRouting in packet:
        dst = packet[s6.IPv6ExtHdrRouting].addresses[0]
    return src, dst


def all_tests():
    """(name, function) of every single test."""
    cases = run_wiretool(["encode"])
    packets = [make_packet(case) for case in cases]
    for case, data, fields in zip(cases, packets, run_tshark(packets)):
        name = "%s %s" % (case["kind"], case["name"])
        yield "tshark reads " + name, lambda c=case, f=fields: judge_tshark(c, f)
        yield "scapy reads " + name, lambda c=case, d=data: judge_scapy(c, d)

    built = [(name, kind, s6.IPv6(bytes(packet))) for name, kind, packet in scapy_cases()]
    lines = []
    for name, kind, packet in built:
        lines.append("%s %s %s %s" % ((kind,) + ends_of(packet)
                                      + (bytes(message_layer(packet)).hex(),)))
    for (name, kind, packet), ours in zip(built, run_wiretool(["decode"], "\n".join(lines) + "\n")):
        yield "we read scapy's %s %s" % (kind, name), \
            lambda k=kind, p=packet, o=ours: judge_decoder(k, p, o)


def main():
    tests = list(all_tests())
    failed = 0
    print("1..%d" % len(tests))
    for number, (name, function) in enumerate(tests, 1):
        try:
            function()
            print("ok %d - %s" % (number, name))
        except Disagreement as e:
            failed += 1
            print("not ok %d - %s\n# %s" % (number, name, e))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
