import { randomBytes } from "@menshen/crypto/node";
import { deadBefore, type GateId } from "@menshen/domain";
import { acquireStateLock, type Logger, type StopOrder } from "@menshen/service-kit";
import type { GateEntry } from "@menshen/wire";
import { makeAdminActions } from "./admin/admin-actions.ts";
import { startAdminSocket } from "./admin/admin-socket.ts";
import { clockSourceOf } from "./clock/configured-clock-source.ts";
import { DRIFT_PPM, makeGateClock } from "./clock/gate-clock.ts";
import { openCommandDesk } from "./commands/command-desk.ts";
import { type GateConfig, readerIdsOf } from "./config.ts";
import { makePortal, type Portal } from "./door/portal.ts";
import { makeDuressAlarms } from "./duress-alarms.ts";
import { GateError } from "./errors.ts";
import { makeFindings } from "./findings.ts";
import { COUNTERS, makeForgetDesk, SEQUENCES } from "./forget/forget-desk.ts";
import { openGateHabits } from "./gate-habits.ts";
import { makeIdentityKeeper } from "./gate-identity.ts";
import { deskPassesOf, openGatePasses } from "./gate-passes.ts";
import { type GatePresence, openGatePresence } from "./gate-presence.ts";
import { makeGateReaders } from "./gate-readers.ts";
import { type GateSealing, openGateSealing } from "./gate-sealing.ts";
import { makeStateReport } from "./gate-state-report.ts";
import { openGateStore } from "./gate-store.ts";
import { startGateUpkeep } from "./gate-upkeep.ts";
import { makeGateWatch } from "./gate-watch.ts";
import { makeTakeOver } from "./handover/take-over.ts";
import { type HeldDocuments, openHeldDocuments } from "./held/held-documents.ts";
import { modeInForce } from "./held/portal-modes.ts";
import { makeInstallerDesk } from "./installer/installer-desk.ts";
import { makeJournalNotes } from "./journal-notes.ts";
import { makeAliroDoor, readAliroIdentity } from "./keys/aliro-identity.ts";
import { openReaderKeys } from "./keys/reader-keys.ts";
import { openFileSeal } from "./keys/seal.ts";
import { makeCallButtons } from "./kiosk/call-button.ts";
import { startKiosk } from "./kiosk/kiosk.ts";
import { type CommunityLink, startCommunityLink } from "./link/community-link.ts";
import { makeLinkListener } from "./link-listener.ts";
import { startGatePlates } from "./plates/gate-plates.ts";
import { makeMarkStore } from "./public-log/mark-store.ts";
import { openPublicLog, type PublicLog } from "./public-log/public-log.ts";
import { makeReaderStates } from "./readers/reader-state.ts";
import { makeReaderSupervision } from "./readers/supervision.ts";
import { SOFTWARE_VERSION } from "./software-version.ts";
import { startStatusPage } from "./status-page/server.ts";
import { makeJournal } from "./store/journal.ts";
import { makeCardSequences } from "./tap/card-sequences.ts";
import { makeCounterGuard } from "./tap/counter-guard.ts";
import { openPhoneMemory } from "./tap/phone-memory.ts";
import { makePhoneReader } from "./tap/phone-reader.ts";
import { makeTapDesk, type TapDesk } from "./tap/tap-desk.ts";

/** How long the lamp in the guards' room is on. */
const DURESS_PULSE_MS = 60_000;

/** A running gate. */
export interface Gate {
  readonly gateId: GateId;
  readonly statusPage: string;
  /** Address of the page for its screens, without their tokens. */
  readonly kiosk: string | undefined;
  /** Port that other gates reach it on, if they do. */
  readonly sitePort: number | undefined;
  /** Port that cameras of barriers reach it on, if there are any. */
  readonly platesPort: number | undefined;
}

/**
 * Builds a gate out of its parts and starts it; resolves when it is enrolled and decides. What was started is undone
 * by `stopOrder`, also after a failure.
 *
 * @throws {GateError} `config-invalid`, `seal-broken`, `disk-full`, `disk-failed`; `ServiceError` `already-running`
 */
