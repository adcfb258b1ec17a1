export { known, type StaffLook, selectLooksAt, viewReason } from "./looks.ts";
export { makeViewRecorder, type ViewRecorder } from "./view-recorder.ts";
