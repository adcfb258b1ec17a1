import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { selectPersonsToFollow } from "./register.store.ts";
import type { CredentialRegister } from "./register.ts";

const PERSONS_AT_ONCE = 200;

/**
 * Registers the credentials that have no leaf and should have one, and ends the leaves of those that should have none: what
 * was written by another program, or ended because its time was over. In small transactions, the next one behind the last.
 */
export async function catchUp(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly register: CredentialRegister;
}): Promise<void> {
  const { db, clock, register } = dependencies;
  let after: string | undefined;
  do {
    after = await db.transaction().execute(async (trx) => {
      const at = clock.now();
      const persons = await selectPersonsToFollow(trx, at, after, PERSONS_AT_ONCE);
      if (persons.length > 0) await register.followPersons(trx, at, persons);
      return persons.length < PERSONS_AT_ONCE ? undefined : persons.at(-1);
    });
  } while (after !== undefined);
}
