import type { GateId } from "@menshen/domain";
import { SILENCE_MS, type SiteNetwork, type SiteNetworkOptions } from "../site/site-network.ts";

/** The site network without lines: what one gate says, another hears at once, if they are not cut apart. */
export interface VirtualNetwork {
  /** In place of `startSiteNetwork`. */
  start(gateId: GateId): (options: SiteNetworkOptions) => Promise<SiteNetwork>;
  /** Once a second: who is connected now tells everything, who was before says that it is there. */
  beat(): void;
  /** Gates of different groups do not hear each other; those of none are alone. */
  split(groups: readonly (readonly GateId[])[]): void;
  heal(): void;
}

interface Node {
  readonly options: SiteNetworkOptions;
  readonly heardMs: Map<GateId, number>;
}

/** @param nowMs true time */
export function makeVirtualNetwork(nowMs: () => number): VirtualNetwork {
  const nodes = new Map<GateId, Node>();
  /** Pairs that told each other everything since they are connected. */
  const linked = new Set<string>();
  let groups: readonly (readonly GateId[])[] | undefined;
  const linkOf = (a: GateId, b: GateId) => [a, b].sort().join();
  const canReach = (a: GateId, b: GateId) =>
    groups === undefined || groups.some((group) => group.includes(a) && group.includes(b));
  const pairs = () =>
    [...nodes.keys()].flatMap((a, index) => [...nodes.keys()].slice(index + 1).map((b) => [a, b] as const));

  function deliver(from: GateId, to: GateId, frames: readonly Uint8Array[]): void {
    const node = nodes.get(to);
    try {
      for (const frame of frames) {
        node?.options.received(from, frame);
        node?.heardMs.set(from, nowMs());
      }
    } catch {
      linked.delete(linkOf(from, to));
    }
  }

  function disconnect(gateId: GateId): void {
    for (const other of nodes.keys()) linked.delete(linkOf(gateId, other));
  }

  return {
    start: (gateId) => async (options) => {
      const node: Node = { options, heardMs: new Map() };
      disconnect(gateId);
      nodes.set(gateId, node);
      return {
        port: undefined,
        tell(frame) {
          for (const other of nodes.keys()) {
            if (other !== gateId && linked.has(linkOf(gateId, other))) deliver(gateId, other, [frame]);
          }
        },
        hears: (other) => nowMs() - (node.heardMs.get(other) ?? Number.NEGATIVE_INFINITY) <= SILENCE_MS,
        review: () => undefined,
        async stop() {
          disconnect(gateId);
          nodes.delete(gateId);
        },
      };
    },
    beat() {
      for (const [a, b] of pairs()) {
        const [left, right] = [nodes.get(a)?.options, nodes.get(b)?.options];
        if (left === undefined || right === undefined || !canReach(a, b)) continue;
        const isNew = !linked.has(linkOf(a, b));
        linked.add(linkOf(a, b));
        const [said, answered] = [left, right].map((one) => (isNew ? one.everything() : [one.heartbeat()]));
        deliver(a, b, said ?? []);
        deliver(b, a, answered ?? []);
      }
      for (const { options } of nodes.values()) options.hearingChanged();
    },
    split(next) {
      groups = next;
      for (const [a, b] of pairs()) if (!canReach(a, b)) linked.delete(linkOf(a, b));
    },
    heal() {
      groups = undefined;
    },
  };
}
