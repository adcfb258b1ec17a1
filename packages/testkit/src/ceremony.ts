import { randomBytes } from "@menshen/crypto/node";
import {
  beginCeremony,
  type CeremonySetup,
  type CeremonyState,
  type EpochKey,
  type KeyShare,
  makeCeremonyKey,
  receiveMessage,
} from "@menshen/custody";

/** What a ceremony of key generation came to. */
export interface HeldCeremony {
  readonly setup: CeremonySetup;
  readonly certificate: Uint8Array;
  readonly keys: readonly EpochKey[];
  /** By custodian, its share of each epoch. */
  readonly shares: readonly (readonly KeyShare[])[];
}

/** Plays an undisturbed ceremony of honest custodians to its end, all in this process. */
export function holdCeremony(
  plan: Pick<CeremonySetup, "threshold" | "firstEpoch" | "epochCount">,
): HeldCeremony {
  const custodians = Array.from({ length: plan.threshold.n }, () => makeCeremonyKey(randomBytes));
  const setup: CeremonySetup = {
    ...plan,
    id: randomBytes(32),
    custodians: custodians.map(({ publicKey }) => publicKey),
  };
  const post: { readonly from: number; readonly message: Uint8Array }[] = [];
  const states: CeremonyState[] = custodians.map(({ secretKey }, from) => {
    const step = beginCeremony({ setup, secretKey, random: randomBytes });
    for (const message of step.send) post.push({ from, message });
    return step.state;
  });
  for (let letter = post.shift(); letter !== undefined; letter = post.shift()) {
    for (const [to, state] of states.entries()) {
      if (to === letter.from) continue;
      const step = receiveMessage(state, letter.message);
      states[to] = step.state;
      for (const message of step.send) post.push({ from: to, message });
    }
  }
  const finished = states.flatMap((state) => (state.phase === "finished" ? [state] : []));
  const [first] = finished;
  if (first === undefined || finished.length !== custodians.length) {
    throw new Error("the ceremony did not finish");
  }
  return {
    setup,
    certificate: first.certificate,
    keys: first.keys,
    shares: finished.map(({ shares }) => shares),
  };
}
