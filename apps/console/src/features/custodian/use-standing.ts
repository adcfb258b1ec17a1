import { fromHex, toHex } from "@menshen/crypto";
import {
  adoptCustodians,
  adoptWitnessPolicy,
  type CustodianSet,
  destroyOverdue,
  parseCustodianSet,
  parseWitnessPolicy,
  placeIn,
  type ShownSet,
  type StoreContents,
  settleReceipt,
} from "@menshen/custody";
import { type CustodianStandingView, custodianEndpoints, custodyEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { ApiError, call } from "../../api/client.ts";
import type { Desk } from "./desk.ts";
import { useDesk } from "./desk-context.tsx";

const EVERY_MS = 2_000;

/** How this custodian stands, as far as the program believes it. */
export interface Standing {
  /** Absent: the server does not know this key. */
  readonly shown?: CustodianStandingView;
  /** The set that the program goes by; absent before the person confirmed the first one. */
  readonly set?: CustodianSet;
  /** This custodian's place in it, from 1. */
  readonly index?: number;
  /** The first set, to be compared and confirmed. */
  readonly firstSet?: CustodianSet;
  /** The server shows sets that do not follow from the known one. */
  readonly fault?: "not-endorsed" | "known-set-missing" | "other-grid" | "other-community";
}

/**
 * Destroys what is over, delivers receipts, asks the server how things stand, and follows endorsed sets of custodians.
 */
async function tend(desk: Desk, signal: AbortSignal): Promise<Standing> {
  await desk.change((contents) => destroyOverdue(contents, Date.now()).contents);
  let shown: CustodianStandingView;
  try {
    shown = await desk.call(custodianEndpoints.standing, { signal });
  } catch (error) {
    // Not appointed, or no longer: the program goes on by what it knows.
    if (error instanceof ApiError && error.code === "key-refused") return standingBy(desk.contents());
    throw error;
  }
  await deliverReceipts(desk);
  return follow(desk, shown);
}

async function deliverReceipts(desk: Desk): Promise<void> {
  for (const receipt of desk.contents().receipts) {
    const { ceremony, epoch, destroyedAtMs, signature } = receipt;
    await desk.call(custodianEndpoints.receipt, {
      body: { ceremony, epoch, destroyedAt: destroyedAtMs, signature: toHex(signature) },
    });
    await desk.change((contents) => settleReceipt(contents, receipt));
  }
}

async function follow(desk: Desk, shown: CustodianStandingView): Promise<Standing> {
  const known = desk.contents();
  if (shown.communityId !== known.communityId) return { ...standingBy(known), fault: "other-community" };
  const { anchorMs, epochMs } = known.grid;
  if (shown.grid.anchorMs !== anchorMs || shown.grid.epochMs !== epochMs) {
    return { ...standingBy(known), fault: "other-grid" };
  }
  if (shown.retentionDays !== known.retentionDays) {
    await desk.change((contents) => ({ ...contents, retentionDays: shown.retentionDays }));
  }
  await followPolicy(desk, shown);
  const adoption = adoptCustodians(desk.contents(), shown.sets.map(readSet));
  if (!adoption.adopted) {
    const { refusal } = adoption;
    return {
      ...standingBy(known),
      shown,
      ...(refusal === "none-shown" ? {} : { fault: refusal }),
    };
  }
  if (known.custodians === undefined) return { shown, firstSet: adoption.set };
  if (adoption.isNew) await desk.change((contents) => ({ ...contents, custodians: adoption.set }));
  return { ...standingBy(desk.contents()), shown };
}

/** Before later custodians are followed: what those before them agreed to counts until then. */
async function followPolicy(desk: Desk, { sets, witnessPolicy }: CustodianStandingView): Promise<void> {
  if (witnessPolicy === undefined) return;
  const { encoded, setVersion, endorsements } = witnessPolicy;
  const shown = {
    policy: parseWitnessPolicy(fromHex(encoded)),
    setVersion,
    endorsements: endorsements.map(({ index, signature }) => ({ index, signature: fromHex(signature) })),
  };
  await desk.change((contents) => {
    const log = adoptWitnessPolicy(contents, sets.map(readSet), shown);
    return log === contents.log ? contents : { ...contents, log };
  });
}

function standingBy(contents: StoreContents): Standing {
  const set = contents.custodians;
  if (set === undefined) return {};
  const index = placeIn(contents, set);
  return index === undefined ? { set } : { set, index };
}

function readSet({ encoded, endorsements }: CustodianStandingView["sets"][number]): ShownSet {
  return {
    set: parseCustodianSet(fromHex(encoded)),
    endorsements: endorsements.map(({ index, signature }) => ({ index, signature: fromHex(signature) })),
  };
}

export const STANDING_KEY = ["custodian", "standing"] as const;

export function useStanding() {
  const desk = useDesk();
  return useQuery({
    queryKey: STANDING_KEY,
    queryFn: ({ signal }) => tend(desk, signal),
    refetchInterval: EVERY_MS,
    refetchIntervalInBackground: true,
    staleTime: 0,
    gcTime: 0,
  });
}

/** What anybody may know of custody: who was there when, epochs and receipts. */
export function useCustodyStatus() {
  return useQuery({
    queryKey: ["custodian", "status"],
    queryFn: ({ signal }) => call(custodyEndpoints.status, { signal }),
    refetchInterval: 5 * EVERY_MS,
  });
}
