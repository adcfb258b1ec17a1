import type { Reader } from "./database.ts";

/** As people sort names: pinyin for Chinese, 9 before 10. The database cannot: it does not read them. */
const COLLATOR = new Intl.Collator("zh-u-kn-true");

export function compareNames(one: string, other: string): number {
  return COLLATOR.compare(one, other);
}

/** Whether a name holds the text somewhere, however its letters are written. */
export function nameHolds(name: string, text: string): boolean {
  return name.toLocaleLowerCase().includes(text.toLocaleLowerCase());
}

/** People who are not removed and whose names hold the text: all are opened and looked at, as no name is in the database. */
export async function selectPeopleNamed(
  db: Reader,
  text: string,
): Promise<readonly { readonly id: string; readonly name: string }[]> {
  const rows = await db
    .selectFrom("person")
    .select(["id", "display_name as name"])
    .where("removed_at", "is", null)
    .execute();
  return rows.filter(({ name }) => nameHolds(name, text));
}
