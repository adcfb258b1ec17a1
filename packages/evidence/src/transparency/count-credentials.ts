import { toHex } from "@menshen/crypto";
import type { EvidenceLeaf } from "../leaf-commitment.ts";
import { TWO_PERSON_TOPICS } from "./credential-statement.ts";

/** Topics that begin something which an entry with the same tag ends. */
export const COUNTED_TOPICS = [
  "dwelling-registered",
  "credential-of-dwelling",
  ...TWO_PERSON_TOPICS,
] as const;
export type CountedTopic = (typeof COUNTED_TOPICS)[number];

/** How many of each are in force, and how many there ever were. */
export type CredentialCounts = Readonly<
  Record<CountedTopic, { readonly issued: number; readonly inForce: number }>
>;

/** Counts homes and credentials by the log's entries alone. */
export interface CredentialCounter {
  /** Takes the next entry. */
  readonly see: (leaf: EvidenceLeaf) => void;
  readonly counts: () => CredentialCounts;
}

/** A home that is registered again, with other access points, is one home still. */
export function countCredentials(): CredentialCounter {
  const topics = new Map<string, CountedTopic>();
  const ended = new Set<string>();
  return {
    see({ topic, tag }) {
      if (tag === undefined) return;
      const name = toHex(tag);
      if (topic === "dwelling-ended" || topic === "credential-ended") {
        ended.add(name);
        return;
      }
      const counted = COUNTED_TOPICS.find((candidate) => candidate === topic);
      if (counted !== undefined && !topics.has(name)) topics.set(name, counted);
    },
    counts() {
      const begun = (topic: CountedTopic) => [...topics].filter(([, of]) => of === topic);
      const count = (topic: CountedTopic) => ({
        issued: begun(topic).length,
        inForce: begun(topic).filter(([name]) => !ended.has(name)).length,
      });
      return {
        "dwelling-registered": count("dwelling-registered"),
        "credential-of-dwelling": count("credential-of-dwelling"),
        "credential-of-staff": count("credential-of-staff"),
        "credential-of-service": count("credential-of-service"),
        "credential-of-empty-dwelling": count("credential-of-empty-dwelling"),
      };
    },
  };
}
