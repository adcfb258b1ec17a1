import { type GateDetail, gateEndpoints } from "@menshen/wire";
import type { Api } from "./api.ts";
import { eventually } from "./processes.ts";

type Version = GateDetail["snapshot"];

/** Whether a gate is there and applied everything that the server last made for it; a gate that holds nothing yet is not. */
export function isCurrent({ gate, snapshot, keyring, doorRules, modes, stale }: GateDetail): boolean {
  const isNone = ({ desired }: Version) => desired === 0;
  const holds = (version: Version) => !isNone(version) && version.applied === version.desired;
  return (
    gate.link === "online" &&
    !stale &&
    [snapshot, keyring].every(holds) &&
    [doorRules, modes].every((version) => isNone(version) || holds(version))
  );
}

/** Waits until a gate is current, with so many readers and units on their secure channels, and whatever else is asked of it. */
export async function waitForGate(
  api: Api,
  gateId: string,
  asked: {
    readonly withinMs?: number;
    readonly readers?: number;
    readonly and?: (detail: GateDetail) => boolean;
  } = {},
): Promise<void> {
  await eventually("the gate holds what the server made for it", asked.withinMs ?? 60_000, async () => {
    const detail = await api.call(gateEndpoints.status, { params: { id: gateId } });
    const secure = detail.readers.filter((reader) => reader.online && reader.secureChannel);
    return isCurrent(detail) && secure.length >= (asked.readers ?? 0) && (asked.and?.(detail) ?? true);
  });
}

/** Whether a gate seals to the custodians of this epoch: it says so where it cannot. */
export function sealsEntries({ findings }: GateDetail): boolean {
  return findings.every(({ code }) => code !== "no-epoch-key");
}
