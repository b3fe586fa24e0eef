# SPDX-License-Identifier: GPL-2.0-or-later
"""The timeline of a run as a picture: `scripts/lab timeline RESULTS --svg FILE`.

One panel for each move of a node: what was done to it, its signalling, and under that the probes
of the streams that went on meanwhile, each way, at the time when they were sent; lost ones in red.
So it can be seen what each step of a handover cost.
"""
import glob
import json
import os
from xml.sax.saxutils import escape

MOVES = ("== plug", "== unplug", "== move")
APART_S = 0.4		# moves closer than that share a panel
BEFORE_S, AFTER_S = 0.1, 0.6
WIDTH, LEFT, RIGHT = 1100, 90, 20
LANE, LANES, LETTER, PROBES = 13, 8, 6.0, 14
COLOURS = (("Binding Update", "#1f5fbf"), ("Binding Acknowledgement", "#1f8f3f"),
           ("Binding Error", "#c03030"), ("Router Solicitation", "#b06000"),
           ("Router Advertisement", "#d09020"), ("Test", "#7040a0"))
STYLE = """text { font: 10px sans-serif; } .title { font-weight: bold; font-size: 12px; }
line.probe { stroke: #b8c4b8; } line.lost { stroke: #e00000; stroke-width: 1.5; }
line.event { stroke: #000; stroke-dasharray: 4 2; } line.axis { stroke: #888; }"""


def read_probes(results):
    """A list of (label, [(sent s, arrived or not), ...]): two for each stream that was stopped."""
    ways = []
    for path in sorted(glob.glob(results + "/*.probes.json")):
        with open(path) as f:
            stream = json.load(f)
        for way, label in (("out", "%s > %s"), ("back", "%s < %s")):
            ways.append((label % (stream["a"], stream["b"]),
                         [(sent / 1e6, got != 0) for sent, got in stream[way]]))
    return ways


def spans(lines, node):
    """The times of each panel: a list of (begin, end, its moves)."""
    moves = [line for line in lines if line[1] == node and line[2].startswith(MOVES)]
    groups = []
    for move in moves:
        if groups and move[0] - groups[-1][-1][0] < APART_S:
            groups[-1].append(move)
        else:
            groups.append([move])
    return [(g[0][0] - BEFORE_S, g[-1][0] + AFTER_S, g) for g in groups]


def colour_of(text):
    return next((colour for words, colour in COLOURS if words in text), "#606060")


class Panel:
    """One move, from `begin` to `end`; `top` is where it begins in the picture."""

    def __init__(self, begin, end, top):
        self.begin, self.end, self.top = begin, end, top
        self.parts = []

    def x(self, time):
        return LEFT + (WIDTH - LEFT - RIGHT) * (time - self.begin) / (self.end - self.begin)

    def covers(self, time):
        return self.begin <= time <= self.end

    def line(self, kind, time, top, bottom, colour="", title=""):
        self.parts.append('<line class="%s" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"%s>%s</line>'
                          % (kind, self.x(time), self.x(time), top, bottom,
                             ' stroke="%s"' % colour if colour else "",
                             "<title>%s</title>" % escape(title) if title else ""))

    def text(self, x, y, words, extra=""):
        self.parts.append('<text x="%.1f" y="%.1f"%s>%s</text>' % (x, y, extra, escape(words)))


def short_name(text):
    """Of "SOURCE > TARGET NAME for ADDRESS from ADDRESS" the name."""
    words = text.split(" ")[3:]
    return " ".join(words[:next((n for n, word in enumerate(words)
                                 if word in ("from", "for") or ":" in word), len(words))])


def draw_signalling(panel, lines, node, top):
    """Packets of the node's interfaces; each name in the first lane that has room for it."""
    bottom = top + LANE * LANES
    taken = [0.0] * LANES
    for time, where, text in lines:
        if not where.startswith(node + " ") or not panel.covers(time):
            continue
        name, x = short_name(text), panel.x(time)
        title = "%.1f ms %s %s" % (1000 * (time - panel.begin - BEFORE_S), where, text)
        panel.line("packet", time, top, bottom, colour_of(text), title)
        lane = next((n for n in range(LANES) if taken[n] < x), None)
        if lane is not None:
            panel.text(x + 2, top + 10 + LANE * lane, name, ' fill="%s"' % colour_of(text))
            taken[lane] = x + LETTER * len(name)
    panel.text(4, top + 12, node)
    return bottom + 6


def draw_probes(panel, ways, top):
    for label, probes in ways:
        inside = [probe for probe in probes if panel.covers(probe[0])]
        if not inside:
            continue
        for time, arrived in inside:
            panel.line("probe" if arrived else "probe lost", time, top, top + PROBES)
        lost = sum(not arrived for _, arrived in inside)
        panel.text(4, top + 11, "%s: %d" % (label, lost))
        top += PROBES + 4
    return top


def draw_axis(panel, top):
    step = 0.05
    moved = panel.begin + BEFORE_S
    for n in range(-int(BEFORE_S / step), int((panel.end - moved) / step) + 1):
        time = moved + n * step
        panel.line("axis", time, top, top + 4)
        panel.text(panel.x(time) - 8, top + 15, "%d" % round(n * step * 1000))
    panel.text(4, top + 15, "ms")
    return top + 30


def draw_panel(span, lines, ways, node, top):
    begin, end, moves = span
    panel = Panel(begin, end, top)
    names = ["%s (%.0f ms)" % (text[3:], 1000 * max(0, time - begin - BEFORE_S))
             for time, _, text in moves]
    panel.text(4, top + 14, "%s: %s" % (node, ", ".join(names)), ' class="title"')
    below = draw_signalling(panel, lines, node, top + 20)
    below = draw_probes(panel, ways, below)
    for time, _, text in moves:
        panel.line("event", time, top + 20, below, title=text)
    return panel.parts, draw_axis(panel, below)


def draw(lines, ways, node="mn"):
    """lines: of timeline.read(); ways: of read_probes(). Returns the text of the picture."""
    parts, top = [], 10
    for span in spans(lines, node):
        drawn, top = draw_panel(span, lines, ways, node, top)
        parts += drawn
    head = ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d">'
            '<style>%s</style><rect width="100%%" height="100%%" fill="#fff"/>'
            % (WIDTH, top + 10, STYLE))
    return "\n".join([head, *parts, "</svg>", ""])


def write(results, lines, path, node="mn"):
    with open(path, "w") as f:
        f.write(draw(lines, read_probes(results), node))
    return os.path.getsize(path)