export async function startGate(config: GateConfig, logger: Logger, stopOrder: StopOrder): Promise<Gate> {
  const lock = acquireStateLock(config.stateDir);
  stopOrder.add("state lock", () => lock.release());
  const aliroIdentity = config.aliro && readAliroIdentity(config.aliro.identityFile);
  const seal = openFileSeal(config.stateDir);
  const readerKeys = openReaderKeys(config.stateDir, seal);
  const source = await clockSourceOf(config, logger, stopOrder);
  const store = await openGateStore(config.stateDir, logger);
  stopOrder.add("store", () => store.close());
  const { opening } = store;
  const clock = makeGateClock({
    source,
    saved: opening?.clock,
    driftPpm: DRIFT_PPM,
    floorMs: opening?.lastEarliestMs,
  });

  let held: HeldDocuments | undefined;
  let link: CommunityLink | undefined;
  let portals: readonly Portal[] = [];
  let sealing: GateSealing | undefined;
  let publicLog: PublicLog | undefined;
  let tapDesk: TapDesk | undefined;
  let presence: GatePresence | undefined;
  let reviewing = false;
  let stopped = false;

  /** Something is different: the server hears of it soon, findings are looked at once for all changes of this turn. */
  function changed(): void {
    link?.statusChanged();
    if (reviewing || stopped) return;
    reviewing = true;
    setImmediate(() => {
      reviewing = false;
      if (stopped) return;
      watch.review();
      presence?.reporter.review();
    });
  }

  /** Rules, modes or the time changed: what stands open may be different now. */
  function refreshPortals(): void {
    for (const portal of portals) portal.refresh();
    changed();
  }

  /** The server told the time: a new epoch may have begun. */
  function timeChanged(): void {
    refreshPortals();
    sealing?.review();
  }

  const findings = makeFindings(() => link?.statusChanged());
  /** What no custodian can open any more is of no use here either; by the earlier end of the clock, never too soon. */
  function forgetBefore(): number | undefined {
    const trail = held?.trail();
    if (trail?.retentionDays === undefined) return undefined;
    return deadBefore(trail.grid, clock.now().earliest, trail.retentionDays);
  }
  const recordGate = (body: GateEntry["body"]): void => void journal.append({ kind: "gate", body });
  const notes = makeJournalNotes({ source, findings, recordGate, logger });
  stopOrder.add("journal notes", () => notes.stop());
  const journal = makeJournal({
    remote: store.journal.remote,
    opening,
    clock,
    forgetBefore,
    listener: {
      ...notes,
      appended: () => link?.journalGrew(),
      sealed: (complete) => findings.set("sealing-failed", !complete),
    },
  });
  stopOrder.add("journal", () => journal.flush());

  const identityKeeper = makeIdentityKeeper({ config, seal, clock, logger });
  stopOrder.add("enrolment", () => identityKeeper.stop());
  const states = makeReaderStates(readerIdsOf(config), changed, () => clock.monotonicMs());
  const snapshot = () => held?.snapshot();
  const desk = (): TapDesk => {
    if (tapDesk === undefined) throw new GateError("request-invalid", "expected a gate that is enrolled");
    return tapDesk;
  };
  const supervision = makeReaderSupervision({
    power: config.power,
    source,
    findings,
    journal,
    pin: (readerId, digits) => desk().pin(readerId, digits),
    pinRefused: (readerId) => readers.indicate(readerId, { kind: "refused" }),
  });
  stopOrder.add("supervision of readers", () => supervision.stop());
  const readers = makeGateReaders({
    config,
    keys: readerKeys,
    clock,
    journal,
    findings,
    states,
    snapshot,
    portals: () => portals,
    tapDesk: desk,
    floorsOf: (portalId) => presence?.floorsOf(portalId) ?? [],
    ...supervision,
    logger,
  });
  const watch = makeGateWatch({
    config,
    findings,
    clock,
    snapshot,
    cardKeys: () => held?.cardKeys(),
    trail: () => held?.trail(),
    identity: () => identityKeeper.current(),
    portals: () => portals,
    journal,
    verify: (first, count) => store.journal.remote.verify(first, count),
  });
  const { duressOutput } = config;
  const duressWire =
    duressOutput === undefined
      ? undefined
      : readers.driverOf({ lock: { kind: "osdp-output", ...duressOutput } });
  const duress = makeDuressAlarms({
    source,
    changed: () => link?.statusChanged(),
    isConnected: () => link?.isConnected() ?? false,
    // A lost pulse says nothing to anybody at the door; the server hears of it too.
    call: () => void duressWire?.({ kind: "release-for", forMs: DURESS_PULSE_MS }),
  });
  stopOrder.add("duress", () => duress.stop());
  const report = makeStateReport({
    config,
    clock,
    journal,
    findings,
    duress,
    states,
    held: () => held,
    link: () => link,
    portals: () => portals,
    identity: () => identityKeeper.current(),
  });

  const page = await startStatusPage({ ...config.statusPage, view: report.view });
  stopOrder.add("status page", () => page.close());
  const installer = makeInstallerDesk({
    config,
    readers,
    portals: () => portals,
    states,
    clock,
    identity: () => identityKeeper.current(),
    tested: ({ faults }) =>
      recordGate({ event: "self-test", findings: [...new Set(faults.map(({ code }) => code))] }),
  });
  const adminActions = makeAdminActions({
    config,
    view: report.view,
    watch,
    installer,
    identity: identityKeeper,
    readers,
    portals: () => portals,
    takeOver: makeTakeOver({
      config,
      identity: () => identityKeeper.current(),
      readers,
      isBusy: () => installer.isBusy,
      clock,
      logger,
    }),
  });
  stopOrder.add("administration socket", await startAdminSocket(config.stateDir, adminActions));

  const bootId = randomBytes(16);
  recordGate({ event: "started", softwareVersion: SOFTWARE_VERSION, bootId });
  watch.review();
  logger.info({ address: page.url, event: clock.start }, "gate is up");
  const identity = await identityKeeper.enrolled();

  const habits = config.cardHabits
    ? await openGateHabits({ seal, state: store.state.remote, held: () => held, logger }, stopOrder)
    : undefined;
  const forgets = { held: () => held, phones: () => phoneMemory, habits };
  const forget = makeForgetDesk({ ...forgets, identity, clock, seal, journal: store.journal.remote, logger });
  held = await openHeldDocuments({
    state: store.state.remote,
    seal,
    identity,
    earliestMs: () => clock.now().earliest,
    unreadable: (fault) => {
      logger.error({ error: fault }, "stored documents cannot be read; they are asked for again");
      findings.raise("state-set-aside");
    },
    changed: (what) => {
      presence?.review();
      refreshPortals();
      readers.showState();
      forget.documentsChanged();
      if (what === "trail" || what === "keyring") sealing?.review();
      if (what === "trail" || what === "snapshot" || what === "passes") publicLog?.review();
    },
  });
  const documents = held;
  sealing = await openGateSealing({
    identity,
    seal,
    journal: store.journal,
    state: store.state.remote,
    held: documents,
    clock,
    logger,
    keyChanged: () => link?.keyChanged(),
  });
  const opened = await openPublicLog({
    identity,
    snapshot,
    deskPasses: () => deskPassesOf(documents.passes(), clock.now().earliest),
    policy: () => documents.trail()?.log,
    earliestMs: () => clock.now().earliest,
    store: makeMarkStore(store.state.remote, seal),
    found: (code, present) => findings.set(code, present),
    failed: (fault) => logger.error({ error: fault }, "credentials could not be looked up in the public log"),
  });
  publicLog = opened;
  stopOrder.add("public log", () => opened.stop());
  const phoneMemory = await openPhoneMemory(store.state.remote, seal);
  stopOrder.add("telephones", () => phoneMemory.flush());
  const passes = await openGatePasses({
    identity,
    doorGroup: config.doorGroup,
    clock,
    state: store.state.remote,
    seal,
    snapshot,
    held: {
      cardKeys: documents.cardKeys,
      passes: documents.passes,
      log: () => documents.trail()?.log,
    },
    inPublicLog: opened.admits,
    unreadable: (fault) => {
      logger.error(
        { error: fault },
        "used passes cannot be read; tokens of days that have begun are refused",
      );
      findings.raise("state-set-aside");
    },
  });
  const persons = await openGatePresence({
    config,
    identity: () => identityKeeper.current() ?? identity,
    held: documents,
    portals: () => portals,
    state: store.state.remote,
    seal,
    clock,
    journal,
    findings,
    logger,
  });
  presence = persons;
  stopOrder.add("presence", () => persons.stop());
  sealing.review();
  const latched = new Set(opening?.fireLatches);
  portals = config.portals.map((portal) =>
    makePortal({
      config: portal,
      source,
      clock,
      journal,
      drive: readers.liftOf(portal)?.drive ?? readers.driverOf(portal),
      lift: readers.liftOf(portal),
      snapshot,
      mode: () => modeInForce(documents.modes(), portal.portalId, clock.now()),
      fireLatched: latched.has(portal.portalId),
      signal: (signal) => readers.signal(portal.portalId, signal),
      behaviour: () => persons.behaviourOf(portal.portalId),
      opened: () => persons.room.opened(portal.portalId),
      passed: () => persons.room.passed(portal.portalId),
      changed,
    }),
  );
  stopOrder.add("portals", () => {
    stopped = true;
    for (const portal of portals) portal.stop();
  });
  tapDesk = makeTapDesk({
    clock,
    journal,
    snapshot,
    cardKeys: () => documents.cardKeys(),
    counterGuard: makeCounterGuard(
      opening?.counters ?? [],
      (credentialKey) => seal.nameOf(COUNTERS, credentialKey),
      (name, counter) => journal.saveCounter(name, counter),
    ),
    sequences: config.cardSequences.isOn
      ? makeCardSequences({
          last: opening?.counters ?? [],
          nameOf: (credentialKey) => seal.nameOf(SEQUENCES, credentialKey),
          save: (name, stored) => journal.saveCounter(name, stored),
          classicSector: config.cardSequences.classicSector,
        })
      : undefined,
    stepOf: sealing.stepOf,
    habits,
    inPublicLog: opened.admits,
    passes: passes.desk,
    presence: persons.room,
    takesPlates: persons.takesPlates,
    noteAtDoor: persons.atDoor.note,
    duress: (readerId) => duress.raise(readerId),
    placeOf: readers.placeOf,
    indicate: readers.indicate,
    floods: supervision.floods,
    logger,
    phones: makePhoneReader({
      door: makeAliroDoor(() => documents.cardKeys()?.aliro, aliroIdentity),
      memory: phoneMemory,
      provesInLog: opened.provesCarried,
      stopwatchMs: () => performance.now(),
    }),
  });
  const calls = makeCallButtons({ journal, monotonicMs: () => clock.monotonicMs() });
  const kiosk =
    config.kiosk &&
    (await startKiosk({
      config: config.kiosk,
      communityId: identity.communityId,
      snapshot,
      placeOf: readers.placeOf,
      knowsPhones: () => documents.cardKeys() !== undefined,
      challenges: passes.challenges,
      clock,
      tapDesk,
      states,
      calls,
      logger,
    }));
  if (kiosk !== undefined) stopOrder.add("kiosk", () => kiosk.close());
  const plates =
    config.plates &&
    (await startGatePlates({
      config: config.plates,
      identity: () => identityKeeper.current() ?? identity,
      clock,
      tapDesk,
      states,
      logger,
    }));
  if (plates !== undefined) stopOrder.add("plates", () => plates.close());
  refreshPortals();
  stopOrder.add("readers", () => readers.stop());
  await readers.start();

  const commands = await openCommandDesk({
    identity,
    clock,
    state: store.state.remote,
    portals: () => portals,
    presence: persons.room,
    atDoor: persons.atDoor,
    callHeard: calls.heard,
    installer,
  });
  link = startCommunityLink({
    commands,
    forget,
    presence: persons.reporter,
    identity,
    enrolUrl: config.community.enrolUrl,
    ...(config.community.mqtt === undefined ? {} : { mqtt: config.community.mqtt }),
    clock,
    journal,
    held: documents,
    chain: sealing.chain,
    publicLog: opened,
    softwareVersion: SOFTWARE_VERSION,
    bootId,
    status: () => report.status(identity.gateId),
    listener: makeLinkListener({
      findings,
      logger,
      recordGate,
      renewed: (renewed) => identityKeeper.replace(renewed),
      timeChanged,
    }),
  });
  stopOrder.add("link", () => link?.stop());

  await startGateUpkeep(
    {
      source,
      clock,
      store,
      journal,
      findings,
      watch,
      recordGate,
      everyMinute() {
        sealing?.review();
        readers.renewKeys();
      },
      logger,
    },
    stopOrder,
  );
  return {
    gateId: identity.gateId,
    statusPage: page.url,
    kiosk: kiosk?.url,
    sitePort: persons.port,
    platesPort: plates?.port,
  };
}
