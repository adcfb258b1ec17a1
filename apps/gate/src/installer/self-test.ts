import type { ReaderId } from "@menshen/domain";
import { readCertificate } from "@menshen/trust";
import type { SelfTestFault, SelfTestFaultItem, SelfTestReport } from "@menshen/wire";
import type { GateClock } from "../clock/gate-clock.ts";
import type { GateConfig } from "../config.ts";
import type { GivenCommand } from "../door/door-machine.ts";
import type { Portal } from "../door/portal.ts";
import type { GateIdentity } from "../keys/identity.ts";
import type { ReaderBus } from "../readers/osdp-bus.ts";
import type { ReaderStates } from "../readers/reader-state.ts";
import {
  contactFault,
  type DoorWires,
  exitFault,
  fireFault,
  passageFault,
  testRelay,
} from "./door-faults.ts";
import { lineFaults } from "./line-faults.ts";

export interface SelfTestParts {
  readonly config: Pick<GateConfig, "portals">;
  readonly buses: () => readonly Pick<ReaderBus, "readers" | "probe">[];
  readonly portals: () => readonly Portal[];
  readonly states: Pick<ReaderStates, "of">;
  readonly clock: Pick<GateClock, "now" | "systemWallMs">;
  readonly identity: () => Pick<GateIdentity, "certificate"> | undefined;
  readonly wires: DoorWires;
}

/** More than this between the machine's clock and the time, or within the time, and codes that live 30 s fail. */
const CLOCK_LIMIT_MS = 15_000;
const MAX_FAULTS = 64;

/**
 * Tests a gate's wires, one line after the other, and names what is wrong. Wants doors closed and nobody at a button. Each
 * line is without its readers for some seconds, each lock is released for one.
 *
 * @param given what the entries of the locks' releases name
 */
export async function runSelfTest(parts: SelfTestParts, given: GivenCommand): Promise<SelfTestReport> {
  const faults: SelfTestFaultItem[] = [];
  let tested = 0;
  for (const bus of parts.buses()) {
    faults.push(...lineFaults(await bus.probe(), bus.readers));
    tested += bus.readers.length;
  }
  for (const { readerId } of parts.buses().flatMap(({ readers }) => readers)) {
    if (parts.states.of(readerId).tamper) faults.push({ code: "tampered", subject: readerId });
  }
  const silent = new Set(faults.map(({ subject }) => subject));
  const isTestable = (readerId: ReaderId): boolean =>
    parts.wires.isThere(readerId) && (!silent.has(readerId) || parts.states.of(readerId).online);
  for (const config of parts.config.portals) {
    const portal = parts.portals().find(({ portalId }) => portalId === config.portalId);
    if (portal === undefined) continue;
    const relay = await testRelay(config, portal, given, parts.wires);
    const { portalId: subject, contact, passage, exitButton, fireInput } = config;
    const { history } = parts.wires;
    const relayFault =
      relay === "stuck" ? "relay-stuck" : relay === "not-answering" ? "lock-not-answering" : undefined;
    const found: readonly (SelfTestFault | undefined)[] = [
      relayFault,
      contact && isTestable(contact.readerId) ? contactFault(contact, history) : undefined,
      passage && isTestable(passage.readerId) ? passageFault(passage, history) : undefined,
      exitButton && isTestable(exitButton.readerId) ? exitFault(exitButton, history) : undefined,
      fireInput === undefined || isTestable(fireInput.readerId) ? fireFault(fireInput, history) : undefined,
    ];
    tested += 1 + [contact, passage, exitButton, fireInput].filter((input) => input !== undefined).length;
    for (const code of found) if (code !== undefined) faults.push({ code, subject });
  }
  faults.push(...clockFaults(parts.clock), ...certificateFaults(parts));
  return { isRunning: false, tested: tested + 2, faults: faults.slice(0, MAX_FAULTS) };
}

function clockFaults(clock: SelfTestParts["clock"]): SelfTestFaultItem[] {
  const { earliest, latest } = clock.now();
  const wallMs = clock.systemWallMs();
  const aheadMs = Math.round(wallMs > latest ? wallMs - latest : Math.min(0, wallMs - earliest));
  if (Math.abs(aheadMs) > CLOCK_LIMIT_MS) return [{ code: "clock-wrong", value: aheadMs }];
  return latest - earliest > CLOCK_LIMIT_MS ? [{ code: "clock-wrong" }] : [];
}

function certificateFaults({ identity, clock }: SelfTestParts): SelfTestFaultItem[] {
  const certificate = identity()?.certificate;
  if (certificate === undefined) return [];
  const { notAfter } = readCertificate(certificate);
  return clock.now().earliest > notAfter ? [{ code: "certificate-expired", value: notAfter }] : [];
}
