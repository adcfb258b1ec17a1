import type { GateWiring } from "@menshen/wire";

/** A reader as the file must know it. */
export interface WiredReader {
  readonly id: string;
  readonly kind: "osdp" | "pcsc" | "kiosk" | "io" | "desk";
  readonly accessPointId?: string;
}

/**
 * The configuration file of a gate (apps/gate/src/config.ts) from what is wired to it. Keys of readers: only in a window
 * that a person opens, for ten minutes; the gate never gives one anew by itself because a reader lost it.
 */
export function gateFile(options: {
  readonly wiring: GateWiring;
  readonly readers: readonly WiredReader[];
  readonly doorGroup: number;
  readonly enrolUrl: string;
  readonly code: string | undefined;
}) {
  const { wiring, readers, code } = options;
  const readerOf = new Map(readers.map((reader) => [reader.id, reader]));
  const input = (wired: { readerId: string; input: number; normallyClosed: boolean }) => ({
    kind: "osdp-input",
    ...wired,
  });
  return {
    stateDir: "/var/lib/menshen/gate",
    community: { enrolUrl: options.enrolUrl, ...(code === undefined ? {} : { enrolmentCode: code }) },
    statusPage: { host: "127.0.0.1", port: 8470 },
    doorGroup: options.doorGroup,
    buses: wiring.lines.map(({ id, transport, baud }) => ({
      id,
      transport,
      ...(baud === undefined ? {} : { baud }),
      readers: wiring.readers
        .filter(({ lineId }) => lineId === id)
        .map(({ readerId, address }) => {
          const reader = readerOf.get(readerId);
          return {
            readerId,
            address,
            role: reader?.kind === "io" ? "io" : "reader",
            ...(reader?.accessPointId === undefined ? {} : { accessPointId: reader.accessPointId }),
            secureChannel: "install",
          };
        }),
    })),
    pcsc: wiring.plugged.flatMap(({ readerId, readerName }) => {
      const accessPointId = readerOf.get(readerId)?.accessPointId;
      return accessPointId === undefined ? [] : [{ readerName, readerId, accessPointId }];
    }),
    portals: wiring.portals.map(({ portalId, lock, contact, passage, exitButton, fireInput }) => ({
      portalId,
      lock: { kind: "units" in lock ? "lift" : "osdp-output", ...lock },
      ...(contact === undefined ? {} : { contact: input(contact) }),
      ...(passage === undefined ? {} : { passage: input(passage) }),
      ...(exitButton === undefined ? {} : { exitButton: input(exitButton) }),
      ...(fireInput === undefined ? {} : { fireInput: input(fireInput) }),
    })),
  };
}
