export {
  type CaseRecord,
  type CustodyLine,
  type EvidenceEvent,
  type EvidenceGate,
  type EvidenceSign,
  parseCaseRecord,
} from "./case-record.ts";
export {
  batchToBeSigned,
  communityKeySha256,
  contentDigest,
  contentFiles,
  type EvidenceContent,
  type EvidenceFrame,
  type EvidenceTime,
  makeEvidencePackage,
  type SignedBatch,
} from "./evidence-package.ts";
export { evidenceFaultText } from "./evidence-texts.ts";
export { MAX_ARCHIVE_BYTES, readStoredZip, storedZip } from "./stored-zip.ts";
export {
  type EvidenceFault,
  type EvidenceFaultCode,
  type EvidenceKeys,
  type EvidenceVerdict,
  type VerifiedEvent,
  type VerifiedEvidence,
  verifyEvidencePackage,
} from "./verify-evidence.ts";
