import { makeAliroDocumentsService } from "./documents.service.ts";
import { makeAliroGroupsService } from "./groups.service.ts";
import { makePhoneKeysService } from "./phone-keys.service.ts";

type Dependencies = Parameters<typeof makeAliroGroupsService>[0] &
  Parameters<typeof makeAliroDocumentsService>[0] &
  Parameters<typeof makePhoneKeysService>[0];

/** Telephones as keys, put together. */
export function makeAliroServices(dependencies: Dependencies) {
  return {
    groups: makeAliroGroupsService(dependencies),
    documents: makeAliroDocumentsService(dependencies),
    phoneKeys: makePhoneKeysService(dependencies),
  };
}
