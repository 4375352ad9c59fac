"""A causal graph as inline SVG: layers from causes to effects, treatment, outcome, adjustment set and mediators marked.

Layers by longest path, dummy nodes on edges that cross layers, then some sweeps that put every node near the mean of
its neighbours (Sugiyama, Tagawa and Toda 1981).
"""

from __future__ import annotations

import html
import textwrap
from collections.abc import Mapping
from itertools import pairwise

from caugym.causal.graph import DAG

NODE_WIDTH, NODE_HEIGHT, GAP_X, GAP_Y, DUMMY_WIDTH = 132, 50, 18, 46, 26
SWEEPS = 8
LINE = 17
"""Characters that fit on a line of a node."""

Node = tuple[str, int]
"""A variable (name, 0) or a dummy (edge, number from 1)."""


def draw(graph: DAG, roles: Mapping[str, str]) -> str:
    """``roles`` maps a variable to treatment, outcome, adjustment or mediator; the others are plain."""
    layers, chains = _layers(graph)
    _order(layers, chains)
    places, width, height = _places(layers)
    edges = "".join(_edge([places[node] for node in chain]) for chain in chains)
    nodes = "".join(_node(name, places[name, 0], roles.get(name, "")) for name in graph.nodes)
    said = "; ".join(f"{head} has a direct effect on {tail}" for head, tail in graph.edges)
    label = html.escape(f"Causal graph: {said}", quote=True)
    return (
        f'<svg class="graph" viewBox="0 0 {width:.0f} {height:.0f}" style="max-width:{width:.0f}px" role="img" '
        f'aria-label="{label}"><defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        f'markerHeight="7" orient="auto-start-reverse"><path d="M0,0.6 L8,4 L0,7.4 z"/></marker></defs>'
        f"{edges}{nodes}</svg>"
    )


def _layers(graph: DAG) -> tuple[list[list[Node]], list[list[Node]]]:
    """The layers of nodes, and every edge as the chain of nodes that it passes."""
    depth: dict[str, int] = {}
    for name in graph.topological_order():
        depth[name] = max((depth[parent] + 1 for parent in graph.parents(name)), default=0)
    for name in reversed(graph.topological_order()):  # a root moves down to just above its first child
        children = graph.children(name)
        if children and not graph.parents(name):
            depth[name] = min(depth[child] for child in children) - 1
    layers: list[list[Node]] = [[] for _ in range(max(depth.values()) + 1)]
    for name in graph.topological_order():
        layers[depth[name]].append((name, 0))
    chains = []
    for tail, head in graph.edges:
        chain: list[Node] = [(tail, 0)]
        for number, layer in enumerate(range(depth[tail] + 1, depth[head]), start=1):
            chain.append((f"{tail}\0{head}", number))
            layers[layer].append(chain[-1])
        chains.append([*chain, (head, 0)])
    return layers, chains


def _order(layers: list[list[Node]], chains: list[list[Node]]) -> None:
    """Sort every layer by the mean place of its neighbours in the layer before, then in the one after, in turn."""
    up: dict[Node, list[Node]] = {}
    down: dict[Node, list[Node]] = {}
    for chain in chains:
        for first, second in pairwise(chain):
            up.setdefault(second, []).append(first)
            down.setdefault(first, []).append(second)
    for sweep in range(SWEEPS):
        neighbours, order = (up, layers[1:]) if sweep % 2 == 0 else (down, layers[-2::-1])
        for layer in order:
            place = {node: (rank + 0.5) / len(row) for row in layers for rank, node in enumerate(row)}

            def mean(
                node: Node, neighbours: dict[Node, list[Node]] = neighbours, place: dict[Node, float] = place
            ) -> float:
                near = neighbours.get(node, [])
                return sum(place[other] for other in near) / len(near) if near else place[node]

            layer.sort(key=mean)


def _width(node: Node) -> float:
    return NODE_WIDTH if node[1] == 0 else DUMMY_WIDTH


def _places(layers: list[list[Node]]) -> tuple[dict[Node, tuple[float, float]], float, float]:
    """The middle of every node; layers are centred."""
    widths = [sum(map(_width, layer)) + GAP_X * (len(layer) - 1) for layer in layers]
    total = max(widths)
    places: dict[Node, tuple[float, float]] = {}
    for rank, (layer, width) in enumerate(zip(layers, widths, strict=True)):
        x = 4 + (total - width) / 2
        for node in layer:
            places[node] = x + _width(node) / 2, 4 + NODE_HEIGHT / 2 + rank * (NODE_HEIGHT + GAP_Y)
            x += _width(node) + GAP_X
    return places, total + 8, len(layers) * (NODE_HEIGHT + GAP_Y) - GAP_Y + 8


def _edge(places: list[tuple[float, float]]) -> str:
    half = NODE_HEIGHT / 2
    (x, y), path = places[0], ""
    path = f"M{x:.0f},{y + half:.0f}"
    y += half
    for number, (to_x, to_y) in enumerate(places[1:], start=1):
        last = number == len(places) - 1
        end = to_y - half - 2 if last else to_y - half
        bend = (end - y) / 2
        path += f" C{x:.0f},{y + bend:.0f} {to_x:.0f},{end - bend:.0f} {to_x:.0f},{end:.0f}"
        if not last:
            path += f" L{to_x:.0f},{to_y + half:.0f}"
        x, y = to_x, to_y + half
    return f'<path d="{path}" class="edge" marker-end="url(#arrow)"/>'


def _node(name: str, place: tuple[float, float], role: str) -> str:
    x, y = place
    lines = textwrap.wrap(name, LINE) or [name]
    if len(lines) > 2:
        lines = [lines[0], lines[1][: LINE - 1] + "…"]
    rows = [*((line, "name") for line in lines), *([(role, "role")] if role else [])]
    first = y - 6.5 * (len(rows) - 1) + 4
    texts = "".join(
        f'<text x="{x:.0f}" y="{first + 13 * rank:.0f}" text-anchor="middle" class="{kind}">{html.escape(line)}</text>'
        for rank, (line, kind) in enumerate(rows)
    )
    return (
        f'<g class="node {role or "plain"}"><title>{html.escape(name)}</title><rect x="{x - NODE_WIDTH / 2:.0f}" '
        f'y="{y - NODE_HEIGHT / 2:.0f}" width="{NODE_WIDTH}" height="{NODE_HEIGHT}" rx="8"/>{texts}</g>'
    )
