import { type PersonalDataKind, personalDataIn } from "@menshen/domain";
import type { Reader, Trx } from "../../database/database.ts";
import { refusal } from "../../errors.ts";

const WORDS: Readonly<Record<PersonalDataKind, string>> = {
  "id-number": "an identity card number",
  phone: "a telephone number",
  email: "an address of mail",
  "known-name": "the name or home of somebody who lives here",
};

/** INVARIANT: nothing of a resident is published; a leaf of the log cannot be taken back. */
export async function demandNobody(trx: Trx, texts: Readonly<Record<string, string>>): Promise<void> {
  const names = await selectKnownNames(trx);
  const fields = Object.entries(texts).flatMap(([name, text]) =>
    personalDataIn(text, names).map((kind) => ({
      path: `body/${name}`,
      message: `expected a text without ${WORDS[kind]}`,
    })),
  );
  if (fields.length > 0) {
    throw refusal("invalid-request", "this text is published for good: it must not tell of a person", {
      fields,
    });
  }
}

/** Names of people and homes that no published text may hold. */
async function selectKnownNames(db: Reader): Promise<readonly string[]> {
  const people = await db.selectFrom("person").select("display_name as name").execute();
  const homes = await db
    .selectFrom("dwelling")
    .innerJoin("building", "building.id", "dwelling.building_id")
    .select(["building.name as building", "dwelling.name as name"])
    .execute();
  return [...people.map(({ name }) => name), ...homes.map(({ building, name }) => `${building}${name}`)];
}
