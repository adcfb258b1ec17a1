import { accessPointEndpoints } from "@menshen/wire";
import { usePaged } from "../../api/paged.ts";

/** Doors by name, as requests name them: one direction through a door each. */
export function useDoorNames() {
  const read = usePaged(accessPointEndpoints.list, { limit: 500 });
  const all = read.items.map(({ id, name, portalName }) => ({
    id,
    name: `${portalName} · ${name}`,
  }));
  return {
    all,
    failed: read.isError,
    nameOf: (id: string): string | undefined => all.find((door) => door.id === id)?.name,
  };
}
