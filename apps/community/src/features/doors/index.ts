export { type AccessPointsService, makeAccessPointsService } from "./access-points.service.ts";
export { selectCountingGates, selectGatesOfArea } from "./area-gates.store.ts";
export { type AreasService, makeAreasService } from "./areas.service.ts";
export { doorsRoutes } from "./doors.routes.ts";
export {
  selectAccessPoints,
  selectArea,
  selectPortal,
  selectPortals,
  selectReader,
  selectReaders,
} from "./doors.store.ts";
export { type ModesService, makeModesService } from "./modes.service.ts";
export { type DesiredMode, selectModes, setOwnMode, settleModes } from "./modes.store.ts";
export { makePortalsService, type PortalsService } from "./portals.service.ts";
export { makeReadersService, type ReadersService } from "./readers.service.ts";
