export { penaltiesRoutes } from "./penalties.routes.ts";
export { makePenaltiesService } from "./penalties.service.ts";
export { demandNobody } from "./published-text.ts";
