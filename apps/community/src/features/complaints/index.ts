export { complaintsRoutes } from "./complaints.routes.ts";
export { makeComplaints } from "./make-complaints.ts";
