import { type CddlRule, printCddl } from "../cddl.ts";
import * as aliro from "./aliro.ts";
import * as command from "./command.ts";
import * as credentialProofs from "./credential-proofs.ts";
import * as documents from "./documents.ts";
import * as doorRules from "./door-rules.ts";
import * as enrolment from "./enrolment.ts";
import * as forget from "./forget.ts";
import * as journal from "./journal.ts";
import { MESSAGE_TYPES } from "./message-types.ts";
import * as passes from "./passes.ts";
import * as presence from "./presence.ts";
import { reasonSchema } from "./reason.ts";
import * as reports from "./reports.ts";
import * as site from "./site.ts";
import * as trail from "./trail.ts";

/** Rule names; a schema that stands inside another is printed by its name. */
const RULES: readonly CddlRule[] = [
  ["journal-batch", journal.journalBatchSchema],
  ["access-entry", journal.accessEntrySchema],
  ["portal-entry", journal.portalEntrySchema],
  ["reader-entry", journal.readerEntrySchema],
  ["gate-entry", journal.gateEntrySchema],
  ["access-body", journal.accessBodySchema],
  ["reason", reasonSchema],
  ["portal-body", journal.portalBodySchema],
  ["reader-body", journal.readerBodySchema],
  ["gate-body", journal.gateBodySchema],
  ["hello", reports.helloSchema],
  ["status", reports.statusSchema],
  ["applied", reports.appliedSchema],
  ["presence", presence.presenceReportSchema],
  ["time-request", reports.timeRequestSchema],
  ["snapshot", documents.snapshotSchema],
  ["delta", documents.deltaSchema],
  ["sealed-keyring", documents.sealedKeyringSchema],
  ["keyring", documents.keyringSchema],
  ["aliro-keys", aliro.aliroKeysSchema],
  ["document-proof", aliro.documentProofSchema],
  ["modes", documents.modesSchema],
  ["trail", trail.trailSchema],
  ["passes", passes.passesSchema],
  ["door-rules", doorRules.doorRulesSchema],
  ["site-frame", site.siteFrameSchema],
  ["command", command.commandSchema],
  ["result", command.commandResultSchema],
  ["forget", forget.forgetSchema],
  ["forgotten", forget.forgottenSchema],
  ["pseudonym", trail.pseudonymSchema],
  ["proofs-request", credentialProofs.proofsRequestSchema],
  ["sealed-proofs", credentialProofs.sealedProofsSchema],
  ["proofs", credentialProofs.credentialProofsSchema],
  ["time", documents.timeSchema],
  ["resume", documents.resumeSchema],
  ["enrol-request", enrolment.enrolRequestSchema],
  ["enrol-response", enrolment.enrolResponseSchema],
  ["renew-request", enrolment.renewRequestSchema],
  ["renew-response", enrolment.renewResponseSchema],
  ["handover-request", enrolment.handoverRequestSchema],
  ["handover-response", enrolment.handoverResponseSchema],
  ["refusal", enrolment.refusalSchema],
];

const PRELUDE = `; Gate link, version 1: what gate-link.md describes, in CDDL (RFC 8610).
; Printed from the schemas in packages/wire, whose tests compare this file with them.
;
; Encoding: RFC 8949 §4.2.1 (deterministic). Signed messages are COSE_Sign1 (RFC 9052), tagged 18, with ES256 by a
; gate's device key or EdDSA by the community's policy key, and with the external_aad given here:
${Object.entries(MESSAGE_TYPES)
  .map(([name, aad]) => `;   ${name}: '${aad}'`)
  .join("\n")}

; A map may carry keys that are not listed here; a receiver skips them and keeps the bytes it must keep.
extension = (* int => any)

uuid = bstr .size 16
; Unix milliseconds
instant = int

journal-entry = access-entry / portal-entry / reader-entry / gate-entry
`;

/** The text of docs/protocol/gate-link.cddl. */
export function gateLinkCddl(): string {
  return [PRELUDE, printCddl(RULES)].join("\n");
}
