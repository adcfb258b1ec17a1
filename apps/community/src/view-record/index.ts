export { known, type StaffLook, selectLooksAt, viewReason } from "./looks.ts";
export { makeViewRecorder, type View, type ViewRecorder } from "./view-recorder.ts";
