import type { ChangeRunner } from "./change-record/change-scope.ts";
import type { Clock } from "./clock.ts";
import type { Database } from "./database/database.ts";
import { aliroRoutes, makeAliroServices } from "./features/aliro/index.ts";
import { cardKeysRoutes, makeCardKeyServices } from "./features/card-keys/index.ts";
import { cardListsRoutes, makeCardListsService } from "./features/card-lists/index.ts";
import { cardMigrationRoutes, makeCardMigrationService } from "./features/card-migration/index.ts";
import {
  type CardKeys,
  credentialsRoutes,
  makeCredentialsService,
  makeEnroller,
} from "./features/credentials/index.ts";
import type { ModelCache } from "./features/publishing/index.ts";
import type { ProofsService } from "./features/transparency/index.ts";
import type { Router } from "./http/router.ts";
import type { KeyVault } from "./keys/key-vault.ts";
import type { StorageKey } from "./keys/storage-key.ts";

/** Cards and telephones: enrolled, renewed, taken over from older lists; and their keys. */
export function makeCards(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly cardKeys: CardKeys;
  readonly vault: KeyVault;
  readonly cache: ModelCache;
  readonly proofs: ProofsService;
}) {
  const { cardKeys, storageKey, vault } = dependencies;
  const enroller = makeEnroller({ cardKeys, storageKey, keys: vault.keys });
  const migration = makeCardMigrationService(dependencies);
  return {
    enroller,
    findings: migration.findings,
    routes(router: Router): void {
      const enrolling = { ...dependencies, enroller };
      aliroRoutes(router, makeAliroServices(enrolling));
      cardKeysRoutes(router, makeCardKeyServices(dependencies));
      credentialsRoutes(router, makeCredentialsService(enrolling));
      cardMigrationRoutes(router, migration);
      cardListsRoutes(router, makeCardListsService(enrolling));
    },
  };
}
