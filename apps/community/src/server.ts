import { ed25519FromSecret } from "@menshen/crypto/node";
import { CommunityId } from "@menshen/domain";
import { openLog } from "@menshen/evidence/node";
import { closeServiceHttp } from "@menshen/service-kit/http";
import type { FastifyRequest } from "fastify";
import { CompiledQuery } from "kysely";
import type { Actor } from "./authority/authorise.ts";
import { makeChangeRunner } from "./change-record/change-scope.ts";
import type { Trx } from "./database/database.ts";
import { makeLeafRecorder } from "./evidence-record/index.ts";
import { makeGateAliro } from "./features/aliro/index.ts";
import { keyStoreFindings } from "./features/card-keys/index.ts";
import { changesRoutes, makeChangesService } from "./features/changes/index.ts";
import { makeCommandSource } from "./features/commands/index.ts";
import { communityRoutes, makeCommunityService } from "./features/community/index.ts";
import { makeCardKeys } from "./features/credentials/index.ts";
import {
  custodyRoutes,
  makeAppointmentsService,
  makeCeremoniesService,
  makeCustodianFinder,
  makeCustodyStatusService,
  makeKeyRing,
  makePoliciesService,
  makeReceiptsService,
} from "./features/custody/index.ts";
import { demoRoutes } from "./features/demo/index.ts";
import { collectFindings } from "./features/devices/index.ts";
import { makeDirectory } from "./features/directory/index.ts";
import { makeDoorRulesSource, readHolders, reviewHolderSecret } from "./features/door-rules/index.ts";
import {
  eventsRoutes,
  makeEventsService,
  makeExplainService,
  makeLiveHub,
  makeOverviewService,
  selectEvent,
} from "./features/events/index.ts";
import {
  countedPolicy,
  evidenceRoutes,
  type LogRunner,
  logOrigin,
  makeEvidenceService,
  makeLogRunner,
  makeRecordCheckService,
  makeWitnessesService,
  readWitnessPolicy,
  recordNewAlarms,
} from "./features/evidence/index.ts";
import { makeSessionsService, makeStaffService, readSessionCookie } from "./features/identity/index.ts";
import { makeNaming, type NamingServices, namingRoutes, selectTrailNaming } from "./features/naming/index.ts";
import { makeOpeningServices, openingRoutes } from "./features/opening/index.ts";
import {
  makePasses,
  makePassesSource,
  makePlaces,
  type PassServices,
  passesRoutes,
} from "./features/passes/index.ts";
import { makePresenceBook } from "./features/presence/index.ts";
import {
  makeKeyringMaker,
  makeModelCache,
  makePolicyCheck,
  makePolicyWatch,
  makePublisher,
} from "./features/publishing/index.ts";
import { makeRulesService, rulesRoutes } from "./features/rules/index.ts";
import { makeSchedulesService, schedulesRoutes } from "./features/schedules/index.ts";
import { makeSearchService, searchRoutes } from "./features/search/index.ts";
import { ensureEpochGrid, makeTrailSource, makeWrapsService, trailRoutes } from "./features/trail/index.ts";
import {
  catchUp,
  makeCredentialRegister,
  makePathCountsService,
  makeProofsService,
} from "./features/transparency/index.ts";
import { ballotKeys, demandMotion } from "./features/votes/index.ts";
import type { GateLink } from "./gate-link/index.ts";
import { makeGatePushes } from "./gate-pushes.ts";
import { addPages } from "./http/pages.ts";
import { makeRouter } from "./http/router.ts";
import { makeHttpServer } from "./http/server.ts";
import { openKeyVault } from "./keys/key-vault.ts";
import { sealPersons } from "./keys/seal-persons.ts";
import { loadPassKey } from "./keys/server-secrets.ts";
import { makeCards } from "./make-cards.ts";
import { makeCopies } from "./make-copies.ts";
import { type Doors, makeDoors } from "./make-doors.ts";
import { makeGuard } from "./make-guard.ts";
import { makeResidents } from "./make-residents.ts";
import { siteRoutes } from "./make-site.ts";
import { staffRoutes } from "./make-staff.ts";
import type { CommunityServer, CommunityServerOptions } from "./server-options.ts";
import { makeViewRecorder } from "./view-record/index.ts";

export type { CommunityServer, CommunityServerOptions } from "./server-options.ts";

