import { ed25519Verify, primitives, sha256 } from "@menshen/crypto";
import {
  type ComplaintChecked,
  checkComplaint,
  type KeptComplaint,
  logVerifyKeysOf,
  parseVerifierKey,
} from "@menshen/evidence";
import {
  complaintEndpoints,
  evidenceEndpoints,
  type LogDescription,
  type OwnComplaint,
  type PublicStatement,
} from "@menshen/wire";
import { ApiError, call, request } from "../api/client.ts";
import type { DeviceStore } from "../device/device-store.ts";

/** What this device keeps of a complaint. Nothing drops it: a server that shows the complaint no more proves itself wrong. */
export interface DeviceComplaint extends KeptComplaint {
  readonly id: string;
  /** Of one without a name: nothing else leads back to it. */
  readonly code?: string;
}

const KEPT = "complaint-receipts";

export async function keptComplaints(store: DeviceStore): Promise<readonly DeviceComplaint[]> {
  // Written by the function below.
  return ((await store.remembered(KEPT)) as readonly DeviceComplaint[] | undefined) ?? [];
}

/** Keeps those that this device does not have yet; what it has stays as it was first given. */
export async function keepComplaints(
  store: DeviceStore,
  complaints: readonly OwnComplaint[],
  code?: string,
): Promise<void> {
  const kept = await keptComplaints(store);
  const fresh = complaints.filter(({ id }) => kept.every((one) => one.id !== id));
  if (fresh.length === 0) return;
  await store.remember(KEPT, [
    ...fresh.map((one) => ({ id: one.id, ...keptOf(one), ...(code === undefined ? {} : { code }) })),
    ...kept,
  ]);
}

/** What a file of it holds. */
export function keptOf({ receipt, kind, category, text, nonce }: OwnComplaint): KeptComplaint {
  return { receipt, written: { kind, category, text, nonce } };
}

/**
 * One's own complaints, and those without a name whose codes this device keeps; newest first. What the server gives is kept
 * here at once.
 */
export async function readComplaints(store: DeviceStore): Promise<readonly OwnComplaint[]> {
  const { items } = await call(complaintEndpoints.own, {});
  await keepComplaints(store, items);
  const kept = await keptComplaints(store);
  const nameless = await Promise.all(
    kept.flatMap(({ code }) => (code === undefined ? [] : [followOrNothing(code)])),
  );
  return [...items, ...nameless.flatMap((one) => one ?? [])].sort(
    (first, second) => second.receivedAt - first.receivedAt,
  );
}

/** Undefined where the server says that there is none. */
async function followOrNothing(code: string): Promise<OwnComplaint | undefined> {
  try {
    return await call(complaintEndpoints.follow, { body: { code } });
  } catch (error) {
    if (error instanceof ApiError && error.code === "code-invalid") return undefined;
    throw error;
  }
}

/** Checks a receipt by the keys that this device saw first. */
export async function checkOnDevice(
  kept: KeptComplaint,
  receiptKey: string,
  log: LogDescription | undefined,
): Promise<ComplaintChecked> {
  const parsed = parseVerifierKey(sha256, receiptKey);
  const keys = {
    receipt: parsed.parsed ? [parsed.key] : [],
    log: log === undefined ? undefined : logVerifyKeysOf({ sha256 }, log),
  };
  return checkComplaint(
    { ...primitives, sha256, ed25519Verify },
    kept,
    keys,
    { placeOf, proofOf },
    Date.now(),
  );
}

async function placeOf(leafId: string, at: number): Promise<number | undefined> {
  const query = new URLSearchParams({
    topic: "complaint-received",
    from: String(at),
    until: String(at + 1),
  });
  const response = await request(`${evidenceEndpoints.statements.path}?${query}`);
  const { items }: { items: readonly PublicStatement[] } = await response.json();
  return items.find((one) => one.leafId === leafId)?.index;
}

async function proofOf(index: number): Promise<string | undefined> {
  try {
    return await (await request(`/log/proof/${index}`)).text();
  } catch (error) {
    if (error instanceof ApiError && error.code === "not-found") return undefined;
    throw error;
  }
}
