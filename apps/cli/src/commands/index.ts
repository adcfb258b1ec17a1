import type { CommandEntry } from "../command-line/command.ts";

/**
 * The command table, in the order of the help. Each command is loaded when it is called: what one needs (databases,
 * serial lines, cards) costs the start of no other.
 */
export const COMMANDS: readonly CommandEntry[] = [
  { path: ["demo"], load: async () => (await import("./demo.ts")).demoCommand },
  { path: ["reader", "probe"], load: async () => (await import("./reader-probe.ts")).readerProbeCommand },
  {
    path: ["reader", "monitor"],
    load: async () => (await import("./reader-monitor.ts")).readerMonitorCommand,
  },
  {
    path: ["reader", "emulate"],
    load: async () => (await import("./reader-emulate.ts")).readerEmulateCommand,
  },
  { path: ["card", "read"], load: async () => (await import("./card-read.ts")).cardReadCommand },
  {
    path: ["card", "read", "aliro"],
    load: async () => (await import("./card-read-aliro.ts")).cardReadAliroCommand,
  },
  { path: ["card", "emulate"], load: async () => (await import("./card-emulate.ts")).cardEmulateCommand },
  {
    path: ["card", "emulate", "aliro"],
    load: async () => (await import("./card-emulate-aliro.ts")).cardEmulateAliroCommand,
  },
  {
    path: ["card", "personalise"],
    load: async () => (await import("./card-personalise.ts")).cardPersonaliseCommand,
  },
  { path: ["keys", "list"], load: async () => (await import("./keys.ts")).keysListCommand },
  { path: ["keys", "create"], load: async () => (await import("./keys.ts")).keysCreateCommand },
  { path: ["keys", "part"], load: async () => (await import("./keys.ts")).keysPartCommand },
  { path: ["keys", "ceremony"], load: async () => (await import("./keys.ts")).keysCeremonyCommand },
  { path: ["keys", "restore"], load: async () => (await import("./keys.ts")).keysRestoreCommand },
  { path: ["keys", "export"], load: async () => (await import("./keys.ts")).keysExportCommand },
  { path: ["keys", "passphrase"], load: async () => (await import("./keys.ts")).keysPassphraseCommand },
  { path: ["keys", "unlock"], load: async () => (await import("./keys-unlock.ts")).keysUnlockCommand },
  { path: ["keys", "destroy"], load: async () => (await import("./keys.ts")).keysDestroyCommand },
  { path: ["community"], load: async () => (await import("./server.ts")).communityCommand },
  { path: ["gate"], load: async () => (await import("./server.ts")).gateCommand },
  { path: ["gate", "status"], load: async () => (await import("./gate-desk.ts")).gateStatusCommand },
  { path: ["gate", "self-test"], load: async () => (await import("./gate-desk.ts")).gateSelfTestCommand },
  { path: ["gate", "diagnose"], load: async () => (await import("./gate-desk.ts")).gateDiagnoseCommand },
  { path: ["osdp", "monitor"], load: async () => (await import("./osdp-monitor.ts")).osdpMonitorCommand },
  { path: ["gate", "enrol"], load: async () => (await import("./gate-desk.ts")).gateEnrolCommand },
  {
    path: ["gate", "install-window"],
    load: async () => (await import("./gate-desk.ts")).gateInstallWindowCommand,
  },
  { path: ["gate", "take-over"], load: async () => (await import("./gate-desk.ts")).gateTakeOverCommand },
  { path: ["gate", "reset-fire"], load: async () => (await import("./gate-desk.ts")).gateResetFireCommand },
  { path: ["witness"], load: async () => (await import("./witness.ts")).witnessCommand },
  { path: ["log", "audit"], load: async () => (await import("./log-audit.ts")).logAuditCommand },
  { path: ["log", "prove"], load: async () => (await import("./log-proof.ts")).logProveCommand },
  { path: ["log", "verify"], load: async () => (await import("./log-proof.ts")).logVerifyCommand },
  {
    path: ["custodian", "init"],
    load: async () => (await import("./custodian.ts")).custodianInitCommand,
  },
  {
    path: ["custodian", "ceremony"],
    load: async () => (await import("./custodian.ts")).custodianCeremonyCommand,
  },
  {
    path: ["custodian", "endorse"],
    load: async () => (await import("./custodian.ts")).custodianEndorseCommand,
  },
  {
    path: ["custodian", "status"],
    load: async () => (await import("./custodian.ts")).custodianStatusCommand,
  },
  {
    path: ["custodian", "requests"],
    load: async () => (await import("./custodian.ts")).custodianRequestsCommand,
  },
  {
    path: ["custodian", "open"],
    load: async () => (await import("./custodian.ts")).custodianOpenCommand,
  },
  {
    path: ["custodian", "refuse"],
    load: async () => (await import("./custodian.ts")).custodianRefuseCommand,
  },
  {
    path: ["custodian", "acknowledge-log"],
    load: async () => (await import("./custodian.ts")).custodianAcknowledgeLogCommand,
  },
  {
    path: ["custodian", "destroy"],
    load: async () => (await import("./custodian.ts")).custodianDestroyCommand,
  },
  {
    path: ["custodian", "run"],
    load: async () => (await import("./custodian.ts")).custodianRunCommand,
  },
  { path: ["verify"], load: async () => (await import("./verify.ts")).verifyCommand },
  {
    path: ["verify", "ballot"],
    load: async () => (await import("./verify-ballot.ts")).verifyBallotCommand,
  },
  {
    path: ["verify", "consent"],
    load: async () => (await import("./verify-consent.ts")).verifyConsentCommand,
  },
  {
    path: ["verify", "deletion"],
    load: async () => (await import("./verify-deletion.ts")).verifyDeletionCommand,
  },
  {
    path: ["verify", "package"],
    load: async () => (await import("./verify-package.ts")).verifyPackageCommand,
  },
  { path: ["verify", "vote"], load: async () => (await import("./verify-vote.ts")).verifyVoteCommand },
  { path: ["detect"], load: async () => (await import("./detect.ts")).detectCommand },
  { path: ["simulate"], load: async () => (await import("./simulate.ts")).simulateCommand },
  { path: ["city"], load: async () => (await import("./server.ts")).cityCommand },
  { path: ["doctor"], load: async () => (await import("./doctor.ts")).doctorCommand },
];
