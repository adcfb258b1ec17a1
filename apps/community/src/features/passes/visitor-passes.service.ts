import { credentialKeyOf, prepareVisitorPass, writePassText, writeVisitFragment } from "@menshen/credentials";
import { fromHex, primitives, randomBytes, type SigningKey, sign, toHex } from "@menshen/crypto/node";
import { type CommunityId, Instant, PortalId } from "@menshen/domain";
import type { IssuedVisitorPass, ResponseOf, VisitorPassCreate, visitorPassEndpoints } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { found } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { CredentialRegister } from "../transparency/index.ts";
import { selectDoors } from "./doors.store.ts";
import type { Places } from "./places.ts";
import { selectPassSettings } from "./settings.store.ts";
import {
  insertVisitorPass,
  revokeVisitorPass,
  selectVisitorPasses,
  visitorPassExists,
} from "./visitor-passes.store.ts";

const PASS_ID_BYTES = 8;
/** How far ahead a visit is prepared at most. */
const FURTHEST_MS = 366 * 86_400_000;

/** Visitor passes that the desk makes for a dwelling; those at home find each in the log. */
export function makeVisitorPassesService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly places: Places;
  readonly register: Pick<CredentialRegister, "beginPass" | "endPasses">;
  /** Ed25519. */
  readonly communityKey: SigningKey;
  readonly community: {
    readonly id: CommunityId;
    readonly timeZone: string;
    readonly name: () => Promise<string>;
  };
  /** Address of the server, without a slash at its end. */
  readonly publicUrl: () => string;
  readonly tellGates: () => Promise<void>;
}) {
  const { db, clock, change, places, register, communityKey, community, publicUrl, tellGates } = dependencies;

  function signed(passId: Uint8Array, terms: VisitorPassCreate): Uint8Array {
    const { purpose, portalIds, notBefore, notAfter, weekdays, windows, uses } = terms;
    const pass = prepareVisitorPass({
      primitives,
      communityId: community.id,
      alg: communityKey.alg,
      terms: {
        passId,
        purpose,
        portals: portalIds.map((id) => PortalId(id)),
        notBefore: Instant(notBefore),
        notAfter: Instant(notAfter),
        ...(weekdays === undefined ? {} : { weekdays }),
        ...(windows === undefined ? {} : { windows }),
        ...(uses === undefined ? {} : { uses }),
      },
    });
    return pass.finish(sign(communityKey, pass.toBeSigned));
  }

  return {
    async list(actor: Actor, dwellingId: string): Promise<ResponseOf<typeof visitorPassEndpoints.list>> {
      authorise(actor, "credentials.read");
      const now = clock.now();
      const place = await places.ofDwelling(db, now, dwellingId);
      const doors = await selectDoors(db, place?.accessPointIds ?? new Set());
      return {
        items: [...(await selectVisitorPasses(db, dwellingId, now))],
        doors: doors.map(({ portalId, name }) => ({ portalId, name })),
        longestS: (await selectPassSettings(db)).longestVisitS,
        residentIds: [...(place?.residentIds ?? [])],
      };
    },

    /**
     * Throws `conflict` where nobody lives, who would find it in the log, and for a home that used all its numbers;
     * `invalid-request` for doors that are none of the home's and for times out of range.
     */
    async issue(
      author: StaffAuthor,
      dwellingId: string,
      terms: VisitorPassCreate,
    ): Promise<IssuedVisitorPass> {
      authorise(author.actor, "credentials.write");
      const { staffId } = author.actor;
      const passId = randomBytes(PASS_ID_BYTES);
      const credentialKey = credentialKeyOf(primitives, "pass", passId);
      const issued = await change(author, async ({ trx, at, record }) => {
        demandTimes(terms, at, (await selectPassSettings(trx)).longestVisitS);
        const place = await places.ofDwelling(trx, at, dwellingId);
        if (place === undefined) throw refusal("conflict", "nobody lives there who would know of the visit");
        const doors = await selectDoors(trx, place.accessPointIds);
        const names = terms.portalIds.map((id) => doors.find(({ portalId }) => portalId === id)?.name);
        if (names.includes(undefined)) throw invalid("portalIds", "expected doors on the paths of that home");
        const homeId = await register.beginPass(trx, at, {
          dwellingId,
          credentialKey: toHex(credentialKey),
          store: async (home) => {
            await insertVisitorPass(trx, { passId, credentialKey, homeId: home, terms, at, staffId });
            return passId;
          },
        });
        if (homeId === undefined) throw refusal("conflict", "this home used all its numbers in the log");
        await record({
          action: "visitor-pass.issued",
          entity: "visitor-pass",
          entityId: toHex(passId),
          after: { dwellingId, ...terms },
        });
        const passes = await selectVisitorPasses(trx, dwellingId, at);
        const pass = found(
          passes.find((one) => one.passId === toHex(passId)),
          "visitor pass",
        );
        return { pass, names: names.flatMap((name) => name ?? []), residentIds: place.residentIds };
      });
      await tellGates();
      const message = signed(passId, terms);
      const note = {
        community: await community.name(),
        timeZone: community.timeZone,
        doors: issued.names,
      };
      return {
        pass: issued.pass,
        link: `${publicUrl()}/public/visit#${writeVisitFragment("visitor-pass", message, note)}`,
        text: writePassText("visitor-pass", message),
        residentIds: [...issued.residentIds],
      };
    },

    /** Throws `not-found`; one that was taken back already stays so. */
    async revoke(author: StaffAuthor, passId: string): Promise<void> {
      authorise(author.actor, "credentials.write");
      const id = fromHex(passId);
      await change(author, async ({ trx, at, record }) => {
        if (!(await visitorPassExists(trx, id))) throw refusal("not-found", "no such visitor pass");
        if (!(await revokeVisitorPass(trx, id, at))) return;
        await register.endPasses(trx, at, [id]);
        await record({ action: "visitor-pass.revoked", entity: "visitor-pass", entityId: passId });
      });
      await tellGates();
    },
  };
}

function demandTimes(
  { notBefore, notAfter, windows }: VisitorPassCreate,
  now: number,
  longestS: number,
): void {
  // From first second to last: both whole.
  const lastsMs = (Math.floor(notAfter / 1000) + 1 - Math.ceil(notBefore / 1000)) * 1000;
  if (lastsMs <= 0 || notAfter < now) throw invalid("notAfter", "expected after `notBefore` and to come");
  if (lastsMs > longestS * 1000) throw invalid("notAfter", `expected within ${longestS} s of \`notBefore\``);
  if (notBefore > now + FURTHEST_MS || notBefore < 0) throw invalid("notBefore", "expected within a year");
  if (windows?.some(({ startMinute, endMinute }) => startMinute >= endMinute)) {
    throw invalid("windows", "expected ends behind starts");
  }
}

function invalid(field: string, expected: string) {
  return refusal("invalid-request", expected, { fields: [{ path: `body/${field}`, message: expected }] });
}
