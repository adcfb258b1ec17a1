import { type FloorPlan, floorPlanEndpoints } from "@menshen/wire";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError, call } from "../../api/client.ts";

/** What is placed and drawn on a plan. */
export type Drawn = Pick<FloorPlan, "doors" | "areas">;

/** Whether the server has all of it; `changed-elsewhere`: somebody else's state is shown in place of one's own. */
export type SavingState = "saved" | "saving" | "failed" | "changed-elsewhere";

const drawnOf = ({ areas, doors }: FloorPlan): Drawn => ({ areas, doors });

/**
 * What is placed and drawn, saved as soon as it is: one request at a time, the last state wins. Every step can be undone.
 * @param afterSending does what a step asks for beyond this plan; nothing is called saved before it is done
 */
export function usePlanEdits(plan: FloorPlan, afterSending: () => Promise<void>) {
  const client = useQueryClient();
  const [drawn, setDrawn] = useState<Drawn>(() => drawnOf(plan));
  const [past, setPast] = useState<readonly Drawn[]>([]);
  const [state, setState] = useState<SavingState>("saved");
  const saved = useRef({ drawn, revision: plan.revision });
  const wanted = useRef(drawn);
  const isSending = useRef(false);
  const lastStep = useRef<string>(undefined);

  const adopt = useCallback((next: FloorPlan) => {
    saved.current = { drawn: drawnOf(next), revision: next.revision };
    wanted.current = saved.current.drawn;
    lastStep.current = undefined;
    setDrawn(wanted.current);
  }, []);

  // Read again with somebody else's change in it, while nothing of ours is on its way.
  useEffect(() => {
    if (
      plan.revision > saved.current.revision &&
      !isSending.current &&
      wanted.current === saved.current.drawn
    ) {
      adopt(plan);
      setPast([]);
    }
  }, [plan, adopt]);

  const readAgain = useCallback(
    () => client.invalidateQueries({ queryKey: [floorPlanEndpoints.list.id] }),
    [client],
  );

  const sendOne = useCallback(async (): Promise<void> => {
    const params = { id: plan.id };
    const { revision, drawn: before } = saved.current;
    const target = wanted.current;
    const answer =
      target.doors !== before.doors
        ? await call(floorPlanEndpoints.placeDoors, { params, body: { doors: target.doors, revision } })
        : await call(floorPlanEndpoints.drawAreas, { params, body: { areas: target.areas, revision } });
    const doors = target.doors !== before.doors ? target.doors : before.doors;
    const areas = target.doors !== before.doors ? before.areas : target.areas;
    const isAll = target.areas === areas && wanted.current === target;
    saved.current = { drawn: isAll ? target : { doors, areas }, revision: answer.revision };
  }, [plan.id]);

  const save = useCallback(async (): Promise<void> => {
    if (isSending.current) return;
    isSending.current = true;
    setState("saving");
    try {
      do {
        while (wanted.current !== saved.current.drawn) await sendOne();
        await afterSending();
      } while (wanted.current !== saved.current.drawn);
      setState("saved");
    } catch (error) {
      const isStale = error instanceof ApiError && error.code === "stale-revision";
      setState(isStale ? "changed-elsewhere" : "failed");
      if (isStale) {
        const { items } = await call(floorPlanEndpoints.list, {});
        const theirs = items.find(({ id }) => id === plan.id);
        setPast([]);
        if (theirs !== undefined) adopt(theirs);
      }
    } finally {
      isSending.current = false;
      await readAgain();
    }
  }, [plan.id, sendOne, afterSending, adopt, readAgain]);

  const put = useCallback(
    (next: Drawn) => {
      wanted.current = next;
      setDrawn(next);
      void save();
    },
    [save],
  );

  /** @param step steps of the same name, one after the other, are undone together: arrow keys */
  const edit = useCallback(
    (next: Drawn, step?: string) => {
      const before = wanted.current;
      if (step === undefined || step !== lastStep.current) setPast((steps) => [...steps, before]);
      lastStep.current = step;
      put(next);
    },
    [put],
  );

  /** Answers with the state that it went back to. */
  const undo = useCallback(() => {
    const before = past.at(-1);
    if (before === undefined) return undefined;
    lastStep.current = undefined;
    setPast(past.slice(0, -1));
    put(before);
    return before;
  }, [past, put]);

  return {
    drawn,
    edit,
    undo: past.length === 0 ? undefined : undo,
    state,
    retry: save,
    /** Revision that another change of the plan is made from. */
    revision: () => saved.current.revision,
    adopt,
  };
}
