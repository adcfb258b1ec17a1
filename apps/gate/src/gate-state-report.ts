import type { GateId, ReaderId } from "@menshen/domain";
import { readCertificate } from "@menshen/trust";
import { type StatusReport, uuidBytes } from "@menshen/wire";
import type { GateClock } from "./clock/gate-clock.ts";
import type { GateConfig } from "./config.ts";
import type { Portal } from "./door/portal.ts";
import type { DuressAlarms } from "./duress-alarms.ts";
import type { Findings } from "./findings.ts";
import type { GateView } from "./gate-view.ts";
import type { HeldDocuments } from "./held/held-documents.ts";
import type { GateIdentity } from "./keys/identity.ts";
import type { CommunityLink } from "./link/community-link.ts";
import type { ReaderStates } from "./readers/reader-state.ts";
import { SOFTWARE_VERSION } from "./software-version.ts";
import type { Journal } from "./store/journal.ts";

/** The present state in two forms: for the server, and for people at the gate. */
export interface StateReport {
  status(gateId: GateId): StatusReport;
  view(): GateView;
}

export function makeStateReport(parts: {
  readonly config: GateConfig;
  readonly clock: GateClock;
  readonly journal: Journal;
  readonly findings: Findings;
  readonly duress: Pick<DuressAlarms, "list">;
  readonly states: ReaderStates;
  readonly held: () => HeldDocuments | undefined;
  readonly link: () => CommunityLink | undefined;
  readonly portals: () => readonly Portal[];
  readonly identity: () => GateIdentity | undefined;
}): StateReport {
  const { config, clock, journal, findings, states } = parts;
  const connections = new Map<ReaderId, { readonly accessPointId: string | undefined; readonly how: string }>(
    [
      ...config.buses.flatMap(({ id, readers }) =>
        readers.map(
          ({ readerId, address, accessPointId }) =>
            [readerId, { accessPointId, how: `OSDP ${id} / ${address}` }] as const,
        ),
      ),
      ...config.pcsc.map(
        ({ readerId, readerName, accessPointId }) =>
          [readerId, { accessPointId, how: `PC/SC ${readerName}` }] as const,
      ),
      ...(config.kiosk?.places ?? []).map(
        ({ readerId, accessPointId }) => [readerId, { accessPointId, how: "Kiosk" }] as const,
      ),
      ...(config.plates?.cameras ?? []).map(
        ({ readerId, accessPointId }) => [readerId, { accessPointId, how: "Camera" }] as const,
      ),
    ],
  );

  return {
    status(gateId) {
      const { earliest, latest } = clock.now();
      return {
        version: 1,
        gateId,
        earliest,
        latest,
        readers: states.known(),
        portals: parts.portals().map((portal) => portal.status()),
        findings: [
          // Not among the findings of the gate itself, which are shown there.
          ...parts.duress.list().map((readerId) => ({
            code: "duress",
            severity: "fault" as const,
            subject: uuidBytes(readerId),
          })),
          ...findings.list().map(({ code, severity, subject }) => ({
            code,
            severity,
            ...(subject === undefined ? {} : { subject: uuidBytes(subject) }),
          })),
        ],
        journalBacklog: Math.max(0, journal.head().sequence - journal.acknowledged()) + journal.waiting(),
        journalDegraded: journal.trouble() !== undefined,
      };
    },

    view() {
      const { earliest, latest } = clock.now();
      const held = parts.held();
      const snapshot = held?.snapshot();
      const cardKeys = held?.cardKeys();
      const identity = parts.identity();
      return {
        gateId: identity?.gateId,
        softwareVersion: SOFTWARE_VERSION,
        timeZone: identity?.timeZone,
        clock: {
          earliestMs: earliest,
          latestMs: latest,
          systemMs: clock.systemWallMs(),
          start: clock.start,
          sinceServerMs: clock.sinceDisciplineMs(),
          injected: config.clock.source === "injected",
        },
        snapshot:
          snapshot === undefined
            ? undefined
            : { version: snapshot.version, untilMs: snapshot.until, credentials: snapshot.credentialCount },
        keyring:
          cardKeys === undefined ? undefined : { version: cardKeys.version, cards: cardKeys.cardCount },
        modesGeneration: held?.versions().modes ?? 0,
        journal: {
          lastSequence: journal.head().sequence,
          acknowledged: journal.acknowledged(),
          waiting: journal.waiting(),
          degraded: journal.trouble() !== undefined,
        },
        link: {
          connected: parts.link()?.isConnected() ?? false,
          server: identity?.mqtt,
          certificateUntilMs:
            identity === undefined ? undefined : readCertificate(identity.certificate).notAfter,
        },
        readers: states.all().map((state) => ({
          ...state,
          accessPointId: connections.get(state.readerId)?.accessPointId,
          how: connections.get(state.readerId)?.how ?? "",
        })),
        portals: parts.portals().map((portal) => portal.status()),
        findings: findings.list(),
      };
    },
  };
}
