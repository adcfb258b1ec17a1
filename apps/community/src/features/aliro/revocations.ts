import type { AliroSigner } from "@menshen/credentials";
import { ALIRO_ELEMENTS, issueRevocationDocument } from "@menshen/credentials";
import { randomBytes, sha256 } from "@menshen/crypto/node";
import { Duration } from "@menshen/domain";
import type { DocumentHolder } from "./aliro.store.ts";

/** A list is good as long as a gate may be without its server. */
const LIST_LIFE_S = Duration.days(400) / 1_000;
/** As many fit into what a telephone answers; of more, those stay whose documents end last. */
const MAX_LISTED = 300;

/** Which telephones' documents are worth nothing any more. */
export interface RevocationPlan {
  /** Seconds since 1970 of the last change: rises with each of them, and is the document's iteration. */
  readonly iteration: number;
  readonly over: readonly DocumentHolder[];
}

/** `undefined` while no document is alive: then there is nothing to revoke. */
export function planRevocations(holders: readonly DocumentHolder[]): RevocationPlan | undefined {
  if (holders.length === 0) return undefined;
  const over = holders
    .filter(({ isOver }) => isOver)
    .toSorted((a, b) => b.until - a.until)
    .slice(0, MAX_LISTED);
  const iteration = Math.floor(Math.max(...holders.map(({ changedAt }) => changedAt)) / 1_000);
  return { iteration, over };
}

/** The whole list as a document `aliro-r`, which takes the place of those before. */
export function issueRevocations(signer: AliroSigner, { iteration, over }: RevocationPlan): Uint8Array {
  return issueRevocationDocument(
    { primitives: { sha256 }, signer, random: randomBytes },
    {
      elementId: ALIRO_ELEMENTS.revocations,
      data: {
        changeMode: "overwrite",
        entries: over.map(({ hash, until }) => ({
          publicKeyHash: hash,
          expiryS: Math.ceil(until / 1_000),
        })),
      },
      validity: {
        signedS: iteration,
        fromS: iteration,
        untilS: iteration + LIST_LIFE_S,
        iteration,
      },
    },
  );
}
