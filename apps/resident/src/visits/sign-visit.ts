import { prepareVisitorPass, type VisitNote, writePassText, writeVisitFragment } from "@menshen/credentials";
import { fromHex, p256SignHeld, primitives, randomBytes, toHex } from "@menshen/crypto";
import { CommunityId, CredentialKey, Instant, PortalId, type Weekday } from "@menshen/domain";
import { passTexts, type ResidentDoor, residentPassEndpoints } from "@menshen/wire";
import { call } from "../api/client.ts";
import { withSession } from "../api/session.ts";
import type { DeviceOwner, HeldPhonePass, VisitRecord } from "../device/device-store.ts";
import { timesOf, type VisitDraft } from "./visit-draft.ts";

const PASS_ID_BYTES = 8;
const WEEKDAYS: readonly Weekday[] = [1, 2, 3, 4, 5, 6, 7];

/** Signs a pass on this device; the server hears nothing of it. The draft must have no problems. */
export async function signVisit(input: {
  readonly held: HeldPhonePass;
  readonly draft: VisitDraft;
  readonly label: string;
  readonly doors: readonly ResidentDoor[];
  readonly timeZone: string;
  readonly now: number;
}): Promise<VisitRecord> {
  const { held, draft, label, doors, timeZone, now } = input;
  const { from, until, weekdays, windows, uses } = timesOf(draft, timeZone);
  const chosen = doors.filter(({ portalId }) => draft.doorIds.includes(portalId));
  const passId = randomBytes(PASS_ID_BYTES);
  const { toBeSigned, finish } = prepareVisitorPass({
    primitives,
    communityId: CommunityId(held.communityId),
    alg: "ES256",
    terms: {
      passId,
      purpose: draft.purpose,
      portals: chosen.map(({ portalId }) => PortalId(portalId)),
      notBefore: Instant(from),
      // The last second in which it holds.
      notAfter: Instant(until - 1_000),
      ...(weekdays === undefined ? {} : { weekdays: WEEKDAYS.filter((day) => weekdays.includes(day)) }),
      ...(windows === undefined ? {} : { windows }),
      ...(uses === undefined ? {} : { uses }),
      delegate: CredentialKey(held.credentialKey),
    },
  });
  return {
    passId: toHex(passId),
    message: finish(await p256SignHeld(held.secretKey, toBeSigned)),
    purpose: draft.purpose,
    label,
    doors: chosen.map(({ name }) => name),
    from,
    until,
    ...(weekdays === undefined ? {} : { weekdays }),
    ...(windows === undefined ? {} : { windows }),
    ...(uses === undefined ? {} : { uses }),
    madeAt: now,
  };
}

/** The address of the visitor's page: the pass stands behind `#`, which browsers send to no server. */
export function visitLink(
  kind: "visitor-pass" | "visit-token",
  message: Uint8Array,
  note: VisitNote,
): string {
  return `${location.origin}/public/visit#${writeVisitFragment(kind, message, note)}`;
}

/** What its QR code holds. */
export function visitText(kind: "visitor-pass" | "visit-token", message: Uint8Array): string {
  return writePassText(kind, message);
}

/**
 * Takes a pass back: the server tells the gates.
 *
 * @throws {ApiError}
 */
export async function revokeVisit(
  owner: DeviceOwner,
  held: HeldPhonePass,
  visit: VisitRecord,
): Promise<void> {
  const { passId, until } = visit;
  const signature = await p256SignHeld(
    held.secretKey,
    passTexts.revoke(held.communityId, fromHex(passId), until),
  );
  await withSession(owner, () =>
    call(residentPassEndpoints.revokeVisitorPass, {
      body: {
        credentialKey: toHex(held.credentialKey),
        passId,
        until,
        signature: toHex(signature),
      },
    }),
  );
}
