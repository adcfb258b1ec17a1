export * from "./certificate.ts";
export * from "./certificate-request.ts";
export * from "./community-ca.ts";
export * from "./enrolment-code.ts";
export * from "./errors.ts";
