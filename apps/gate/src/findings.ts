import type { StatusReport } from "@menshen/wire";

type Severity = StatusReport["findings"][number]["severity"];

/**
 * Something a person should know about this gate. Codes are stable and machine-readable; texts stand in the status
 * page's tables.
 */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** UUID of the reader or portal that it is about. */
  readonly subject?: string;
}

/** Every finding and how bad it is. */
export const FINDING_SEVERITY = {
  "not-enrolled": "fault",
  "no-snapshot": "fault",
  "snapshot-outlived": "warning",
  "no-keyring": "warning",
  "no-epoch-key": "warning",
  "epoch-keys-low": "warning",
  "custodians-not-endorsed": "warning",
  "witness-policy-refused": "warning",
  "credentials-unwitnessed": "warning",
  "credential-number-twice": "fault",
  "sealing-failed": "fault",
  "door-group-differs": "warning",
  "link-down": "warning",
  "certificate-expired": "warning",
  "certificate-renewal-failed": "warning",
  "clock-doubtful": "warning",
  "clock-stepped": "notice",
  "clock-before-journal": "fault",
  "clock-injected": "fault",
  "journal-degraded": "fault",
  "journal-late": "notice",
  "journal-set-aside": "fault",
  "journal-broken": "fault",
  "journal-fork": "fault",
  "journal-pruned": "fault",
  "state-set-aside": "warning",
  "disk-almost-full": "warning",
  "no-tpm": "notice",
  "reader-not-answering": "fault",
  "reader-key-refused": "fault",
  "reader-key-missing": "fault",
  "reader-tampered": "warning",
  "reader-power-fault": "warning",
  "reader-mac-failures": "warning",
  "reader-flooded": "warning",
  "contact-chatter": "warning",
  "mains-failed": "warning",
  "battery-low": "warning",
  "reader-pin-locked": "warning",
  "reader-install-window-open": "warning",
  "reader-without-access-point": "notice",
  "access-point-unknown": "fault",
  "portal-unknown": "fault",
  "portal-not-wired": "fault",
  "lock-not-answering": "fault",
  "lock-on-outdoor-reader": "warning",
  "lift-floor-failed": "fault",
  "lift-floor-unknown": "fault",
  "fire-release-latched": "warning",
  "bus-disconnected": "fault",
  "gates-apart": "warning",
  "pcsc-unavailable": "warning",
  "pcsc-reader-missing": "warning",
} as const satisfies Readonly<Record<string, Severity>>;

export type FindingCode = keyof typeof FINDING_SEVERITY;

/** What is known to be wrong now. */
export interface Findings {
  raise(code: FindingCode, subject?: string): void;
  clear(code: FindingCode, subject?: string): void;
  /** Raises or clears. */
  set(code: FindingCode, present: boolean, subject?: string): void;
  has(code: FindingCode, subject?: string): boolean;
  /** Worst first. */
  list(): readonly Finding[];
}

const RANK: Readonly<Record<Severity, number>> = { fault: 0, warning: 1, notice: 2 };

/** @param changed called after the list has changed */
export function makeFindings(changed: () => void): Findings {
  const present = new Map<string, Finding>();
  const keyOf = (code: FindingCode, subject: string | undefined) => `${code} ${subject ?? ""}`;
  const findings: Findings = {
    raise(code, subject) {
      const key = keyOf(code, subject);
      if (present.has(key)) return;
      present.set(key, {
        code,
        severity: FINDING_SEVERITY[code],
        ...(subject === undefined ? {} : { subject }),
      });
      changed();
    },
    clear(code, subject) {
      if (present.delete(keyOf(code, subject))) changed();
    },
    set(code, isPresent, subject) {
      if (isPresent) findings.raise(code, subject);
      else findings.clear(code, subject);
    },
    has: (code, subject) => present.has(keyOf(code, subject)),
    list: () => [...present.values()].sort((a, b) => RANK[a.severity] - RANK[b.severity]),
  };
  return findings;
}
