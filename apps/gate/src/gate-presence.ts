import type { Logger } from "@menshen/service-kit";
import { siteFrame } from "@menshen/wire";
import type { GateClock } from "./clock/gate-clock.ts";
import type { GateConfig } from "./config.ts";
import type { LiftFloor } from "./door/lift.ts";
import type { Portal } from "./door/portal.ts";
import { GateError } from "./errors.ts";
import type { Findings } from "./findings.ts";
import type { HeldDocuments } from "./held/held-documents.ts";
import type { GateIdentity } from "./keys/identity.ts";
import type { Seal } from "./keys/seal.ts";
import { type AtDoor, makeAtDoor } from "./presence/at-door.ts";
import { deltaOf, encodeAll, encodeDelta, encodeHeartbeat } from "./presence/presence-frames.ts";
import { makePresenceReporter, type PresenceReporter } from "./presence/presence-reporter.ts";
import { makePresenceRoom, type PresencePortal, type PresenceRoom } from "./presence/presence-room.ts";
import { makePresenceStore, readPresence } from "./presence/presence-store.ts";
import { SILENCE_MS, type SiteNetwork, startSiteNetwork } from "./site/site-network.ts";
import type { Journal } from "./store/journal.ts";
import type { StateKeeper } from "./store/state-keeper.ts";
import type { Remote } from "./store/store-thread.ts";

/** Where persons are, kept on the disk and in agreement with the other gates of the site. */
export interface GatePresence {
  readonly room: PresenceRoom;
  readonly atDoor: AtDoor;
  /** What the server hears of it. */
  readonly reporter: PresenceReporter;
  /** Port of the site network, if this gate listens. */
  readonly port: number | undefined;
  /** What the door rules say of how a door behaves. */
  behaviourOf(portalId: Portal["portalId"]): { readonly preAlarmMs?: number; readonly isTurnstile?: boolean };
  /** Whether a portal is a barrier that number plates open. */
  takesPlates(portalId: Portal["portalId"]): boolean;
  /** The floors of a lift, each as the access point that access rules name. */
  floorsOf(portalId: Portal["portalId"]): readonly LiftFloor[];
  /** Documents changed. */
  review(): void;
  stop(): Promise<void>;
}

export interface GatePresenceOptions {
  readonly config: Pick<GateConfig, "site">;
  readonly identity: () => Pick<GateIdentity, "gateId" | "certificate" | "deviceKey" | "ca">;
  readonly held: Pick<HeldDocuments, "doorRules" | "cardKeys">;
  readonly portals: () => readonly (PresencePortal & Pick<Portal, "isFireInputOn">)[];
  readonly state: Pick<Remote<StateKeeper>, "presence" | "savePresence">;
  readonly seal: Seal;
  readonly clock: Pick<GateClock, "now" | "monotonicMs">;
  readonly journal: Pick<Journal, "append">;
  readonly findings: Pick<Findings, "set">;
  readonly logger: Logger;
  /** How other gates are reached; tests bring their own. */
  readonly startNetwork?: typeof startSiteNetwork;
}

export async function openGatePresence(options: GatePresenceOptions): Promise<GatePresence> {
  const { held, clock, logger, journal, findings } = options;
  const { gateId } = options.identity();
  const failed = (fault: unknown) => logger.error({ error: fault }, "where persons are could not be kept");
  const files = { state: options.state, seal: options.seal, failed };
  const kept = await readPresence(files);
  let network: SiteNetwork | undefined;
  let isApart = false;
  const startedMs = clock.monotonicMs();

  const room = makePresenceRoom({
    gateId,
    rules: () => held.doorRules()?.rules,
    cardKeys: held.cardKeys,
    portals: options.portals,
    hears: (other) => network?.hears(other) ?? false,
    earliestMs: () => clock.now().earliest,
    monotonicMs: () => clock.monotonicMs(),
    kept,
    learned: (delta) => {
      store.changed(delta);
      network?.tell(encodeDelta(delta, room.siteMs()));
      reporter.changed();
    },
  });
  const atDoor = makeAtDoor({
    cardKeys: held.cardKeys,
    earliest: () => clock.now().earliest,
    monotonicMs: () => clock.monotonicMs(),
    changed: () => reporter.changed(),
  });
  const reporter = makePresenceReporter({
    gateId,
    room,
    atDoor,
    whoseIs: (holder) => held.cardKeys()?.whoseIs(holder),
    isFireOn: () => options.portals().some((portal) => portal.isFireInputOn()),
  });
  const store = makePresenceStore({
    ...files,
    saved: () => room.saved(),
    siteMs: () => room.siteMs(),
    presenceMs: () => held.doorRules()?.rules.presenceMs ?? 0,
  });

  /** Gates need a moment after a start before their silence means something. */
  function noteApart(): void {
    if (clock.monotonicMs() - startedMs < SILENCE_MS) return;
    const silent = room.silentGates();
    findings.set("gates-apart", silent.length > 0);
    if (silent.length > 0 === isApart) return;
    isApart = silent.length > 0;
    void journal.append({ kind: "gate", body: { event: isApart ? "gates-apart" : "gates-together" } });
    logger.warn({ count: silent.length }, isApart ? "other gates are not heard" : "all gates are heard");
  }

  network = await (options.startNetwork ?? startSiteNetwork)({
    identity: options.identity,
    listen: options.config.site,
    peers: () => held.doorRules()?.message.peers ?? [],
    everything: () => encodeAll(room.saved().records, room.siteMs()),
    heartbeat: () => encodeHeartbeat(room.siteMs()),
    received(from, bytes) {
      const frame = siteFrame.decode(bytes);
      const delta = deltaOf(frame);
      if (!room.receive(delta, frame.siteTime)) {
        logger.warn({ gateId: from }, "a gate's clock is too far ahead to believe it where persons are");
        throw new GateError("request-invalid", "expected a gate whose clock is near");
      }
      store.changed(delta);
      if (frame.whereabouts.length + frame.corrections.length > 0) reporter.changed();
    },
    hearingChanged() {
      noteApart();
      reporter.changed();
    },
    listenFailed: (error) => logger.error({ error }, "the site network cannot listen; it is tried again"),
  });
  const opened = network;
  const watching = setInterval(noteApart, SILENCE_MS);

  return {
    room,
    atDoor,
    reporter,
    get port() {
      return opened.port;
    },
    behaviourOf(portalId) {
      const doorRules = held.doorRules();
      if (doorRules === undefined) return {};
      const rule = doorRules.rules.portals.find((candidate) => candidate.portalId === portalId);
      return {
        preAlarmMs: rule?.preAlarmMs ?? doorRules.message.alarms.preAlarmMs,
        isTurnstile: rule?.turnstile !== undefined,
      };
    },
    takesPlates: (portalId) =>
      held.doorRules()?.rules.portals.some((rule) => rule.portalId === portalId && rule.plate === true) ??
      false,
    floorsOf(portalId) {
      const rules = held.doorRules()?.rules;
      const floors = rules?.portals.find((rule) => rule.portalId === portalId)?.floors ?? [];
      return floors.flatMap(({ output, areaId, scheduleId }) =>
        (rules?.accessPoints ?? [])
          .filter((point) => point.portalId === portalId && point.toAreaId === areaId)
          .map(({ id }) => ({
            accessPointId: id,
            output,
            ...(scheduleId === undefined ? {} : { scheduleId }),
          })),
      );
    },
    review() {
      room.review();
      opened.review();
      noteApart();
      reporter.changed();
    },
    async stop() {
      clearInterval(watching);
      reporter.disconnected();
      await opened.stop();
      await store.flush();
    },
  };
}
