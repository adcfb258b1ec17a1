import { CredentialKey, type Presentation } from "@menshen/domain";
import { expect, test } from "vitest";
import { makeCounterGuard } from "./counter-guard.ts";

const key = CredentialKey(new Uint8Array(16).fill(1));
const tap = (counter?: number): Presentation => ({
  credentialKey: key,
  kind: "ntag424",
  grade: "C",
  evidence: counter === undefined ? {} : { counter },
});

/** What stands on the disk in place of the key. */
const nameOf = (credentialKey: Uint8Array) => credentialKey.map((byte) => byte ^ 0xff);

test("a counter must rise above the last one stored, and is stored before it counts", async () => {
  const saved: number[] = [];
  const guard = makeCounterGuard([[nameOf(key), 41]], nameOf, (name, counter) => {
    expect(name).toEqual(nameOf(key));
    saved.push(counter);
    return Promise.resolve(true);
  });
  expect(await guard(tap(41))).toEqual({ code: "credential-not-authentic", detail: "replay" });
  expect(await guard(tap(42))).toBeUndefined();
  expect(await guard(tap(42))).toEqual({ code: "credential-not-authentic", detail: "replay" });
  expect(await guard(tap(100))).toBeUndefined();
  expect(saved).toEqual([42, 100]);
});

test("a counter that cannot be stored opens nothing, and not again either", async () => {
  const guard = makeCounterGuard([], nameOf, () => Promise.resolve(false));
  expect(await guard(tap(0))).toEqual({ code: "journal-unavailable" });
  expect(await guard(tap(0))).toEqual({ code: "credential-not-authentic", detail: "replay" });
});

test("a card that counts anew under another key begins from the start", async () => {
  const guard = makeCounterGuard([], nameOf, () => Promise.resolve(true));
  const counted = (counter: number, series: number) => ({
    ...tap(counter),
    counterSeries: new Uint8Array(8).fill(series),
  });
  expect(await guard(counted(900, 1))).toBeUndefined();
  expect(await guard(counted(1, 2))).toBeUndefined();
  expect(await guard(counted(1, 2))).toEqual({ code: "credential-not-authentic", detail: "replay" });
  expect(await guard(counted(900, 1))).toEqual({ code: "credential-not-authentic", detail: "replay" });
});

test("what reports no counter passes", async () => {
  const guard = makeCounterGuard([], nameOf, () => Promise.reject(new Error("not asked")));
  expect(await guard(tap())).toBeUndefined();
});
