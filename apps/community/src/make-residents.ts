import type { Logger } from "@menshen/service-kit";
import type { WebauthnSettings } from "@menshen/service-kit/passkeys";
import type { FastifyRequest } from "fastify";
import type { ChangeRunner } from "./change-record/change-scope.ts";
import type { Clock } from "./clock.ts";
import type { Database } from "./database/database.ts";
import type { LeafRecorder } from "./evidence-record/index.ts";
import type { CommunityService } from "./features/community/index.ts";
import { conformityRoutes, makeConformityService } from "./features/conformity/index.ts";
import { consentRoutes, makeConsents } from "./features/consent/index.ts";
import type { Enroller } from "./features/credentials/index.ts";
import { deletionRoutes, makeDeletionService } from "./features/deletion/index.ts";
import { dwellingsRoutes, makeDwellingsService } from "./features/dwellings/index.ts";
import {
  householdRoutes,
  makeErasureService,
  makeHouseholdService,
  makePeopleService,
  makeResidencyEndsService,
  peopleRoutes,
  residencyEndsRoutes,
} from "./features/people/index.ts";
import type { ModelCache } from "./features/publishing/index.ts";
import {
  makeAccountsService,
  makeLooksService,
  makeReceiptsOfResidents,
  makeResidentSessionsService,
  readResidentCookie,
  residentRoutes,
} from "./features/resident/index.ts";
import { makeResidentPasskeysService, residentPasskeysRoutes } from "./features/resident-passkeys/index.ts";
import { makeRetentionService, retentionRoutes } from "./features/retention/index.ts";
import { makeRightsService, rightsRoutes } from "./features/rights/index.ts";
import { homesRoutes, makeHomesService } from "./features/transparency/index.ts";
import { makeVendorExitsService, makeVendorsService, vendorsRoutes } from "./features/vendors/index.ts";
import { makeVotes } from "./features/votes/index.ts";
import { makeWaysService, waysRoutes } from "./features/ways/index.ts";
import type { GateLink } from "./gate-link/index.ts";
import type { Router } from "./http/router.ts";
import type { PersonKeys } from "./keys/person-keys.ts";
import type { StorageKey } from "./keys/storage-key.ts";
import { makeAccountability } from "./make-accountability.ts";

/** The homes, who lives in them, and what residents see and decide themselves, put together. */
export function makeResidents(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly change: ChangeRunner;
  readonly leaves: LeafRecorder;
  readonly storageKey: StorageKey;
  readonly personKeys: PersonKeys;
  readonly community: Pick<CommunityService, "facts" | "offers"> & { readonly id: string };
  readonly enroller: Enroller;
  readonly webauthn: WebauthnSettings;
  /** Access points that the rules grant to a person. */
  readonly placesOf: (personId: string) => Promise<ReadonlySet<string>>;
  readonly lastPosition: GateLink["lastPosition"];
  readonly publicUrl: () => string;
  /** Tells connected gates of deletions. */
  readonly tellGates: () => void;
  readonly secureCookie: boolean;
  readonly timeZone: string;
  readonly version: string;
  readonly cache: ModelCache;
}) {
  const { community, secureCookie } = dependencies;
  const ofCommunity = { ...dependencies, communityId: community.id };
  const votes = makeVotes(ofCommunity);
  const sessions = makeResidentSessionsService(ofCommunity);
  const vendors = makeVendorsService(dependencies);
  const retention = makeRetentionService(dependencies);
  const consents = makeConsents({
    ...ofCommunity,
    communityName: async () => (await community.facts()).name,
  });
  const deletions = makeDeletionService({
    ...ofCommunity,
    communityName: async () => (await community.facts()).name,
    receiptKey: consents.signing,
  });
  const erasure = makeErasureService({ ...ofCommunity, deletions, sessions });
  const timeZone = async () => (await community.facts()).timeZone;
  const ends = makeResidencyEndsService({ ...ofCommunity, sessions, timeZone });
  const rights = makeRightsService({ ...dependencies, timeZone });
  const accounts = makeAccountsService({ ...ofCommunity, sessions });
  const ways = makeWaysService({ ...ofCommunity, sessions, offersPin: () => community.offers("pin") });
  const passkeys = makeResidentPasskeysService({ ...ofCommunity, sessions });
  const household = makeHouseholdService({
    ...dependencies,
    inviteWithin: (scope, personId) => accounts.inviteWithin(scope, personId),
  });
  const accountability = makeAccountability({
    ...dependencies,
    receiptKey: consents.signing,
    async hasConsent(reader, personId, wanted) {
      const processor = wanted.purpose === "sharing" ? wanted.recipient : wanted.advertiser;
      const consent = await consents.consents.inForce(personId, wanted.purpose, {
        reader,
        ...(processor === undefined ? {} : { processor }),
      });
      return consent && { consentId: consent.recordId, givenAt: consent.givenAt };
    },
  });
  const conformity = makeConformityService({
    ...dependencies,
    counters: { T1: () => vendors.countIncomplete(), ...accountability.counters },
  });
  return {
    /** The resident who is signed in, if one is. */
    async find(request: FastifyRequest) {
      const token = readResidentCookie(request);
      return token === undefined ? undefined : sessions.find(token);
    },
    routes(router: Router) {
      dwellingsRoutes(router, makeDwellingsService(dependencies));
      peopleRoutes(router, makePeopleService(dependencies), erasure);
      residencyEndsRoutes(router, ends);
      deletionRoutes(router, deletions);
      householdRoutes(router, household);
      rightsRoutes(router, rights);
      retentionRoutes(router, retention);
      votes.routes(router);
      vendorsRoutes(router, vendors, makeVendorExitsService(dependencies));
      consentRoutes(router, consents);
      conformityRoutes(router, conformity);
      accountability.routes(router);
      waysRoutes(router, ways);
      residentPasskeysRoutes(router, passkeys, { secureCookie, me: (resident) => sessions.me(resident) });
      homesRoutes(router, makeHomesService(dependencies));
      residentRoutes(
        router,
        {
          accounts,
          sessions,
          looks: makeLooksService(dependencies),
          receipts: makeReceiptsOfResidents(ofCommunity),
        },
        { secureCookie, community: community.facts },
      );
    },
    forgetting: deletions.forgetting,
    openIncident: accountability.openIncident,
    findings: accountability.findings,
    stop: accountability.stop,
    eraseReturned: erasure.eraseReturned,
    async tidy() {
      await ends.finishDue();
      await retention.sweep();
      await erasure.eraseOverdue();
      await deletions.tidy();
      await consents.enrolment.tidy();
      await accountability.tick();
    },
  };
}
