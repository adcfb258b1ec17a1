import { arch, freemem, platform, release, totalmem, uptime } from "node:os";
import type { GateConfig, InputConfig } from "../config.ts";
import type { GateView } from "../gate-view.ts";
import type { InputHistory } from "./input-history.ts";

/**
 * What somebody far away needs to find a fault at this gate. Chosen field by field, so that what is added to a gate later
 * stays out of it until somebody asks whether it belongs here: no keys, no codes, no addresses or paths of the site, no
 * names, nothing of who came when. Identifiers are those of readers and doors.
 */
export function diagnosisOf(parts: {
  readonly config: GateConfig;
  readonly view: () => GateView;
  readonly history: InputHistory;
}): object {
  const { config, history } = parts;
  const { gateId, softwareVersion, clock, snapshot, keyring, modesGeneration, journal, link, ...rest } =
    parts.view();
  const closed = ({ readerId, input }: InputConfig) => history.isClosed(readerId, input);
  return {
    version: 1,
    gateId,
    softwareVersion,
    machine: {
      platform: platform(),
      release: release(),
      arch: arch(),
      memoryBytes: totalmem(),
      freeBytes: freemem(),
      upSeconds: Math.round(uptime()),
      node: process.versions.node,
    },
    clock,
    documents: {
      snapshot: snapshot && { version: snapshot.version, untilMs: snapshot.untilMs },
      keyring: keyring && { version: keyring.version },
      modesGeneration,
    },
    journal,
    link: { connected: link.connected, certificateUntilMs: link.certificateUntilMs },
    readers: rest.readers.map(({ readerId, online, secureChannel, tamper, powerFault }) => ({
      readerId,
      online,
      secureChannel,
      tamper,
      powerFault,
    })),
    portals: rest.portals.map(({ portalId, mode, lockdown, lock, contact, fireRelease }) => ({
      portalId,
      mode,
      lockdown,
      lock,
      contact,
      fireRelease,
    })),
    findings: rest.findings.map(({ code, severity, subject }) => ({ code, severity, subject })),
    wiring: {
      lines: config.buses.map(({ id, baud, transport, readers }) => ({
        id,
        baud,
        // Where a line leads is the site's business.
        kind: /^(tcp|tcp-listen|unix|unix-listen):/.exec(transport)?.[1] ?? "serial",
        readers: readers.map(({ readerId, address, role, secureChannel, channel, accessPointId }) => ({
          readerId,
          address,
          role,
          secureChannel,
          channel,
          accessPointId,
        })),
      })),
      cardReaders: config.pcsc.length,
      portals: config.portals.map(({ portalId, lock, contact, passage, exitButton, fireInput }) => ({
        portalId,
        lock: lock.kind === "gpio" ? { kind: lock.kind, line: lock.line } : lock,
        contact: contact && { ...contact, isClosed: closed(contact) },
        passage: passage && { ...passage, isClosed: closed(passage) },
        exitButton: exitButton && { ...exitButton, isClosed: closed(exitButton) },
        fireInput: fireInput && { ...fireInput, isClosed: closed(fireInput) },
      })),
    },
  };
}
