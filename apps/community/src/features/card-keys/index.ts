import type { Clock } from "../../clock.ts";
import type { KeyVault } from "../../keys/key-vault.ts";
import { makeCardKeysService } from "./card-keys.service.ts";
import { makeKeyRequestsService } from "./key-requests.service.ts";
import { makeKeyStoreService } from "./key-store.service.ts";

export { cardKeysRoutes } from "./card-keys.routes.ts";
export { keyStoreFindings } from "./key-store.service.ts";

/** What this slice does, over one vault. */
export function makeCardKeyServices(
  dependencies: Omit<Parameters<typeof makeCardKeysService>[0], "keys"> & {
    readonly clock: Clock;
    readonly vault: KeyVault;
  },
) {
  const { vault, change } = dependencies;
  return {
    service: makeCardKeysService({ ...dependencies, keys: vault.keys }),
    requests: makeKeyRequestsService({ ...dependencies, keys: vault.keys }),
    store: makeKeyStoreService({ change, vault }),
  };
}
