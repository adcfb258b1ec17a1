import { statfsSync } from "node:fs";
import { epochAt } from "@menshen/domain";
import type { Snapshot } from "@menshen/policy";
import { readCertificate } from "@menshen/trust";
import type { GateClock } from "./clock/gate-clock.ts";
import { type GateConfig, unitsOf } from "./config.ts";
import type { Portal } from "./door/portal.ts";
import type { Finding, Findings } from "./findings.ts";
import type { CardKeys } from "./held/card-keys.ts";
import type { GateIdentity } from "./keys/identity.ts";
import type { Journal } from "./store/journal.ts";
import type { JournalKeeper } from "./store/journal-keeper.ts";
import type { Remote } from "./store/store-thread.ts";
import type { TrailState } from "./trail/trail-check.ts";

/** Over this much doubt codes that live 30 s need the door's challenge (DESIGN.md §5), and a person should know. */
const DOUBTFUL_SPREAD_MS = 15_000;
/** With fewer epochs to come that have a key, custodians should meet: a ceremony takes finding a date. */
const FEW_EPOCHS = 2;
const DISK_MIN_SHARE = 0.05;
const DISK_MIN_BYTES = 100 * 1024 * 1024;
/** Entries verified in one go by the self-test, so that taps can pass in between. */
const VERIFY_CHUNK = 250;

export interface GateWatchOptions {
  readonly config: GateConfig;
  readonly findings: Findings;
  readonly clock: GateClock;
  readonly snapshot: () => Snapshot | undefined;
  readonly cardKeys: () => CardKeys | undefined;
  readonly trail: () => TrailState | undefined;
  readonly identity: () => GateIdentity | undefined;
  readonly portals: () => readonly Portal[];
  readonly journal: Pick<Journal, "append" | "head">;
  readonly verify: Remote<JournalKeeper>["verify"];
}

/** Looks at the gate as a whole and names what is wrong. */
export interface GateWatch {
  /** What can be seen at once; called after every change and every minute. */
  review(): void;
  /** Everything, the journal's whole chain included; journals what it found. */
  selfTest(): Promise<readonly Finding[]>;
}

export function makeGateWatch(options: GateWatchOptions): GateWatch {
  const { config, findings, clock, journal } = options;
  let seen: { readonly certificate: Uint8Array | undefined; readonly notAfter: number } = {
    certificate: undefined,
    notAfter: 0,
  };

  function reviewDocuments(): void {
    const snapshot = options.snapshot();
    const cardKeys = options.cardKeys();
    findings.set("no-snapshot", snapshot === undefined);
    findings.set("no-keyring", cardKeys === undefined);
    reviewEpochKeys();
    findings.set("witness-policy-refused", options.trail()?.logRefused === true);
    findings.set("door-group-differs", cardKeys !== undefined && cardKeys.doorGroup !== config.doorGroup);
    findings.set("snapshot-outlived", snapshot !== undefined && clock.now().earliest >= snapshot.until);
    if (snapshot === undefined) return;
    const accessPoints = new Set(snapshot.accessPoints.map(({ id }) => id));
    for (const { readerId, accessPointId } of [
      ...config.buses.flatMap(({ readers }) => readers),
      ...config.pcsc,
    ]) {
      if (accessPointId === undefined) continue;
      findings.set("access-point-unknown", !accessPoints.has(accessPointId), readerId);
    }
    const inRules = new Set(snapshot.portals.map(({ id }) => id));
    const wired = new Set(config.portals.map(({ portalId }) => portalId));
    for (const portalId of wired) findings.set("portal-unknown", !inRules.has(portalId), portalId);
    for (const { code, subject } of findings.list()) {
      if (code !== "portal-not-wired") continue;
      if (!snapshot.portals.some(({ id }) => id === subject && !wired.has(id))) findings.clear(code, subject);
    }
    for (const portalId of inRules) {
      if (!wired.has(portalId)) findings.raise("portal-not-wired", portalId);
    }
  }

  function reviewEpochKeys(): void {
    const trail = options.trail();
    const present = trail === undefined ? undefined : epochAt(trail.grid, clock.now().earliest);
    const epochs = trail?.epochKeys.map(({ epoch }) => epoch) ?? [];
    const hasKey = present !== undefined && epochs.includes(present);
    findings.set("no-epoch-key", !hasKey);
    const left = present === undefined ? 0 : epochs.filter((epoch) => epoch > present).length;
    findings.set("epoch-keys-low", hasKey && left < FEW_EPOCHS);
  }

  function reviewClock(): void {
    const { earliest, latest } = clock.now();
    findings.set("clock-doubtful", latest - earliest > DOUBTFUL_SPREAD_MS);
    findings.set("clock-injected", config.clock.source === "injected");
  }

  function reviewCertificate(): void {
    const identity = options.identity();
    findings.set("not-enrolled", identity === undefined);
    if (identity === undefined) return;
    if (seen.certificate !== identity.certificate) {
      seen = { certificate: identity.certificate, notAfter: readCertificate(identity.certificate).notAfter };
    }
    findings.set("certificate-expired", clock.now().earliest > seen.notAfter);
  }

  function reviewWiring(): void {
    // This version seals under a file; the finding stands so that nobody believes otherwise.
    findings.raise("no-tpm");
    for (const reader of config.buses.flatMap(({ readers }) => readers)) {
      const isNowhere = reader.role === "reader" && reader.accessPointId === undefined;
      findings.set("reader-without-access-point", isNowhere, reader.readerId);
    }
    const outdoors = new Set(
      config.buses.flatMap(({ readers }) =>
        readers.filter(({ role }) => role === "reader").map((r) => r.readerId),
      ),
    );
    for (const { portalId, lock } of config.portals) {
      const isOutdoors = unitsOf(lock).some((unit) => outdoors.has(unit));
      findings.set("lock-on-outdoor-reader", isOutdoors, portalId);
    }
    for (const portal of options.portals()) {
      const { lock, fireRelease } = portal.status();
      findings.set("lock-not-answering", lock === "fault", portal.portalId);
      findings.set("fire-release-latched", fireRelease, portal.portalId);
      findings.set("contact-chatter", portal.isContactChattering(), portal.portalId);
    }
  }

  function reviewDisk(): void {
    try {
      const { bavail, blocks, bsize } = statfsSync(config.stateDir);
      findings.set("disk-almost-full", bavail < blocks * DISK_MIN_SHARE && bavail * bsize < DISK_MIN_BYTES);
    } catch {
      findings.raise("disk-almost-full");
    }
  }

  function review(): void {
    reviewDocuments();
    reviewClock();
    reviewCertificate();
    reviewWiring();
  }

  async function verifyJournal(): Promise<void> {
    const last = journal.head().sequence;
    let next = 1;
    while (next <= last) {
      const verified = await options.verify(next, VERIFY_CHUNK);
      findings.set("journal-broken", verified.broken !== undefined);
      if (verified.broken !== undefined || verified.next === next) return;
      next = verified.next;
    }
  }

  return {
    review,
    async selfTest() {
      reviewDisk();
      await verifyJournal();
      review();
      const found = findings.list();
      const codes = [...new Set(found.map(({ code }) => code))];
      await journal.append({ kind: "gate", body: { event: "self-test", findings: codes } });
      return found;
    },
  };
}
