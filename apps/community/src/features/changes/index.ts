export {
  type ChangeAuthor,
  type ChangeRunner,
  type ChangeScope,
  demandReason,
  makeChangeRunner,
  type PolicyWatch,
} from "./change-scope.ts";
export { changesRoutes } from "./changes.routes.ts";
export { type ChangesService, makeChangesService } from "./changes.service.ts";