/** Puts the community server together: every slice with what it needs, and its routes. */
export async function makeCommunityServer(options: CommunityServerOptions): Promise<CommunityServer> {
  const { db, clock, logger, storageKey } = options;
  let gateLink: GateLink | undefined;
  let doors: Doors | undefined;
  const pushes = makeGatePushes(() => gateLink, logger);
  const { push, settle } = pushes;
  const cache = makeModelCache(db);
  let logRunner: LogRunner | undefined;
  const leaves = makeLeafRecorder({ storageKey, onRecorded: () => logRunner?.nudge() });
  const register = makeCredentialRegister({ leaves, storageKey });
  const change = makeChangeRunner({
    credentials: register,
    db,
    clock,
    leaves,
    policy: makePolicyWatch({ cache, gateLink: () => gateLink, push: () => push() }),
  });
  const sealed = await sealPersons(options);
  if (sealed > 0) logger.info({ count: sealed }, "texts about persons were sealed");
  const community = makeCommunityService({
    db,
    change,
    demandDeadline: (trx, day) => demandMotion(trx, "grade-deadline", day, `old-cards-until ${day}`),
  });
  const { id, timeZone } = await community.ensure(options.firstCommunity);
  await ensureEpochGrid(db, { timeZone }, clock.now());
  const holding = { db, clock, storageKey };
  await reviewHolderSecret(holding);
  const presence = makePresenceBook(clock);
  const passKey = await loadPassKey(db, storageKey, clock.now());
  const keyVault = await openKeyVault({
    db,
    clock,
    logger,
    storageKey,
    communityId: id,
    plan: options.keyPlan,
    onOpening: async () => (gateLink === undefined ? undefined : pushToAll()), // a start marks all gates itself
  });
  const cardKeys = makeCardKeys({ keys: keyVault.keys, communityId: id });
  const publisher =
    options.startCompiler?.(id, settle, keyVault.access) ??
    makePublisher({
      db,
      clock,
      cache,
      keyrings: makeKeyringMaker({ storageKey, cardKeys, keys: keyVault.keys }),
      aliro: makeGateAliro({ db, clock, storageKey }),
      holders: () => readHolders(holding),
      settle,
    });
  let witnessPolicy = await readWitnessPolicy(db);
  const origin = logOrigin(id);
  const log = openLog({ ...options.evidence, ...witnessPolicy, origin, now: clock.now });
  const trail = makeTrailSource({
    db,
    clock,
    storageKey,
    leaves,
    log: { origin, inclusionOf: log.inclusionOf },
    naming: selectTrailNaming,
  });
  const proofs = makeProofsService({ db, clock, storageKey, leaves, log, cache, register });
  const places = makePlaces({ db, cache });
  const communityKey = ed25519FromSecret(passKey);
  const link = await options.makeGateLink(
    { id: CommunityId(id), timeZone },
    publisher,
    { ...trail, proveCredentials: proofs.prove },
    {
      passes: makePassesSource({ db, clock, places, communityKey }),
      commands: makeCommandSource({ db, clock, changed: (commandId) => doors?.commands.changed(commandId) }),
      doorRules: makeDoorRulesSource({ db }),
      forgetting: {
        due: (gateId) => residents.forgetting.due(gateId),
        answered: (...answer) => residents.forgetting.answered(...answer),
      },
      presence,
    },
  );
  gateLink = link;
  const catchingUp = catchUp({ db, clock, register }).catch((error: unknown) =>
    logger.error({ error }, "credentials without a leaf could not be registered"),
  );
  const runner = makeLogRunner({
    log,
    logger,
    collect: () => recordNewAlarms(db, clock, leaves),
    async onPublished() {
      // Decisions to name are believed with their proof only. (Certificates of gates are proven by the link's own tick.)
      await naming?.review();
      await passes?.prove();
      await sealEvidence?.();
    },
  });
  let naming: NamingServices | undefined;
  let passes: PassServices | undefined;
  let sealEvidence: (() => Promise<void>) | undefined;
  async function pushToAll(): Promise<void> {
    await gateLink?.markStale((text, values) => db.executeQuery(CompiledQuery.raw(text, [...values])));
    push();
  }
  logRunner = runner;
  // A crash before the gates are marked loses nothing: each start marks them all.
  const trailChanged = () => {
    pushToAll().catch((error: unknown) => logger.error({ error }, "gates could not be told of custodians"));
  };
  const policies = makePoliciesService({ db, change, trailChanged });
  /** What gates and custodians are to believe follows from what is registered. */
  const propose = async (trx: Trx, at: number) =>
    policies.propose(trx, at, {
      logKey: log.verifierKey,
      ...countedPolicy(await readWitnessPolicy(trx)),
    });
  await db.transaction().execute((trx) => propose(trx, clock.now()));
  /** One after the other, so that the last one reads last. */
  let relying = Promise.resolve();
  let telling = Promise.resolve();
  const witnesses = makeWitnessesService({
    db,
    change,
    log,
    runner,
    propose,
    waiting: policies.waiting,
    async witnessesChanged() {
      relying = relying.then(async () => {
        witnessPolicy = await readWitnessPolicy(db);
        log.relyOn(witnessPolicy.witnesses, witnessPolicy.quorum);
      });
      await relying;
      // Witnesses may take seconds. Gates hear of them with a checkpoint that they have signed.
      telling = telling
        .then(() => runner.settle())
        .then(pushToAll)
        .catch((error: unknown) => logger.error({ error }, "gates could not be told of witnesses"));
    },
  });

  const staff = makeStaffService({ db, change, publicUrl: options.publicUrl });
  const webauthn = {
    rpId: options.passkeyHost,
    rpName: "Menshen",
    origins: () => [options.publicUrl()],
  };
  const sessions = makeSessionsService({
    db,
    clock,
    change,
    community: community.facts,
    demo: options.demo !== undefined,
    webauthn,
  });
  const directory = makeDirectory(db, clock);
  const policy = makePolicyCheck({ db, clock, cache });
  const custodyChange = { db, clock, change, trailChanged, ballots: ballotKeys };
  const ceremonies = makeCeremoniesService(custodyChange);
  const custody = makeCustodyStatusService({
    db,
    clock,
    community: community.facts,
    giveUpLate: ceremonies.giveUpLate,
    waitingPolicy: policies.waitingFor,
  });
  const evidence = makeEvidenceService({
    db,
    clock,
    storageKey,
    origin,
    log,
    policy: () => witnessPolicy,
    runner,
  });
  const keyRing = makeKeyRing();
  const openings = await makeOpeningServices({
    db,
    clock,
    logger,
    change,
    storageKey,
    log,
    logPins: () => ({ origin, logKey: log.verifierKey, ...countedPolicy(witnessPolicy) }),
    keyRing,
    community: { id, name: async () => (await community.facts()).name },
  });
  naming = makeNaming({
    db,
    clock,
    logger,
    change,
    storageKey,
    timeZone,
    proveLeaf: trail.proveIssue,
    fallingShort: trail.fallingShort,
    dayKeys: options.deskDayKeys,
    findEvent: (gateId, sequence) => selectEvent(db, gateId, sequence),
    tellGates: pushToAll,
  });
  await naming.tidy();
  const cards = makeCards({ db, clock, change, storageKey, cardKeys, vault: keyVault, cache, proofs });
  passes = makePasses({
    db,
    clock,
    logger,
    change,
    leaves,
    storageKey,
    places,
    register,
    communityKey,
    community: { id: CommunityId(id), timeZone, name: async () => (await community.facts()).name },
    publicUrl: options.publicUrl,
    proveLeaf: trail.proveIssue,
    tellGates: pushToAll,
  });
  const watched = {
    db,
    clock,
    gateLink: link,
    otherFindings: async () => [
      ...publisher.findings(),
      ...(await custody.findings()),
      ...(await evidence.findings()),
      ...(await openings.findings()),
      ...(await cards.findings()),
      ...(await residents.findings()),
      ...keyStoreFindings(keyVault),
    ],
  };
  const guarded = { ...watched, logger, change, commands: () => doors?.commands };
  const { alarms, ...guard } = await makeGuard({ ...guarded, directory, timeZone });
  const hub = makeLiveHub({ db, directory, gateLink: link, alarms: alarms.feed, logger });
  const doorFeatures = makeDoors({
    ...watched,
    change,
    logger,
    storageKey,
    presence,
    announce: hub.announce,
  });
  doors = doorFeatures;

  const app = await makeHttpServer({
    logger,
    hostNames: options.hostNames,
    https: options.https,
    version: options.version,
    ...(options.onRoute === undefined ? {} : { onRoute: options.onRoute }),
  });
  const findActor = async (request: FastifyRequest): Promise<Actor | undefined> => {
    const token = readSessionCookie(request);
    return token === undefined ? undefined : (await sessions.find(token))?.actor;
  };
  const residents = makeResidents({
    tellGates: link.sendDeletions,
    db,
    clock,
    change,
    leaves,
    storageKey,
    personKeys: options.personKeys,
    community: { id, facts: community.facts, offers: community.offers },
    enroller: cards.enroller,
    webauthn,
    logger,
    placesOf: places.ofPerson,
    lastPosition: link.lastPosition,
    publicUrl: options.publicUrl,
    secureCookie: options.https,
    timeZone,
    cache,
    version: options.version,
  });
  const router = makeRouter(
    app,
    findActor,
    residents.find,
    makeCustodianFinder({ db, clock }),
    makeViewRecorder({ db, clock, leaves }),
  );
  const closing = new AbortController();

  staffRoutes(router, { db, clock, change, sessions, staff, secureCookie: options.https });
  communityRoutes(router, community);
  residents.routes(router);
  cards.routes(router);
  const copies = makeCopies({
    ...{ db, clock, logger, change, storageKey, log, directory, timeZone, openings },
    ...{ gateLink: link, tellGates: pushToAll, openIncident: residents.openIncident },
    community: { id, name: async () => (await community.facts()).name },
    ...(options.timeStamp === undefined ? {} : { timeStamp: options.timeStamp }),
    ...(options.startEngine === undefined ? {} : { startEngine: options.startEngine }),
    ...(options.startTrial === undefined ? {} : { startTrial: options.startTrial }),
  });
  sealEvidence = copies.sealEvidence;
  copies.routes(router);
  siteRoutes(router, { ...watched, change, commands: doorFeatures.commands });
  doorFeatures.routes(router);
  custodyRoutes(router, {
    appointments: makeAppointmentsService(custodyChange),
    ceremonies,
    policies,
    receipts: makeReceiptsService({ change, keys: keyRing }),
    status: custody,
  });
  schedulesRoutes(router, makeSchedulesService({ db, change }));
  rulesRoutes(router, makeRulesService({ db, clock, change, policy }));
  eventsRoutes(router, {
    events: makeEventsService({ db, directory, nameable: naming.names.nameable }),
    explain: makeExplainService({ db, directory, inForce: policy.inForce }),
    overview: makeOverviewService({
      ...watched,
      directory,
      community: community.facts,
      findings: () => collectFindings(watched),
      alarms,
    }),
    hub,
    alarms: alarms.feed,
    ...watched,
    findActor,
    closing: closing.signal,
  });
  guard.routes(router);
  trailRoutes(router, makeWrapsService({ db, gateLink: link }));
  changesRoutes(router, makeChangesService({ db }));
  evidenceRoutes(app, router, {
    service: evidence,
    check: makeRecordCheckService({ db, storageKey, log }),
    witnesses,
    pathCounts: makePathCountsService({ db, clock, cache }),
    log,
  });
  openingRoutes(router, openings);
  namingRoutes(router, naming);
  passesRoutes(router, passes);
  searchRoutes(router, makeSearchService({ db }));
  if (options.demo !== undefined) demoRoutes(router, options.demo);
  await addPages(app, options);

  let tidying: Promise<void> | undefined;
  const tidy = () => {
    tidying ??= residents
      .tidy()
      .then(passes.tidy)
      .then(guard.tidy)
      .then(copies.tidy)
      .then(async () => {
        if (await reviewHolderSecret(holding)) await pushToAll();
      })
      .finally(() => {
        tidying = undefined;
      });
    return tidying;
  };

  return {
    app,
    tidy,
    eraseReturned: residents.eraseReturned,
    gateLink: link,
    keyVault,
    staff,
    evidenceLog: log,
    logRunner: runner,
    openings,
    naming,
    passes,
    commands: doorFeatures.commands,
    alarms,
    detection: copies.engine,
    city: copies.exchange,
    lockdowns: doorFeatures.lockdowns,
    openIncident: residents.openIncident,
    async close() {
      closing.abort();
      pushes.cancel();
      await closeServiceHttp(app);
      await copies.stop();
      await doorFeatures.stop();
      await hub.stop();
      await alarms.stop();
      await Promise.all([telling, catchingUp]);
      await runner.stop();
      await openings.stop();
      await naming.stop();
      await passes.stop();
      await residents.stop();
      await tidying?.catch(() => undefined);
      await pushes.ended();
      await keyVault.close();
    },
  };
}
