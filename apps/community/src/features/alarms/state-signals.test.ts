import { GateId, Instant, PortalId, ReaderId } from "@menshen/domain";
import {
  type GateEntry,
  type GateEvent,
  type JournalEntry,
  type PortalEvent,
  type ReaderEvent,
  type StatusReport,
  uuidBytes,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { unknownGate } from "../../gate-link/gate-store.ts";
import { signalsOfEvent } from "./event-signals.ts";
import { foldSignals } from "./fold-signals.ts";
import type { Signal } from "./signal.ts";
import { signalsOfState } from "./state-signals.ts";

const GATE = GateId("cccccccc-0000-4000-8000-000000000001");
const DOOR = PortalId("bbbbbbbb-0000-4000-8000-000000000001");
const READER = ReaderId("dddddddd-0000-4000-8000-000000000001");
const UNIT = ReaderId("dddddddd-0000-4000-8000-000000000002");
const NOW = Instant(1_800_000_000_000);
const places = { portalOfReader: () => DOOR, portalOfAccessPoint: () => DOOR };

const report = (findings: StatusReport["findings"], tamper = false): StatusReport => ({
  version: 1,
  gateId: GATE,
  earliest: NOW,
  latest: NOW,
  readers: [READER, UNIT].map((readerId) => ({
    readerId,
    online: true,
    secureChannel: "own-key",
    tamper: tamper && readerId === UNIT,
    powerFault: false,
  })),
  portals: [
    {
      portalId: DOOR,
      mode: "normal",
      lockdown: 0,
      generation: 0,
      lock: "locked",
      contact: "closed",
      fireRelease: false,
    },
  ],
  findings,
  journalBacklog: 0,
  journalDegraded: false,
});

/** What lasts, as kind and place. */
const lasting = (status: StatusReport) =>
  signalsOfState(
    { ...unknownGate(GATE), enrolment: "enrolled", online: true, linkSince: NOW, status, statusAt: NOW },
    places,
    NOW,
  )
    .filter(({ says }) => says === "holds")
    .map(({ kind, place }) => `${kind} ${place}`);

test("a flickering contact, a flooding reader, an open unit and a weak supply last as long as their gate says so", () => {
  const warning = (code: string, subject?: string) => ({
    code,
    severity: "warning" as const,
    ...(subject === undefined ? {} : { subject: uuidBytes(subject) }),
  });
  const wrong = report(
    [
      warning("contact-chatter", DOOR),
      warning("reader-flooded", READER),
      warning("battery-low"),
      warning("mains-failed"),
    ],
    true,
  );
  expect(lasting(wrong)).toEqual([
    `power-fault ${GATE}`,
    `battery-low ${GATE}`,
    `contact-chatter ${DOOR}`,
    `reader-flooded ${READER}`,
    `tamper ${UNIT}`,
  ]);
  expect(lasting(report([]))).toEqual([]);
});

test("their entries begin and end the same alarms", () => {
  const head = { version: 1, sequence: 1, earliest: NOW, latest: NOW } as const;
  const said = (entry: JournalEntry) =>
    signalsOfEvent(
      { position: 1, gateId: GATE, sequence: 1, at: NOW, receivedAt: NOW, entry },
      places,
      0,
    ).map(({ kind, says, place }) => `${kind} ${says} ${place}`);
  const portal = (event: PortalEvent) => said({ ...head, kind: "portal", body: { portalId: DOOR, event } });
  const reader = (event: ReaderEvent) => said({ ...head, kind: "reader", body: { readerId: READER, event } });
  const gate = (event: GateEvent) => said({ ...head, kind: "gate", body: { event } });
  expect([portal("contact-chatter"), portal("contact-steady")].flat()).toEqual([
    `contact-chatter begins ${DOOR}`,
    `contact-chatter ends ${DOOR}`,
  ]);
  expect([reader("flooded"), reader("flood-ended")].flat()).toEqual([
    `reader-flooded begins ${READER}`,
    `reader-flooded ends ${READER}`,
  ]);
  expect([gate("battery-low"), gate("battery-restored")].flat()).toEqual([
    `battery-low begins ${GATE}`,
    `battery-low ends ${GATE}`,
  ]);
});

test("one late write of a gate's records rings for nobody; records that are not kept safely ring until they are", () => {
  const said = (body: GateEntry["body"], sequence: number) =>
    signalsOfEvent(
      {
        position: sequence,
        gateId: GATE,
        sequence,
        at: Instant(NOW + sequence),
        receivedAt: Instant(NOW + sequence),
        entry: { version: 1, sequence, earliest: NOW, latest: NOW, kind: "gate", body },
      },
      places,
      0,
    );
  const alarmsOf = (signals: readonly Signal[]) =>
    foldSignals([], signals, () => "a").changed.map(({ kind, place, endedAt }) => ({ kind, place, endedAt }));
  expect(alarmsOf(said({ event: "journal-late", cause: "after-1250-ms" }, 1))).toEqual([]);
  expect(lasting(report([{ code: "journal-late", severity: "notice" }]))).toEqual([]);

  const begins = said({ event: "journal-degraded", cause: "often-late" }, 2);
  expect(alarmsOf(begins)).toEqual([{ kind: "journal-degraded", place: GATE, endedAt: undefined }]);
  expect(lasting({ ...report([]), journalDegraded: true })).toEqual([`journal-degraded ${GATE}`]);
  const ends = said({ event: "journal-restored" }, 3);
  expect(alarmsOf([...begins, ...ends])).toEqual([
    { kind: "journal-degraded", place: GATE, endedAt: NOW + 3 },
  ]);
  // The entry of its end may be long on its way: the gate's own report ends it too.
  const state = { ...unknownGate(GATE), enrolment: "enrolled", online: true, linkSince: NOW } as const;
  const well = signalsOfState(
    { ...state, status: { ...report([]), earliest: Instant(NOW + 9) }, statusAt: Instant(NOW + 9) },
    places,
    NOW + 9,
  ).filter(({ kind }) => kind === "journal-degraded");
  expect(alarmsOf([...begins, ...well])).toEqual([
    { kind: "journal-degraded", place: GATE, endedAt: NOW + 9 },
  ]);
});
