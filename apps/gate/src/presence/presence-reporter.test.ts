import { AccessPointId, AreaId, CredentialKey, DwellingId, GateId, Holder, Instant } from "@menshen/domain";
import { type PresenceReport, presenceReport } from "@menshen/wire";
import { expect, test } from "vitest";
import { makeAtDoor } from "./at-door.ts";
import { makePresenceReporter } from "./presence-reporter.ts";

const HALL = AreaId("eeeeeeee-0000-4000-8000-000000000002");
const DOOR = AccessPointId("cccccccc-0000-4000-8000-000000000001");
const HOME = DwellingId("f0f0f0f0-0000-4000-8000-000000000001");
const family = { dwellingId: HOME, role: "family" } as const;
const at = Instant(1_800_000_000_000);
const of = (digit: string) => Holder(digit.repeat(16));

function rig() {
  const waits: { readonly ms: number; readonly run: () => void }[] = [];
  const said: PresenceReport[] = [];
  const state = { isFireOn: false, persons: 3 };
  const reporter = makePresenceReporter({
    gateId: GateId("aaaaaaaa-0000-4000-8000-000000000001"),
    room: {
      counts: () => [{ areaId: HALL, persons: state.persons, apart: false }],
      muster: () => [{ areaId: HALL, holders: [of("1"), of("2"), of("3")], unnamed: 4 }],
    },
    atDoor: { list: () => [] },
    whoseIs: (holder) => (holder === of("3") ? undefined : family),
    isFireOn: () => state.isFireOn,
    after(ms, run) {
      const wait = { ms, run };
      waits.push(wait);
      return () => void waits.splice(waits.indexOf(wait), 1);
    },
  });
  return {
    reporter,
    said,
    state,
    waits,
    send: (report: Uint8Array) => said.push(presenceReport.decode(report)),
  };
}

test("tells counts at the connect, once for many changes of a second, and every 20 s", () => {
  const { reporter, said, state, waits, send } = rig();
  reporter.changed();
  expect(waits).toEqual([]);
  reporter.connected(send);
  expect(said).toEqual([
    {
      version: 1,
      gateId: "aaaaaaaa-0000-4000-8000-000000000001",
      areas: [{ areaId: HALL, persons: 3, apart: false }],
      atDoor: [],
    },
  ]);
  expect(waits.map(({ ms }) => ms)).toEqual([20_000]);
  state.persons = 4;
  reporter.changed();
  reporter.changed();
  expect(waits.map(({ ms }) => ms)).toEqual([1_000]);
  waits[0]?.run();
  expect(said.map(({ areas }) => areas[0]?.persons)).toEqual([3, 4]);
  reporter.disconnected();
  reporter.changed();
  reporter.review();
  expect(said).toHaveLength(2);
});

test("while a fire input is on it says at once who counts as inside: home, role and number, no person", () => {
  const { reporter, said, state, send } = rig();
  reporter.connected(send);
  reporter.review();
  expect(said).toHaveLength(1);
  state.isFireOn = true;
  reporter.review();
  expect(said[1]?.muster).toEqual([
    { areaId: HALL, ...family, persons: 2 },
    { areaId: HALL, persons: 5 },
  ]);
  state.isFireOn = false;
  reporter.review();
  expect(said[2]?.muster).toBeUndefined();
});

test("who was refused is told for ten minutes, the latest 64, and nobody of whom guards are told nothing", () => {
  let nowMs = 0;
  let changes = 0;
  const whose = [family, {}];
  const key = (number: number) => CredentialKey(new Uint8Array(16).fill(number));
  const atDoor = makeAtDoor({
    cardKeys: () => ({
      person(credentialKey) {
        const known = whose[credentialKey[0] ?? 9];
        return known && { holder: of("1"), isStaff: false, needsEscort: false, whose: known };
      },
    }),
    earliest: () => at,
    monotonicMs: () => nowMs,
    changed: () => {
      changes += 1;
    },
  });
  const refused = (sequence: number, number: number) =>
    atDoor.note(DOOR, { stored: true, sequence }, { credentialKey: key(number) });
  refused(7, 0);
  refused(8, 1);
  refused(9, 2);
  atDoor.note(DOOR, { stored: true, sequence: 10 }, undefined);
  atDoor.note(DOOR, { stored: false, cause: "late" }, { credentialKey: key(0) });
  expect(atDoor.list()).toEqual([{ ...family, sequence: 7, at, accessPointId: DOOR }]);
  expect(changes).toBe(1);
  expect([7, 8, 9, 10].map((sequence) => atDoor.holderOf(sequence))).toEqual([
    of("1"),
    of("1"),
    undefined,
    undefined,
  ]);
  nowMs = 599_999;
  for (let sequence = 100; sequence < 164; sequence++) {
    refused(sequence, 0);
  }
  expect(atDoor.list().map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: 64 }, (_, i) => 100 + i),
  );
  nowMs += 600_000;
  expect(atDoor.list()).toEqual([]);
  expect(atDoor.holderOf(163)).toBeUndefined();
});
