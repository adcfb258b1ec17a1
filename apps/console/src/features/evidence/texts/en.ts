import { evidenceTopicsEn } from "@menshen/ui/evidence-topics";
import type { Texts } from "../../../i18n/zh-CN.ts";
import type { zhCN } from "./zh-CN.ts";

/** English texts of the evidence log, for its auditor. */
export const en: Texts<typeof zhCN> = {
  title: "Evidence log",
  lead: "The log only grows: every change, sign-in and look at residents' data leaves its mark there. Witnesses remember how long it was, so nobody can change its past unnoticed.",
  size: "Entries published",
  checkpoint: "Last published",
  none: "Nothing was published yet",
  onTheWay: "Entries on their way",
  witnesses: "Witnesses",
  noWitness:
    "No witness is set up: only the server itself vouches for the log. Staff of the security duty add witnesses of the owners' committee, the city or residents in the settings.",
  quorum: "Bodies that must sign each publication: {{count}}",
  cosigned: "signed",
  neverCosigned: "has not signed yet",
  body: { city: "City", committee: "Owners' committee", resident: "Resident" },
  manage: {
    add: "Add a witness",
    change: "Change how many must sign",
    save: "Save",
    extra: "extra, counts for nothing",
    residentsExtra: "Residents' witnesses sign as well, and do not count.",
    residentsCount: "Residents' witnesses count, all together as one body.",
    howTo:
      "Whoever runs the witness gives it the key of this log, and gives you its address and its key, which menshen witness prints. It is asked to sign at once.",
    body: "Who runs it",
    url: "Its address",
    key: "Its key",
    asking: "Asking the witness to sign …",
    quorum: "Bodies that must sign each publication",
    quorumHelp:
      "Nothing new is published while fewer sign. Never more than the bodies that have a witness; 0 waits for nobody. Gates follow when more are asked for, not when fewer are.",
    countResidents: "Residents' witnesses count, all together as one body",
    needed: "So many bodies must sign that this witness is needed. Lower their number first, or add another.",
    known: "This witness is registered already, or the log has nothing to sign yet.",
    tooMany: "Fewer bodies have a witness that counts. Add another witness first.",
    refused: {
      "log-behind-witness": "Not added: this witness has seen a longer log of this name.",
      "log-forked": "Not added: this witness has seen another log of this name.",
      "witness-lost-state": "Not added: this witness has lost its memory and needs a new key.",
      "witness-refuses": "Not added: this witness does not watch this log. Give it the log's key shown here.",
      "witness-silent": "Not added: no answer at this address, or it signs with another key.",
    },
  },
  trouble: {
    "log-behind-witness": "has seen a longer log than this one",
    "log-forked": "has seen another log than this one",
    "witness-lost-state": "has lost its memory; its word no longer counts",
    "witness-refuses": "does not know this log or its key",
    "witness-silent": "does not answer",
  },
  alarm: {
    "log-behind-witness":
      "The log stands still: a witness has seen a longer one. The database may be an old copy.",
    "log-forked": "The log stands still: a witness has seen another history. Somebody changed the log.",
    "log-behind-itself": "The log stands still: the database holds less than this server once committed.",
    "witnesses-silent": "The log waits: too few witnesses have answered since the server started.",
  },
  check: {
    title: "Verify the record",
    help: "Compares each change, alarm and look in the database with the log. What was edited, deleted or put in later is named.",
    run: "Verify now",
    running: "Entries verified: {{count}}",
    nothing: "Nothing of the log was published yet: there is nothing to compare.",
    whole: "The record is whole: it agrees with the log.",
    counts: "{{leaves}} entries of the log and {{rows}} lines of the record were compared.",
    forgotten: "Entries about persons whose data were deleted since: {{count}}.",
    deleted: "Entries whose lines were deleted when their time was over, as the log says: {{count}}.",
    kept: "Nothing from before {{before}} is kept. Last deletion: {{deletedAt}}.",
    broken: "The record was tampered with. Lines that do not agree: {{count}}",
    brokenHelp:
      "Leave the database as it is, tell the owners' committee and the city, and compare with a backup.",
    table: { change: "changes", "gate-alarm": "gate alarms", "personal-view": "looks" },
    problem: {
      "log-damaged": "From entry {{index}} on, the log does not agree with its signed checkpoint.",
      "leaf-unknown": "Entry {{index}} of the log is not in the database.",
      "statement-missing": "What entry {{index}} of the log said is gone.",
      "statement-differs": "What entry {{index}} of the log said was changed.",
      "row-missing": "Line {{row}} of the record of {{table}} was deleted (entry {{index}}).",
      "row-differs": "Line {{row}} of the record of {{table}} was edited (entry {{index}}).",
      "row-unrecorded": "Line {{row}} of the record of {{table}} was put in later: the log does not have it.",
      "deleted-early": "Records were deleted before their time (entry {{index}}).",
      "erasure-unsaid":
        "{{row}} statements are gone, and neither an erasure nor a deletion of old records says so.",
    },
  },
  statements: "Public statements",
  statementsLead:
    "What everybody can read and verify. All other entries are sealed commitments and say nothing of anybody.",
  said: "Statement",
  proof: "Proof of entry {{index}}",
  anyTopic: "All topics",
  noStatements: "No public statements yet.",
  topic: evidenceTopicsEn,
};
