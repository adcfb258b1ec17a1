import { pinCredentialKey, plateCredentialKey } from "@menshen/credentials/node";
import { type Grade, type Plate, type PortalId, type Presentation, weakestGrade } from "@menshen/domain";
import type { CardKeys } from "../held/card-keys.ts";
import { linkGrade } from "./opening-grade.ts";
import type { ReaderPlace } from "./reader-place.ts";
import type { Reading } from "./reading.ts";

/** A PIN is a secret that anybody may look at over a shoulder. */
const PIN_GRADE: Grade = "D";
/** A plate is a text that anybody may print. */
const PLATE_GRADE: Grade = "D";

/** What a PIN comes to; undefined without keys to look it up by. */
export async function readPin(
  keys: CardKeys | undefined,
  place: ReaderPlace,
  digits: string,
): Promise<Reading | undefined> {
  const pinKey = keys?.shared("pin")[0]?.key;
  if (keys === undefined || pinKey === undefined) return undefined;
  const release = keys.hold();
  try {
    const key = await pinCredentialKey(pinKey, digits);
    // From here on it is the holder's PIN: judged, journaled and shown as that.
    const standsFor = keys.duress(key);
    const presentation: Presentation = {
      credentialKey: standsFor ?? key,
      kind: "pin",
      grade: weakestGrade(PIN_GRADE, linkGrade(place.link)),
      evidence: {},
    };
    return { kind: "presented", candidates: [presentation], isDuress: standsFor !== undefined };
  } finally {
    release();
  }
}

/** What a number plate comes to, refused where no barrier takes plates; undefined without keys to look it up by. */
export function readPlate(
  keys: CardKeys | undefined,
  { portal }: ReaderPlace,
  plate: Plate,
  takesPlates: ((portalId: PortalId) => boolean) | undefined,
): Reading | undefined {
  if (portal === undefined || takesPlates?.(portal.portalId) !== true) {
    const reason = { code: "means-not-allowed", kind: "plate" } as const;
    return { kind: "not-authentic", reason, claimed: { kind: "plate", identifier: undefined } };
  }
  const pinKey = keys?.shared("pin")[0]?.key;
  if (pinKey === undefined) return undefined;
  const credentialKey = plateCredentialKey(pinKey, plate);
  const presentation = { credentialKey, kind: "plate", grade: PLATE_GRADE, evidence: {} } as const;
  return { kind: "presented", candidates: [presentation] };
}
