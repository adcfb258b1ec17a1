import type { TFunction } from "i18next";

const KNOWN = [
  "reader-offline",
  "reader-plain",
  "mac-failures",
  "tamper",
  "clock-uncertain",
  "clock-stepped",
  "journal-degraded",
  "disk-low",
  "snapshot-missing",
  "snapshot-old",
  "certificate-expiring",
  "certificate-expired",
  "journal-gap",
  "journal-fork",
  "pcscd-missing",
  "lock-not-answering",
  "low-grade",
  "grade-fallen",
] as const;

/** A device finding in words; one this console does not know is named as such, with its code for the installer. */
export function findingText(t: TFunction, code: string): string {
  const known = KNOWN.find((candidate) => candidate === code);
  return known === undefined ? t("finding.other", { code }) : t(`finding.code.${known}`);
}
