/** A door that somebody may have asked for by its name. */
interface NamedDoor {
  readonly portalId: string;
  readonly name: string;
}

const MOST_DOORS = 8;
/** The words for opening in either language, whatever the screen speaks. */
const OPEN = /^(?:开门|打开|开启|开|open)\s*/iu;

/** Whether the text begins as an order to open, and the doors whose name holds the rest of it; at most eight. */
export function doorsToOpen<Door extends NamedDoor>(
  text: string,
  doors: readonly Door[],
): { readonly isOrder: boolean; readonly doors: readonly Door[] } {
  const asked = text.trim().toLowerCase();
  const isOrder = OPEN.test(asked);
  const named = (part: string) => doors.filter(({ name }) => name.toLowerCase().includes(part));
  // A door may be called "Open court": its whole name counts, too.
  const rest = isOrder ? asked.replace(OPEN, "") : asked;
  const found = asked === "" ? [] : [...new Set([...named(rest), ...named(asked)])];
  return { isOrder, doors: found.slice(0, MOST_DOORS) };
}

/** Pages whose title holds the text. */
export function pagesNamed<Page extends { readonly title: string }>(
  text: string,
  pages: readonly Page[],
): readonly Page[] {
  const asked = text.trim().toLowerCase();
  return asked === "" ? [] : pages.filter(({ title }) => title.toLowerCase().includes(asked));
}
