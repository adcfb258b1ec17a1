import { randomBytes } from "@menshen/crypto";
import { type Attendance, addShares, attendCeremony, type CustodianSet } from "@menshen/custody";
import { custodianEndpoints, custodianMotionEndpoints } from "@menshen/wire";
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useState } from "react";
import { type CeremonyProgress, callOf, makeBoard } from "./ceremony-board.ts";
import { useDesk } from "./desk-context.tsx";
import { STANDING_KEY } from "./use-standing.ts";

/** The board is looked at again after this long. */
const PAUSE_MS = 700;
/** Fifteen minutes to come, two to answer: the server gives up at about the same time. */
const LOOKS = { gathering: 1_280, running: 170 } as const;

/** What this browser does about the making of keys. `broken`: the server could not be reached in the middle. */
export type KeyMaking =
  | { readonly is: "idle" }
  | { readonly is: "attending"; readonly progress?: CeremonyProgress }
  | { readonly is: "ended"; readonly attendance: Attendance }
  | { readonly is: "broken" };

const Context = createContext<
  | {
      readonly making: KeyMaking;
      /** Calls the others, or joins those who called, and stays to the end; with a motion, for the key of its ballots. */
      readonly attend: (set: CustodianSet, index: number, motionId?: string) => void;
    }
  | undefined
>(undefined);

/** Stands above the desk's pages, so that going from one to another does not leave the others alone. */
export function CeremonyProvider(props: { children: ReactNode }) {
  const desk = useDesk();
  const client = useQueryClient();
  const [making, setMaking] = useState<KeyMaking>({ is: "idle" });

  const attend = async (set: CustodianSet, index: number, motionId?: string) => {
    setMaking({ is: "attending" });
    try {
      const { id } =
        motionId === undefined
          ? await desk.call(custodianEndpoints.startCeremony, {})
          : await desk.call(custodianMotionEndpoints.startCeremony, { params: { id: motionId } });
      const table = await desk.call(custodianEndpoints.table, { params: { id } });
      const attendance = await attendCeremony({
        board: makeBoard(desk, id, (progress) => setMaking({ is: "attending", progress })),
        call: callOf(table, set),
        set,
        index,
        secretKey: desk.contents().identitySeed,
        keep: ({ keys, shares }) =>
          desk.change((contents) => addShares(contents, id, keys, shares, motionId)),
        random: randomBytes,
        pause: () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS)),
        looks: LOOKS,
      });
      setMaking({ is: "ended", attendance });
    } catch {
      setMaking({ is: "broken" });
    }
    await client.invalidateQueries({ queryKey: STANDING_KEY });
    await client.invalidateQueries({ queryKey: ["custodian", "motions"] });
  };
  return <Context value={{ making, attend: (...of) => void attend(...of) }}>{props.children}</Context>;
}

export function useKeyMaking() {
  const found = useContext(Context);
  if (found === undefined) throw new Error("no CeremonyProvider above");
  return found;
}

/** Whether keys are being made now; `false` too where no desk is open. */
export function useIsAttending(): boolean {
  return useContext(Context)?.making.is === "attending";
}
