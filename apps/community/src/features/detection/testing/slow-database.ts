import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import { type Database, openDatabase } from "../../../database/database.ts";
import type { EnginePlan } from "../engine-thread.ts";

/** What a thread of a test is told beside its connection. */
export interface TestPlan extends EnginePlan {
  /** What its clock says. */
  readonly now: number;
  /** How many answers of the database each of its lives takes before it dies; the last life is whole. */
  readonly dies?: readonly number[];
  /** Of four bytes: how many lives began. Shared by them. */
  readonly lives?: SharedArrayBuffer;
}

/** So slow that there is time to be killed between any two statements. */
export function slowDatabase(connection: pg.PoolConfig, answered: () => void = () => undefined): Database {
  return openDatabase(connection, () => undefined).withPlugin({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      await delay(5);
      answered();
      return result;
    },
  });
}
