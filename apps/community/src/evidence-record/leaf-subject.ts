/** Whom a leaf is about: the salt key of its leaves lives and dies with it. */
export type LeafSubject =
  | { readonly kind: "person"; readonly id: string }
  | { readonly kind: "opening"; readonly id: string }
  | { readonly kind: "community" };

/** The community has one salt key, which stays. */
const COMMUNITY_ID = "00000000-0000-0000-0000-000000000000";

/** As `keys.subject_salt` and `evidence_statement` name it. */
export function subjectIdOf(subject: LeafSubject): string {
  return subject.kind === "community" ? COMMUNITY_ID : subject.id;
}
