import type { CardListFindingCode } from "@menshen/wire";

/** A dwelling and who lives there. */
export interface Home {
  readonly dwellingId: string;
  readonly buildingName: string;
  readonly name: string;
  readonly residents: readonly { readonly personId: string; readonly name: string }[];
}

/** Whose card a row is, or why nobody can tell. */
export type MatchedHolder =
  | {
      readonly personId: string;
      readonly personName: string;
      readonly dwellingId: string;
      readonly dwellingName: string;
    }
  | {
      readonly finding: Extract<
        CardListFindingCode,
        `${string}person${string}` | `${string}dwelling${string}`
      >;
    };

/** What a list says of a holder; absent where it has no such column. */
export interface SaidHolder {
  readonly person: string | undefined;
  readonly building: string | undefined;
  readonly dwelling: string | undefined;
}

/** Words that lists put behind numbers, each its own way: `1号楼101室`, `1-101`, `1栋 101`. */
const UNIT_WORDS = /号楼|楼栋|单元|[栋幢座室号楼#]/g;

/**
 * Finds holders among those who live here. A list names homes as its makers liked: numbers and names count, not the words
 * and signs between them. Nothing is guessed where two fit.
 */
export function makeHolderMatcher(homes: readonly Home[]): (said: SaidHolder) => MatchedHolder {
  const byPlace = new Map<string, Home[]>();
  const byPerson = new Map<string, { readonly home: Home; readonly personId: string }[]>();
  for (const home of homes) {
    push(byPlace, placeOf(`${home.buildingName} ${home.name}`), home);
    for (const { personId, name } of home.residents) push(byPerson, nameOf(name), { home, personId });
  }

  return ({ person, building, dwelling }) => {
    const place = placeOf(`${building ?? ""} ${dwelling ?? ""}`);
    if (dwelling === undefined && building === undefined) {
      const found = byPerson.get(nameOf(person ?? "")) ?? [];
      const [only, ...others] = found;
      if (only === undefined) return { finding: "no-person" };
      // Somebody who lives in two homes is in none of them for certain.
      if (others.length > 0) return { finding: "person-unclear" };
      return holder(only.home, only.personId);
    }
    const [home, ...others] = place === "" ? [] : (byPlace.get(place) ?? []);
    if (home === undefined) return { finding: "no-dwelling" };
    if (others.length > 0) return { finding: "dwelling-unclear" };
    const wanted = nameOf(person ?? "");
    const residents =
      wanted === "" ? home.residents : home.residents.filter(({ name }) => nameOf(name) === wanted);
    const [resident, ...more] = residents;
    if (resident === undefined) return { finding: "no-person" };
    return more.length > 0 ? { finding: "person-unclear" } : holder(home, resident.personId);
  };
}

function holder(home: Home, personId: string): MatchedHolder {
  const name = home.residents.find((resident) => resident.personId === personId)?.name ?? "";
  return {
    personId,
    personName: name,
    dwellingId: home.dwellingId,
    dwellingName: `${home.buildingName} ${home.name}`,
  };
}

/** Numbers without leading zeros, and names, in their order. */
function placeOf(text: string): string {
  const parts = text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(UNIT_WORDS, " ")
    .match(/\d+|[^\W\d_]+|[\u3400-\u9fff]+/g);
  return (parts ?? []).map((part) => (/^\d/.test(part) ? part.replace(/^0+(?=\d)/, "") : part)).join("-");
}

function nameOf(text: string): string {
  return text.normalize("NFKC").toLowerCase().replaceAll(/\s/g, "");
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const there = map.get(key);
  if (there === undefined) map.set(key, [value]);
  else there.push(value);
}
